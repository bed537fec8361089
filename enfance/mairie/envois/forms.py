"""Forms of the town hall's tasks: what it sends to many families."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, cast

from django import forms
from django.db import models
from django.forms.boundfield import BoundWidget

from enfance.mairie.champs import (
    JOUR_ATTRS,
    ClasseField,
    ClassesField,
    EcoleField,
    EcolesField,
    check_ecole,
    drop_alone,
    name_ecoles,
    offer_classes,
)
from enfance.mairie.destinataires import Courrier, Public
from enfance.models import (
    Actualite,
    Classe,
    Creneau,
    Ecole,
    Message,
    Responsable,
)
from portail.empreintes import ListeSignee
from portail.formulaires import WholeForm, WholeModelForm
from portail.tables import Fichier

AUCUN: dict[str, Callable[[], Any]] = {"classes": Classe.objects.none, "ecoles": Ecole.objects.none}
AVEC_CE_CHOIX = "Obligatoire avec ce choix."
MANQUE = {"classes": "Choisissez au moins une classe.", "ecoles": "Choisissez au moins une école."}


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

    def __init__(self, *args: Any, today: date, annee: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_classes(self, "classe", today=today, annee=annee)
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

    def __init__(self, *args: Any, today: date, annee: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        offer_classes(self, "classe", today=today, annee=annee)
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
        help_text=AVEC_CE_CHOIX,
        widget=forms.Select({"class": "saisie"}),
    )

    class Meta:
        model = Message
        fields = ["objet", "texte", "ecoles", "classes", "creneau", "jour"]
        widgets = {
            "objet": forms.TextInput({"class": "saisie", "autocomplete": "off"}),
            "texte": forms.Textarea({"class": "saisie", "rows": 12}),
            "jour": forms.DateInput(JOUR_ATTRS, "%Y-%m-%d"),
        }
        help_texts = {
            "texte": "«\u00a0Bonjour\u00a0» et la signature de la mairie s’ajoutent. Jamais de santé ici.",
            "jour": AVEC_CE_CHOIX,
        }

    field_order = ["cible", "ecoles", "classes", "creneau", "jour", "objet", "texte"]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_classes(self, "classes", today=today)
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

    @property
    def cibles(self) -> list[tuple[BoundWidget, list[forms.BoundField]]]:
        """Each choice of families, for the template: its radio, and the fields that tell it."""
        suites = {"ecoles": ["ecoles"], "classes": ["classes"], "creneau": ["creneau", "jour"]}
        return [(choix, [self[nom] for nom in suites.get(choix.data["value"], [])]) for choix in self["cible"]]

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
