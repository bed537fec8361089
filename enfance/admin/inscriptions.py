"""Inscriptions through their one writer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, AdminForm
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from accounts.admin import EVERYWHERE
from accounts.suggestions import Suggestions
from enfance.admin.tableaux import ExportAdmin, InscriptionTable
from enfance.admin.traces import rangs
from enfance.inscriptions import Changement, Refus, decide, enregistrer
from enfance.mairie.filtres import ClasseFilter, CreneauFilter, ParJourAdmin
from enfance.models import Classe, Creneau, Enfant, Enregistrement, EtatInscription, Evenement, Inscription
from enfance.planning.ecarts import inscriptions_sans_repas
from enfance.regles import Acteur, Cle, Obstacle
from enfance.situation import load_situation
from portail.confirmation import CONFIRM, Apercu, Asked, Cellule, Suite, Tableau, ask, asks_first, confirm, hidden_of
from portail.dates import date_heure, jour_long
from portail.formulaires import WholeForm
from portail.francais import pluriel
from portail.signes import validate_ligne

Etat = Inscription.Etat
MANY = 200
CHOSEN = {ACTION_CHECKBOX_NAME, "select_across"}

MOTIF_HELP = "Pour passer une limite ou le nombre de places. Il est gardé avec le changement."


class InscrireForm(WholeForm):
    """A child, a day, a créneau; a motif where a rule must be passed over."""

    enfant = forms.ModelChoiceField(Enfant.objects.all())
    jour = forms.DateField(widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    creneau = forms.ModelChoiceField(Creneau.objects.all(), label="Créneau")
    motif = forms.CharField(required=False, max_length=200, validators=[validate_ligne], help_text=MOTIF_HELP)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ["enfant", "creneau"]:
            widget = Suggestions(Inscription._meta.get_field(name), admin.site)
            widget.choices = self.fields[name].choices
            self.fields[name].widget = widget

    def add_obstacles(self, obstacles: tuple[Obstacle, ...]) -> None:
        """Add to the form the errors that keep this child from being registered; beside those that a reason lets pass,
        the words that ask for one.
        """
        for obstacle in obstacles:
            if obstacle.overridable:
                self.add_error("motif", f"{phrase(obstacle)} Pour inscrire quand même, écrivez un motif.")
            else:
                self.add_error(None, phrase(obstacle))


class MotifSaisieForm(WholeForm):
    motif = forms.CharField(
        label="Motif (facultatif)",
        required=False,
        max_length=200,
        validators=[validate_ligne],
        widget=forms.TextInput({"class": "saisie", "form": "confirmation", "autocomplete": "off"}),
        help_text=MOTIF_HELP,
    )


@dataclass(frozen=True)
class LigneSaisie:
    """One inscription that an action would change, and what stands in its way."""

    inscription: Inscription
    obstacles: tuple[Obstacle, ...]

    @property
    def avertissements(self) -> list[str]:
        """What stands in the way of this change and a reason lets pass, in sentences."""
        return [phrase(obstacle) for obstacle in self.obstacles if obstacle.overridable]

    @property
    def refus(self) -> list[str]:
        """What stands in the way of this change and no reason lets pass, in sentences."""
        return [phrase(obstacle) for obstacle in self.obstacles if not obstacle.overridable]

    @property
    def cellules(self) -> tuple[str | Cellule, ...]:
        """The cells of this inscription in the table of the page of confirmation: child, day, créneau, state, and what
        stands in the way of the change.
        """
        remarques = [f"Impossible\u00a0: {phrase}" for phrase in self.refus]
        remarques += [f"Avec un motif\u00a0: {phrase}" for phrase in self.avertissements]
        une = self.inscription
        jour = capfirst(f"{jour_long(une.jour)} {une.jour.year}")
        etat = une.get_etat_display()
        return str(une.enfant), jour, str(une.creneau), etat, Cellule(" ".join(remarques), forte=bool(self.refus))


def phrase(obstacle: Obstacle) -> str:
    """What stands in the way of a change, as a sentence with a capital."""
    return obstacle.message[:1].upper() + obstacle.message[1:]


def cle_of(inscription: Inscription) -> Cle:
    """The child, the day and the créneau of this inscription, as the writer of inscriptions names them."""
    return Cle(inscription.enfant_id, inscription.jour, inscription.creneau.code)


class InscriptionClasseFilter(ClasseFilter):
    """Those of the days on which the child is in the class: its year, and no other."""

    path = "enfant__"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Inscription]) -> QuerySet[Inscription]:
        """The inscriptions, within the year of the class chosen, of the children who have a place in it. All of them
        when that class is not offered.
        """
        inscriptions = super().queryset(request, queryset)
        classe = Classe.objects.select_related("annee").filter(pk=self.value()).first() if self._is_offered() else None
        return inscriptions.between(classe.annee.debut, classe.annee.fin) if classe else inscriptions


class PeriodeFilter(admin.SimpleListFilter):
    """The list opens on what is to come; a day or a month asked for is shown, past or not."""

    title = "période"
    parameter_name = "periode"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """« Passées » or « toutes »; without a choice, the list is from today on."""
        self.is_dated = any(name.startswith("jour__") for name in request.GET)
        return [("passees", "passées"), ("toutes", "toutes")]

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """The choices of the filter: none is shown as chosen while the address asks for days, and following one drops
        those days.
        """
        choix = list(super().choices(changelist))
        choix[0]["display"] = "à partir d’aujourd’hui"
        for un_choix, valeur in zip(choix, [None, *(code for code, _ in self.lookup_choices)], strict=True):
            adresse = changelist.get_query_string({self.parameter_name: valeur}, ["jour__"])
            yield un_choix | {"selected": un_choix["selected"] and not self.is_dated, "query_string": adresse}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The inscriptions from today on, unless past ones, all of them, or days are asked for."""
        today = timezone.localdate()
        if self.value() == "passees":
            return queryset.filter(jour__lt=today)
        return queryset if self.value() or self.is_dated else queryset.filter(jour__gte=today)


