"""Forms of the town hall's tasks: what it sends to many families, and the days that it closes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Self, cast
from urllib.parse import urlencode

from django import forms
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.admin.widgets import AdminDateWidget
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from accounts.search import keep_search, kept_search
from enfance.mairie.champs import (
    ClasseField,
    ClassesField,
    EcoleField,
    EcolesField,
    check_ecole,
    drop_alone,
    offer_classes,
)
from enfance.mairie.destinataires import Courrier, Public
from enfance.mairie.ecoles import creneau_et_ecoles
from enfance.mairie.fermetures import Portee, rien_a_fermer
from enfance.mairie.rentree import ouverture_hors
from enfance.models import (
    Actualite,
    AnneeScolaire,
    Classe,
    Creneau,
    Ecole,
    Fermeture,
    Message,
    Responsable,
    load_calendrier,
)
from portail.empreintes import ListeSignee
from portail.formulaires import RowsField, WholeForm, WholeModelForm
from portail.tables import Fichier

UN_AN = timedelta(days=365)
JOUR_ATTRS = {"type": "date", "class": "saisie"}
AUCUN: dict[str, Callable[[], Any]] = {"classes": Classe.objects.none, "ecoles": Ecole.objects.none}
MANQUE = {"classes": "Choisissez au moins une classe.", "ecoles": "Choisissez au moins une école."}
POUR_UN_CRENEAU = "Obligatoire pour les familles inscrites à un créneau, sinon vide."


def public_of(form: forms.BaseForm) -> Public:
    """The families that this valid form names: those of its class, else those of its school, else all of them."""
    classe, ecole = form.cleaned_data["classe"], form.cleaned_data.get("ecole")
    return Public((classe,) if classe else (), ecoles=(ecole,) if ecole and not classe else ())


class IdentifiantsForm(WholeForm):
    ecole = EcoleField()
    classe = ClasseField()
    connectes = forms.BooleanField(
        label="Aussi à ceux qui se sont déjà connectés",
        required=False,
        help_text="Leur mot de passe actuel reste valable tant qu’ils n’en choisissent pas un autre.",
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_classes(self, "classe", today)
        drop_alone(self, "ecole")

    def clean(self) -> dict[str, Any] | None:
        """Refuse a class that is not of the school chosen."""
        check_ecole(self)
        return super().clean()

    @property
    def public(self) -> Public:
        """The families that a valid form names: those of its class, else those of its school, else all of them."""
        return public_of(self)


class LettresForm(forms.Form):
    ecole = EcoleField()
    classe = ClasseField()
    tous = forms.BooleanField(
        label="Aussi à ceux qui ont une adresse e-mail",
        required=False,
        help_text="Sans cette case\u00a0: seulement les adultes sans adresse e-mail, ou dont les e-mails reviennent.",
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        offer_classes(self, "classe", today)
        drop_alone(self, "ecole")

    def clean(self) -> dict[str, Any] | None:
        """Refuse a class that is not of the school chosen."""
        check_ecole(self)
        return super().clean()

    def adultes(self) -> list[Responsable]:
        """The adults for whom a valid form asks a letter, in the families that it names: those who have no e-mail
        address, or whose mails come back; all of them when « tous » is ticked.
        """
        courrier = Courrier.of(public_of(self), today=self.today)
        return list(courrier.adultes) if self.cleaned_data["tous"] else courrier.sans_courriel + courrier.refuses


class NumerosForm(forms.Form):
    """The list of the former portal."""

    fichier = forms.FileField(
        label="Fichier CSV",
        help_text="Nom, prénom, identifiant\u202f; une ligne par adulte.",
        widget=forms.FileInput(attrs={"class": "saisie", "accept": ".csv,text/csv"}),
        max_length=200,
    )

    def clean_fichier(self) -> Fichier:
        """The file that was sent, read into memory. Raises ImportRefuse when it is too big."""
        return Fichier.received(self.cleaned_data["fichier"])

    @property
    def lu(self) -> Fichier:
        """The file that a valid form holds, with its name and its bytes."""
        fichier: Fichier = self.cleaned_data["fichier"]
        return fichier

    def confirmation(self) -> NumerosConfirmationForm:
        """The form that confirms the preview of the file of this valid form, and holds the file signed. Raises
        ImportRefuse when the file cannot be read as text.
        """
        garde = {"nom": self.lu.nom, "texte": self.lu.decode()}
        return NumerosConfirmationForm.of(garde)


class NumerosConfirmationForm(ListeSignee):
    """What the preview was made of."""

    sel = "enfance.identifiants"

    @property
    def lu(self) -> Fichier:
        """The file of which the preview was made, as the signed value of this form gives it back."""
        liste = self.cleaned_data["liste"]
        return Fichier(liste["nom"], liste["texte"].encode())


class ActualiteForm(WholeModelForm):
    """A banner on the families' home page, and its days."""

    class Meta:
        model = Actualite
        fields = ["texte", "debut", "fin"]
        widgets = {
            "texte": forms.TextInput({"class": "saisie", "autocomplete": "off"}),
            "debut": forms.DateInput(JOUR_ATTRS, "%Y-%m-%d"),
            "fin": forms.DateInput(JOUR_ATTRS, "%Y-%m-%d"),
        }


