"""Slots and deadlines: every figure of the garderie."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.site import TownHallAdmin
from enfance import delais
from enfance.admin.suppression import NommeParFermeturesAdmin
from enfance.calendrier import lundi
from enfance.ecoles import plusieurs
from enfance.extensions import ExtensionEnfance
from enfance.inscriptions import servir_creneau
from enfance.mairie.apercus import par_jour
from enfance.mairie.ecoles import creneau_et_ecoles, ecoles_offered, noms_ecoles
from enfance.mairie.effets import Reglage, effets_creneau, effets_regle, tardif_phrase
from enfance.mairie.touches import Touches, touches_at
from enfance.models import (
    AnneeScolaire,
    Creneau,
    Ecole,
    Inscription,
    RegleDelai,
    Scolarite,
    ecole_du_jour,
    load_calendrier,
)
from enfance.models.annee import JOURS
from portail.confirmation import Apercu, Effet, Suite
from portail.dates import jour_long
from portail.formulaires import WholeModelForm
from portail.francais import pluriel

SANS_MERCREDI = (
    "Aucune année scolaire n’a école le mercredi\u00a0: cochez «\u00a0mercredi\u00a0» sur l’année pour que ce créneau "
    "y ouvre."
)

SANS_SUPPLEMENT = (
    "Aucun supplément «\u00a0inscription hors délai\u00a0» n’est voté pour ce créneau aujourd’hui\u00a0: tant qu’il ne "
    "l’est pas, personne n’inscrit en retard."
)

PERSONNE = Touches()


def ask_first(
    model_admin: TownHallAdmin,
    request: HttpRequest,
    objet: Creneau | RegleDelai,
    effets: list[str],
    servis: Touches = PERSONNE,
) -> None:
    """Show these effects of a change of a créneau or of a deadline, and the inscriptions that it gives a place to, and
    wait for the agent's confirmation; nothing is asked when there is no effect. Called once all is written, which is
    taken back until then.
    """
    if effets or servis.lignes:
        apercu = Apercu(
            phrase=_phrase(servis),
            question="Enregistrer ce changement\u00a0?",
            suites=(Suite("Enregistrer"),),
            consequence="Leurs familles sont prévenues par e-mail." if servis.lignes else "",
            effets=tuple(Effet.of(phrase) for phrase in effets),
            tableaux=par_jour(servis, "Qui aura une place"),
            a_appeler=servis.injoignables,
            grave=bool(servis.lignes),
        )
        model_admin.confirm_change(request, objet, apercu, effets=effets)


def _phrase(servis: Touches) -> str:
    if not servis.lignes:
        return "Ce changement vaut pour les jours à venir."
    enfants = pluriel(servis.enfants, "enfant qui attend aura,enfants qui attendent auront")
    return f"{enfants} une place\u00a0: {pluriel(servis.inscriptions, 'inscription,inscriptions')}."


@admin.register(RegleDelai)
class RegleDelaiAdmin(TownHallAdmin):
    """A rule is its figures: the sentence follows them."""

    feminine = True
    list_display = ["__str__", "creneaux"]
    fieldsets = [
        (
            None,
            {
                "fields": ["genre", "heure", "nombre", "jour_semaine", "jour_mois"],
                "description": "Elle vaut pour tous les créneaux qui la suivent, et pour les jours à venir. Vous lirez "
                "avant ce qu’un changement fait aux inscriptions.",
            },
        ),
        (
            "Selon le jour de la semaine",
            {
                "fields": [f"groupe_{jour}" for jour in JOURS],
                "description": "Pour chaque jour, le jour limite qui le précède.",
            },
        ),
        ("En clair", {"fields": ["phrase", "exemple"]}),
    ]
    readonly_fields = ["phrase", "exemple"]
    deletable = True  # the database keeps those that a créneau follows

    def get_fieldsets(self, request: HttpRequest, obj: RegleDelai | None = None) -> list[Any]:
        """Leaves out the rule in words for one that does not exist yet."""
        return self.fieldsets if obj else self.fieldsets[:-1]

    def save_model(self, request: HttpRequest, obj: RegleDelai, form: forms.ModelForm, change: bool) -> None:
        """Asks first, showing what the change of the rule does to the créneaux that follow it."""
        if change:
            avant = RegleDelai.objects.get(pk=obj.pk)
            ask_first(self, request, obj, effets_regle(avant, avant.valeur, obj.valeur, now=timezone.now()))
        super().save_model(request, obj, form, change)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegleDelai]:
        return super().get_queryset(request).prefetch_related("creneaux", "creneaux_a_annuler", "creneaux_tardifs")

    @admin.display(description="créneaux qui la suivent", empty_value="aucun")
    def creneaux(self, regle: RegleDelai) -> str | None:
        """The créneaux that follow this rule to register, late or not, or to cancel, in their order; None when none
        does.
        """
        suivants = {*regle.creneaux.all(), *regle.creneaux_a_annuler.all(), *regle.creneaux_tardifs.all()}
        return ", ".join(str(creneau) for creneau in sorted(suivants, key=lambda c: (c.ordre, c.pk))) or None

    @admin.display(description="ce que lisent les parents")
    def phrase(self, regle: RegleDelai) -> str:
        """The rule as parents read it: « Modifiable … »."""
        return f"Modifiable {delais.delai_phrase(regle.valeur)}."

    @admin.display(description="exemple")
    def exemple(self, regle: RegleDelai) -> str:
        """The rule applied to next Monday: until when that day may be changed."""
        jour = lundi(timezone.localdate()) + timedelta(days=7)
        limite = delais.limite(jour, regle.valeur, load_calendrier())
        return f"Le {jour_long(jour)} est modifiable avant {delais.instant_phrase(limite)}."


class CreneauForm(WholeModelForm):
    class Meta:
        help_texts: ClassVar = {
            "places": "Vide\u00a0: sans limite. Plus de places servent la liste d’attente\u00a0: vous lirez avant ce "
            "que cela change.",
            "delai_inscription": "Changer la règle la change pour tous les créneaux qui la suivent.",
            "delai_tardif": "Après la limite et jusque-là, un parent inscrit encore, au supplément «\u00a0inscription "
            "hors délai\u00a0» que la commune a voté\u202f; il le lit avant de cocher. Sans ce vote, ou vide\u00a0: "
            "personne n’inscrit en retard.",
        }
        error_messages = {"code": {"unique": "Un créneau a déjà ce code."}}

    def clean(self) -> dict[str, Any] | None:
        """Refuse to close a weekday on which children are booked, or to take the créneau from a school whose pupils are
        booked in it.
        """
        cleaned = super().clean()
        retires = [jour for jour in JOURS if jour in self.changed_data and not self.cleaned_data.get(jour)]
        inscrits = self._jours_inscrits() if retires and self.instance.pk else {}
        for nom in retires:
            if jour := inscrits.get(JOURS.index(nom)):
                self.add_error(nom, f"Des enfants sont inscrits le {nom} (le prochain, le {jour_long(jour)}).")
        if self.instance.pk and "ecoles" in self.changed_data:
            self._check_ecoles()
        if not self.errors:
            self._check_tardif()
        return cleaned

    def _check_tardif(self) -> None:
        """The late limit comes after the limit to register, on every day to come."""
        inscription, tardif = self.cleaned_data["delai_inscription"], self.cleaned_data["delai_tardif"]
        jours = {rang for rang, nom in enumerate(JOURS) if self.cleaned_data.get(nom)}
        if tardif is None:
            return
        refus = tardif_phrase(inscription.valeur, tardif.valeur, self.cleaned_data["debut"], jours, now=timezone.now())
        if refus:
            self.add_error("delai_tardif", refus)

    def _check_ecoles(self) -> None:
        """A school whose pupils count on the créneau goes on holding it."""
        gardees = self.cleaned_data["ecoles"]
        places = Scolarite.objects.au_jour()
        a_venir = Inscription.objects.active().filter(creneau=self.instance, jour__gte=timezone.localdate())
        ailleurs = a_venir.exclude(Exists(places.filter(ecole__in=gardees))) if gardees else a_venir.none()
        premiere = ailleurs.annotate(nom_ecole=ecole_du_jour()).order_by("jour", "pk").first()
        if premiere is not None:
            self.add_error(
                "ecoles",
                f"Des enfants y sont inscrits ({premiere.nom_ecole}, le prochain, le {jour_long(premiere.jour)})"
                "\u00a0: cette école garde ce créneau.",
            )

    def _jours_inscrits(self) -> dict[int, date]:
        """The next booked day of each weekday."""
        inscriptions = Inscription.objects.active().filter(creneau=self.instance, jour__gte=timezone.localdate())
        jours = inscriptions.order_by("-jour").values_list("jour", flat=True).distinct()
        return {jour.weekday(): jour for jour in jours}


def _has_mercredi(today: date) -> bool:
    """Whether a year that is not over has school on Wednesdays."""
    return AnneeScolaire.objects.filter(mercredi=True, fin__gte=today).exists()


def _has_supplement(creneau: Creneau, today: date) -> bool:
    """Whether an app says today what booking this créneau late costs."""
    return any(tardives()(creneau, today) for tardives in ExtensionEnfance.installed().tardives)


def _places(places: int | None) -> str:
    return "sans limite" if places is None else str(places)


def moment_of(code: str) -> str:
    """The part of the day of a new créneau in a town of one school, which is not asked for it: « matin », « midi » or «
    soir » when its code is that word, else « journée ».
    """
    return code if code in Creneau.Moment else Creneau.Moment.JOURNEE


@admin.register(Creneau)
class CreneauAdmin(NommeParFermeturesAdmin):
    form = CreneauForm
    nommes = "creneaux"
    list_display = ["nom", "debut", "fin", "jours_ouverts", "places_par_jour", "delai_inscription", "pour_annuler"]
    list_select_related = ["delai_inscription", "delai_annulation"]
    search_fields = ["nom", "nom_court", "code"]
    search_help_text = "Nom du créneau"
    fieldsets = [
        ("Nom et heures", {"fields": ["nom", "nom_court", ("debut", "fin"), "code", "ordre"]}),
        (
            "Jours d’ouverture",
            {"fields": [tuple(JOURS)], "description": "Un jour où des enfants sont inscrits ne se ferme pas ici."},
        ),
        ("Places", {"fields": ["places"], "classes": ["demi"]}),
        (
            "Jusqu’à quand les parents peuvent changer",
            {"fields": ["delai_inscription", "delai_annulation", "delai_tardif"], "classes": ["demi"]},
        ),
    ]
    deletable = True  # the database keeps those that were ever booked

    def rows_of(self, queryset: QuerySet[Creneau], ecole: Ecole, request: HttpRequest) -> QuerySet[Creneau]:
        """The créneaux that this school holds."""
        return queryset.filter(pk__in=Creneau.objects.all().held_by([ecole.pk]).order_by().values("pk"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Creneau]:
        """In a town of several schools, the schools of each créneau are read in the same go."""
        creneaux = super().get_queryset(request)
        return creneaux.prefetch_related("ecoles") if ecoles_offered(request) else creneaux

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Creneau | None:
        """Locks the créneau when its form is sent, until the end of the transaction: no family books meanwhile a day
        that the form is about to close.
        """
        creneau: Creneau | None = super().get_object(request, object_id, from_field)
        if creneau and request.method == "POST":
            Creneau.objects.lock({creneau.code})
        return creneau

    def get_fieldsets(self, request: HttpRequest, obj: Creneau | None = None) -> list[Any]:
        """Adds, in a town of several schools, which schools hold the créneau and which part of the day it is."""
        if not ecoles_offered(request):
            return self.fieldsets
        return [self.fieldsets[0], ("Écoles", {"fields": ["ecoles", "moment"]}), *self.fieldsets[1:]]

    def autocomplete_label(self, obj: Creneau) -> str:
        """The créneau as the suggestions of a field name it, with its schools in a town of several."""
        return creneau_et_ecoles(obj) if plusieurs() else super().autocomplete_label(obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Creneau | None = None) -> list[str]:
        """The code of a créneau that exists already does not change."""
        return ["code"] if obj else []

    def save_model(self, request: HttpRequest, obj: Creneau, form: forms.ModelForm, change: bool) -> None:
        """Asks first, showing what the change does to the inscriptions to come. More places are given at once to the
        children who wait, whom the question names by day; fewer take a place from nobody.
        """
        now = timezone.now()
        if not change and "moment" not in form.fields:
            obj.moment = moment_of(obj.code)
        if change:
            avant = Reglage.of(Creneau.objects.with_delais().get(pk=obj.pk))
            effets = effets_creneau(avant, Reglage.of(obj), now=now)
        super().save_model(request, obj, form, change)
        if change:
            servis = servir_creneau(obj, now=now) if "places" in form.changed_data else []
            ask_first(self, request, obj, effets, touches_at(servis))
        if obj.delai_tardif and not _has_supplement(obj, timezone.localdate(now)):
            self.message_user(request, SANS_SUPPLEMENT, messages.WARNING)
        if obj.mercredi and ecoles_offered(request) and not _has_mercredi(timezone.localdate()):
            self.message_user(request, SANS_MERCREDI, messages.WARNING)
        if change and "places" in form.changed_data:
            avant, apres = (_places(places) for places in (form.initial["places"], obj.places))
            sentence = (
                f"Places par jour\u00a0: {avant} → {apres}. Enfants servis de la liste d’attente\u00a0: {len(servis)}."
            )
            self.log_change(request, obj, sentence)
            self.message_user(request, sentence)

    @admin.display(description="places par jour", ordering="places")
    def places_par_jour(self, creneau: Creneau) -> str:
        """The number of places a day, or « sans limite »."""
        return _places(creneau.places)

    @admin.display(description="écoles")
    def ecole(self, creneau: Creneau) -> str:
        """The schools that hold the créneau, or « toutes les écoles »."""
        return noms_ecoles(creneau.ecoles.all())

    @admin.display(description="délai pour annuler", empty_value="le même")
    def pour_annuler(self, creneau: Creneau) -> RegleDelai | None:
        """The deadline to cancel; None when it is the one to register."""
        return creneau.delai_annulation

    @admin.display(description="jours")
    def jours_ouverts(self, creneau: Creneau) -> str:
        """The weekdays on which the créneau is open: « lundi, mardi », or « aucun »."""
        return ", ".join(nom for rang, nom in enumerate(JOURS) if rang in creneau.jours) or "aucun"