def jours_choisis(query: QueryDict) -> dict[str, Any]:
    """What the form of dates over the list shows, from the query of the address: the first and the last day asked for
    (`du`, `au`, empty without), and the other filters to keep (`autres`).
    """
    dropped = {"periode", PAGE_VAR, ERROR_FLAG}
    autres = [(nom, v) for nom, v in query.items() if nom not in dropped and not nom.startswith("jour__")]
    return {"du": query.get("jour__gte", ""), "au": query.get("jour__lte", ""), "autres": autres}


class CantineFilter(admin.SimpleListFilter):
    title = "cantine"
    parameter_name = "cantine"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """The children registered for the lunch break who have no meal in the list of the canteen."""
        return [("sans_repas", "Inscrits, pas de repas dans la liste")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The inscriptions to the lunch break without a meal in the list of the canteen, when that is chosen."""
        sans_repas = inscriptions_sans_repas(now=timezone.now())
        return queryset.filter(pk__in=sans_repas.values("pk")) if self.value() else queryset


@admin.register(Inscription)
class InscriptionAdmin(ParJourAdmin, ExportAdmin):
    """Rows are added, cancelled and taken up again by the writer; never edited, never deleted."""

    change_list_template = "admin/enfance/inscription/liste.html"
    export_template = "admin/enfance/inscription/exporter.html"
    table = InscriptionTable
    feminine = True
    adds_several = True
    list_display = ["jour", "enfant", "creneau", "etat", "origine", "foyer"]
    list_display_links = ["jour", "enfant"]
    list_filter = [PeriodeFilter, ("creneau", CreneauFilter), "etat", InscriptionClasseFilter, "origine", CantineFilter]
    link_lookups = ("enfant",)
    search_fields = [
        "enfant__tri",
        "enfant__ine__folded",
    ]
    search_help_text = "Nom, prénom ou INE de l’enfant"
    date_hierarchy = "jour"
    ordering = ["jour", "creneau__ordre", "enfant__tri"]
    page_steps = ("jour", "creneau__ordre")

    fields = ["enfant", "jour", "creneau", "etat", "origine", "foyer", "attente_depuis", "trace"]
    readonly_fields = ["trace"]
    actions = ["annuler", "inscrire"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Inscription]:
        inscriptions = super().get_queryset(request).select_related("enfant", "creneau", "foyer")
        return inscriptions.prefetch_related("foyer__responsables__user")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with a form to choose its days."""
        return super().changelist_view(request, {"jours": jours_choisis(request.GET), **(extra_context or {})})

    def export_context(self, request: HttpRequest, form: forms.Form, titres: list[str]) -> dict[str, Any]:
        """The context of the page that asks for a format, with a form to choose the days."""
        return {**super().export_context(request, form, titres), "jours": jours_choisis(request.GET)}

    def get_ordering(self, request: HttpRequest) -> list[str]:
        """The next day first; in the list of past days, the last day first."""
        return ["-jour", *self.ordering[1:]] if request.GET.get("periode") == "passees" else self.ordering

    def has_change_permission(self, request: HttpRequest, obj: Inscription | None = None) -> bool:
        """Whether the actions of the list may be used; no inscription is edited on a page of its own."""
        return obj is None and super().has_change_permission(request)

    @admin.display(description="historique")
    def trace(self, inscription: Inscription) -> SafeString:
        """The changes of this child, day and créneau, each with a link to its save, its time in Paris, the state after
        it and who made it.
        """
        evenements = Evenement.objects.filter(
            enfant=inscription.enfant_id, jour=inscription.jour, creneau=inscription.creneau_id
        ).select_related("enregistrement__auteur")
        return format_html_join(
            "",
            '<p><a href="{}">{}</a>, {}\u00a0: {} ({})</p>',
            (
                (
                    reverse("admin:enfance_enregistrement_change", args=[evenement.enregistrement_id]),
                    evenement.enregistrement,
                    date_heure(evenement.enregistrement.quand),
                    f"{evenement.get_apres_display()} {rangs(evenement)}".strip(),
                    evenement.enregistrement.auteur or evenement.enregistrement.get_porte_display(),
                )
                for evenement in evenements
            ),
        )

    # --- Adding ---------------------------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form that registers a child for a day and a créneau, through the writer of inscriptions. Raises
        PermissionDenied without the right to add one.
        """
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = InscrireForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and self._inscrire(request, form):
            here = request.get_full_path() if "_addanother" in request.POST else ""
            return HttpResponseRedirect(here or reverse("admin:enfance_inscription_changelist"))
        fields = [(None, {"fields": list(form.fields)})]
        adminform = AdminForm(form, fields, {}, model_admin=self)
        context = {
            **self.admin_site.each_context(request),
            "title": "Ajouter une inscription",
            "adminform": adminform,
            "media": self.media + adminform.media,
            "inline_admin_formsets": [],
            "is_popup": False,
            "preserved_filters": self.get_preserved_filters(request),
            **(extra_context or {}),
        }
        return self.render_change_form(request, context, add=True, form_url=form_url)

    def _inscrire(self, request: HttpRequest, form: InscrireForm) -> bool:
        """Ask the writer; False when it refused, and the form then says why."""
        asked = form.cleaned_data
        cle = Cle(asked["enfant"].pk, asked["jour"], asked["creneau"].code)
        acteur = Acteur.mairie(request.user.pk, asked["motif"])
        resultat = enregistrer([Changement(cle, Etat.INSCRIT)], acteur, now=timezone.now())
        if resultat.refus:
            form.add_obstacles(resultat.refus[0].obstacles)
            return False
        inscription = self.get_queryset(request).get(enfant=cle.enfant, jour=cle.jour, creneau=asked["creneau"])
        if resultat.enregistrement:
            self.log_addition(request, inscription, [{"added": {}}])
            self.message_user(
                request, f"Inscription faite\u00a0: {nom(inscription)}. {resultat.enregistrement}.", messages.SUCCESS
            )
        else:
            self.message_user(request, f"Déjà inscrit\u00a0: {nom(inscription)}.")
        return True

    def acts_on(self, obj: Inscription, action: str) -> bool:
        """Neither cancels what is cancelled nor registers who is registered."""
        return obj.etat != (Etat.ANNULEE if action == "annuler" else Etat.INSCRIT)

    # --- Cancelling, taking up again ------------------------------------------------------------------------------

    @admin.action(description="Annuler", permissions=["change"], location=EVERYWHERE)
    @method_decorator(asks_first)
    def annuler(self, request: HttpRequest, queryset: QuerySet[Inscription]) -> HttpResponse | None:
        """The action « Annuler »: shows what cancelling these inscriptions would change and what stands in the way;
        once confirmed, cancels them, and shows again those that the writer refuses. At most two hundred; those
        cancelled already are left out.
        """
        return self._changer(request, queryset, Etat.ANNULEE)

    @admin.action(description="Inscrire", permissions=["change"], location=EVERYWHERE)
    @method_decorator(asks_first)
    def inscrire(self, request: HttpRequest, queryset: QuerySet[Inscription]) -> HttpResponse | None:
        """The action « Inscrire »: shows what giving these inscriptions a place would change and what stands in the
        way; once confirmed, registers them, and shows again those that the writer refuses. At most two hundred; those
        registered already are left out.
        """
        return self._changer(request, queryset, Etat.INSCRIT)

    def _changer(
        self, request: HttpRequest, queryset: QuerySet[Inscription], voulu: EtatInscription
    ) -> HttpResponse | None:
        """Show what would change and what stands in the way; once confirmed, let the writer do it. What it refuses is
        shown again, alone.
        """
        inscriptions = list(queryset.exclude(etat=voulu)[: MANY + 1])
        if not inscriptions:
            self.message_user(request, "Rien à changer\u00a0: ces inscriptions sont déjà ainsi.")
            return None
        if len(inscriptions) > MANY:
            self.message_user(request, f"Choisissez {MANY}\u00a0inscriptions au plus.", messages.ERROR)
            return None
        now = timezone.now()
        form = MotifSaisieForm(request.POST if CONFIRM in request.POST else None)
        lignes = self._lignes(request, inscriptions, voulu, now)
        if form.is_bound and not form.is_valid():
            raise Asked(_apercu(lignes, voulu), _page(request, form, lignes))
        confirm(request, _apercu(lignes, voulu), **_page(request, form, lignes))
        acteur = Acteur.mairie(request.user.pk, form.cleaned_data["motif"])
        changements = [Changement(cle_of(inscription), voulu) for inscription in inscriptions]
        resultat = enregistrer(changements, acteur, now=now)
        refus = {un_refus.cle: un_refus for un_refus in resultat.refus}
        if resultat.enregistrement:
            self._report(request, inscriptions, refus, voulu, resultat.enregistrement)
        restantes = [LigneSaisie(i, refus[cle_of(i)].obstacles) for i in inscriptions if cle_of(i) in refus]
        return ask(request, Asked(_apercu(restantes, voulu), _page(request, form, restantes))) if restantes else None

    def _lignes(
        self, request: HttpRequest, inscriptions: list[Inscription], voulu: EtatInscription, now: datetime
    ) -> list[LigneSaisie]:
        jours = [inscription.jour for inscription in inscriptions]
        enfants = {inscription.enfant_id for inscription in inscriptions}
        acteur = Acteur.mairie(request.user.pk)
        situation = load_situation(acteur, min(jours), max(jours), now=now, enfants=enfants)
        return [LigneSaisie(i, tuple(decide(situation, cle_of(i), voulu)[1])) for i in inscriptions]

    def _report(
        self,
        request: HttpRequest,
        inscriptions: list[Inscription],
        refus: dict[Cle, Refus],
        voulu: EtatInscription,
        enregistrement: Enregistrement,
    ) -> None:
        faites = [inscription for inscription in inscriptions if cle_of(inscription) not in refus]
        for inscription in faites:
            self.log_change(request, inscription, f"État\u00a0: {voulu.label}. {enregistrement}.")
        sentence = f"{enregistrement}, {voulu.label}\u00a0: {'\u202f; '.join(map(nom, faites))}."
        self.message_user(request, sentence, messages.SUCCESS)


def nom(inscription: Inscription) -> str:
    """The inscription in words: « Léa Morel, soir, mardi 15 décembre »."""
    return f"{inscription.enfant}, {inscription.creneau.nom_court}, {jour_long(inscription.jour)}"


def _apercu(lignes: list[LigneSaisie], voulu: EtatInscription) -> Apercu:
    """What the action would do to these rows; without a button when it can do nothing."""
    verbe = "Annuler" if voulu == Etat.ANNULEE else "Inscrire"
    possibles = sum(not ligne.refus for ligne in lignes)
    enfants = pluriel(len({ligne.inscription.enfant_id for ligne in lignes}), "enfant,enfants")
    colonnes = 5 if any(ligne.obstacles for ligne in lignes) else 4
    combien = pluriel(possibles, "inscription,inscriptions")
    liste = reverse("admin:enfance_inscription_changelist")
    return Apercu(
        titre="Annuler des inscriptions" if voulu == Etat.ANNULEE else "Inscrire",
        phrase=f"Ceci touche {pluriel(len(lignes), 'inscription,inscriptions')}, de {enfants}.",
        question=f"{verbe} {combien}\u00a0?" if possibles else "Rien de ceci ne peut être changé.",
        suites=(Suite(f"{verbe} ces inscriptions" if voulu == Etat.ANNULEE else verbe),) if possibles else (),
        retour=liste,
        fil=(("Inscriptions", liste),),
        consequence="Les familles sont prévenues par e-mail." if possibles else "",
        tableaux=(
            Tableau(
                "Inscriptions",
                ("Enfant", "Jour", "Créneau", "État", "Remarque")[:colonnes],
                tuple(ligne.cellules[:colonnes] for ligne in lignes),
            ),
        ),
        template="mairie/inscriptions_apercu.html",
        marque=repr([(ligne.inscription.pk, ligne.inscription.etat) for ligne in lignes]),
    )


def _page(request: HttpRequest, form: MotifSaisieForm, lignes: list[LigneSaisie]) -> dict[str, Any]:
    """The context of the page that asks: it sends these rows again, and the reason that is typed in it."""
    champs = [(nom, valeur) for nom, valeur in hidden_of(request) if nom not in {*form.fields, *CHOSEN}]
    champs += [(ACTION_CHECKBOX_NAME, str(ligne.inscription.pk)) for ligne in lignes]
    return {"form": form, "lignes": lignes, "champs": champs}