class MessageForm(WholeModelForm):
    """To everyone, to some schools or classes, or to the families registered for a créneau on a day."""

    class Cible(models.TextChoices):
        TOUS = "tous", "Toutes les familles"
        ECOLES = "ecoles", "Les familles d’une ou de plusieurs écoles"
        CLASSES = "classes", "Les familles d’une ou de plusieurs classes"
        CRENEAU = "creneau", "Les familles inscrites à un créneau, un jour"

    cible = forms.ChoiceField(label="À qui", choices=Cible, initial=Cible.TOUS, widget=forms.RadioSelect)
    ecoles = EcolesField()
    classes = ClassesField()
    creneau = forms.ModelChoiceField(
        Creneau.objects.all(),
        label="Créneau",
        required=False,
        empty_label="Choisir un créneau",
        help_text=POUR_UN_CRENEAU,
    )

    class Meta:
        model = Message
        fields = ["objet", "texte", "ecoles", "classes", "creneau", "jour"]
        widgets = {
            "objet": forms.TextInput(attrs={"class": "vTextField"}),
            "texte": forms.Textarea(attrs={"class": "vLargeTextField", "rows": 12}),
            "jour": AdminDateWidget,
        }
        help_texts = {"texte": "«\u00a0Bonjour\u00a0» et la signature de la mairie sont ajoutés. Jamais de santé ici."}
        labels = {"jour": "Jour (obligatoire avec un créneau)"}  # its widget has a description of its own

    field_order = ["cible", "ecoles", "classes", "creneau", "jour", "objet", "texte"]

    today: date  # the admin builds the form: it gives the day to the class

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_classes(self, "classes", self.today)
        drop_alone(self, "ecoles")
        if "ecoles" not in self.fields:
            choix = [(valeur, nom) for valeur, nom in self.Cible.choices if valeur != self.Cible.ECOLES]
            cast(forms.ChoiceField, self.fields["cible"]).choices = choix
        else:
            name_ecoles(cast("forms.ModelChoiceField[Any]", self.fields["creneau"]))
        self.fields["jour"].required = False
        if self.initial.get("ecoles"):
            self.initial["cible"] = self.Cible.ECOLES
        elif self.initial.get("classes"):
            self.initial["cible"] = self.Cible.CLASSES
        elif self.instance.creneau_id:
            self.initial["cible"] = self.Cible.CRENEAU

    def clean_objet(self) -> str:
        """The subject on a single line, as a header of a mail needs."""
        return " ".join(self.cleaned_data["objet"].split())

    def clean_texte(self) -> str:
        """The text with a line feed alone at the end of each line, whatever the browser sent."""
        return "\n".join(self.cleaned_data["texte"].splitlines())

    def clean(self) -> dict[str, Any]:
        """Refuse schools, classes, a créneau or a day that the choice of families (« À qui ») does not ask for, and the
        lack of those that it asks for.
        """
        data = super().clean() or self.cleaned_data
        choix = {"ecoles": ["ecoles"], "classes": ["classes"], "creneau": ["creneau", "jour"]}
        wanted = choix.get(str(data.get("cible")), [])
        for name in ("ecoles", "classes", "creneau", "jour"):
            if name not in self.fields:
                continue
            if name not in wanted:
                if data.get(name):  # a class chosen without its button would write to the whole school
                    self.add_error(
                        name, "Ce choix ne va pas avec «\u00a0À qui\u00a0»\u00a0: changez l’un ou videz l’autre."
                    )
                data[name] = AUCUN[name]() if name in AUCUN else None
            elif not data.get(name) and name not in self.errors:
                self.add_error(name, MANQUE.get(name, "Il faut un créneau et un jour."))
        return data


def name_ecoles(champ: forms.ModelChoiceField[Any]) -> None:
    """Let this field of créneaux name the schools of each one: « Soir (École du Hameau) », for several may be called «
    Soir ».
    """
    champ.queryset = Creneau.objects.prefetch_related("ecoles")
    champ.label_from_instance = creneau_et_ecoles  # type: ignore[method-assign, assignment]


class FermetureForm(WholeModelForm):
    """What a closure covers, and its reason. Boxes to tick, for the classes of years not long over."""

    obligatoires = "obligatoires"
    ecoles = EcolesField(help_text="Aucune\u00a0: toutes.")
    creneaux = RowsField(
        Creneau.objects.all(),
        label="Créneaux",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Aucun\u00a0: tous.",
    )
    classes = ClassesField(help_text="Aucune\u00a0: toutes.")

    class Meta:
        model = Fermeture
        fields = ["debut", "fin", "motif", "ecoles", "creneaux", "classes"]
        widgets = {
            "debut": forms.DateInput(JOUR_ATTRS, "%Y-%m-%d"),
            "fin": forms.DateInput(JOUR_ATTRS, "%Y-%m-%d"),
            "motif": forms.TextInput({"class": "saisie", "autocomplete": "off"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_classes(self, "classes", timezone.localdate() - UN_AN)
        drop_alone(self, "ecoles")
        if "ecoles" in self.fields:
            name_ecoles(cast(RowsField, self.fields["creneaux"]))

    def clean(self) -> dict[str, Any] | None:
        """Refuse a closure that would close nothing, in silence: days outside every school year, a class of another
        year, a class or a créneau of none of the schools chosen, days without garderie.
        """
        cleaned = super().clean()
        debut, fin = self.cleaned_data.get("debut"), self.cleaned_data.get("fin")
        calendrier = load_calendrier()
        for champ, jour in (("debut", debut), ("fin", fin)):
            if jour and calendrier.annee(jour) is None:
                self.add_error(champ, "Indiquez un jour d’une année scolaire déjà préparée.")
        if debut and fin:
            autres = [c for c in self.cleaned_data.get("classes", ()) if c.annee.fin < debut or c.annee.debut > fin]
            if autres:
                noms = ", ".join(f"{classe} ({classe.annee})" for classe in autres)
                self.add_error("classes", f"Pas dans l’année de ces dates\u00a0: {noms}.")
        if ecoles := set(self.cleaned_data.get("ecoles", ())):
            self._check_ecoles(ecoles)
        if not self.errors and debut and fin and debut <= fin and (refus := rien_a_fermer(self.portee)):
            self.add_error("debut", refus)
        return cleaned

    def _check_ecoles(self, ecoles: set[Ecole]) -> None:
        """A class or a créneau that none of the schools chosen has would close nothing, in silence."""
        autres = [classe for classe in self.cleaned_data.get("classes", ()) if classe.ecole not in ecoles]
        if autres:
            noms = ", ".join(f"{classe} ({classe.ecole})" for classe in autres)
            self.add_error("classes", f"Pas dans ces écoles\u00a0: {noms}.")
        creneaux = self.cleaned_data.get("creneaux", ())
        if hors := [c for c in creneaux if (tenu := set(c.ecoles.all())) and not tenu & ecoles]:
            self.add_error("creneaux", f"Pas dans ces écoles\u00a0: {', '.join(map(creneau_et_ecoles, hors))}.")

    @property
    def jours(self) -> list[forms.BoundField]:
        """The fields of the first and of the last day, for the template."""
        return [self["debut"], self["fin"]]

    @property
    def choix_ecoles(self) -> list[forms.BoundField]:
        """The field of the schools in a list, for the template; an empty list where the town has a single school."""
        return [self["ecoles"]] if "ecoles" in self.fields else []

    @property
    def portee(self) -> Portee:
        """The closure that a valid form asks for: its days, reason, créneaux, classes and schools."""
        asked = self.cleaned_data
        creneaux, classes, ecoles = tuple(asked["creneaux"]), tuple(asked["classes"]), tuple(asked.get("ecoles", ()))
        return Portee(asked["debut"], asked["fin"], asked["motif"], creneaux, classes, ecoles)


class RechercheForm(forms.Form):
    """What is typed of a family. It is sent by POST, and its answer is a page to come back to."""

    famille = forms.CharField(
        label="Nom, prénom, identifiant, e-mail ou téléphone d’un adulte ou d’un enfant",
        max_length=100,
        widget=forms.TextInput({"type": "search", "class": "saisie", "autocomplete": "off"}),
        error_messages={
            "required": "Écrivez un nom, un prénom, un identifiant, un e-mail ou un téléphone.",
            "max_length": "C’est trop long\u00a0: un nom, un e-mail ou un numéro suffisent.",
        },
    )

    @classmethod
    def kept(cls, request: HttpRequest) -> Self:
        """The form filled with the search that the session keeps under the key given in the address; an empty form when
        the address gives none.
        """
        typed = kept_search(request.session, request.GET.get(SEARCH_VAR, ""))
        return cls(use_required_attribute=False) if typed is None else cls({"famille": typed})

    @classmethod
    def keep(cls, request: HttpRequest) -> HttpResponse:
        """Keep in the session the search that was posted, and answer 303 to the page that shows what it finds: nothing
        typed stands in the address.
        """
        word = keep_search(request.session, request.POST.get("famille", ""))
        return HttpResponseRedirect(f"{request.path}?{urlencode({SEARCH_VAR: word})}", status=303)


class OuvertureForm(WholeForm):
    ouverture = forms.DateField(
        label="Les parents inscrivent à partir du",
        required=False,
        widget=forms.DateInput(JOUR_ATTRS, "%Y-%m-%d"),
        help_text="Vide\u00a0: ils ne peuvent pas encore inscrire.",
    )

    def __init__(self, *args: Any, annee: AnneeScolaire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.annee = annee

    def clean_ouverture(self) -> date | None:
        """Refuse a day from which parents may register that is before January of the year in which the school year
        begins, or after its end.
        """
        jour: date | None = self.cleaned_data["ouverture"]
        if jour and (phrase := ouverture_hors(self.annee.debut, self.annee.fin, jour)):
            raise forms.ValidationError(phrase)
        return jour
