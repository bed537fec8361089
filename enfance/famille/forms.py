"""What a parent types about themselves and about who may fetch a child. Forms parse; writers decide."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import ChangeEmailForm
from enfance.famille.absences import AbsencesJour
from enfance.models import Creneau, PersonneAutorisee, Responsable
from enfance.planning.cases import EnfantVu
from enfance.regles import cles
from portail.cles import telephone
from portail.dates import jour_long
from portail.formulaires import INCOMPLETE, WholeForm
from portail.signes import validate_ligne, validate_nom

NUMERO = re.compile(r"0\d(?: \d\d){4}|\+\d[\d ]{6,17}")


def clean_numero(value: str) -> str:
    """The telephone number in the form in which it is kept; ValidationError when it is not a complete number, or holds
    an invisible character. An empty text stays empty.
    """
    validate_ligne(value)
    numero = telephone(value)
    if numero and not NUMERO.fullmatch(numero):
        raise ValidationError("Écrivez un numéro complet, comme 06\u00a039\u00a098\u00a000\u00a000.")
    return numero


class TelephoneField(forms.CharField):
    """A French number with or without spaces, or a foreign one with its +."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            max_length=30,
            validators=[validate_ligne],
            widget=forms.TextInput(attrs={"class": "saisie", "type": "tel", "autocomplete": "off"}),
            error_messages={"max_length": "Ce numéro est trop long."},
        )

    def clean(self, value: Any) -> str:
        """The telephone number in the form in which it is kept, empty if none was typed; ValidationError when it is not
        a complete number.
        """
        return clean_numero(super().clean(value))


class CoordonneesForm(WholeForm, ChangeEmailForm):
    telephone = TelephoneField("Téléphone (facultatif)")
    field_order = ["email", "telephone", "password"]

    def __init__(self, *args: Any, responsable: Responsable, **kwargs: Any) -> None:
        initial = {"telephone": responsable.telephone}
        super().__init__(*args, user=responsable.user, initial=initial, auto_id="coord_%s", **kwargs)
        self.fields["telephone"].widget.attrs["autocomplete"] = "tel"


class JourField(forms.DateField):
    """A day, from the browser's own picker; always typed as well."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"class": "saisie", "type": "date"}),
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            error_messages={"invalid": "Écrivez une date, comme 07/12/2026."},
        )


def validate_deux_lettres(nom: str) -> None:
    """Refuse a name with fewer than two letters, by a ValidationError: a single letter may be anybody."""
    if sum(map(str.isalpha, nom)) < 2:
        raise ValidationError("Indiquez le prénom et le nom de la personne.")


class PersonneForm(WholeForm):
    """Who may fetch a child, or its brothers and sisters (`aussi`) as well: always, or between two days."""

    nom = forms.CharField(
        label="Prénom et nom",
        max_length=PersonneAutorisee._meta.get_field("nom").max_length,
        validators=[validate_nom, validate_deux_lettres],
        widget=forms.TextInput(attrs={"class": "saisie", "autocomplete": "off"}),
        error_messages={"required": "Indiquez le prénom et le nom de la personne."},
    )
    lien = forms.CharField(
        label="Lien avec l’enfant (facultatif)",
        required=False,
        max_length=PersonneAutorisee._meta.get_field("lien").max_length,
        validators=[validate_nom],
        help_text="Par exemple\u00a0: sa grand-mère, un voisin.",
        widget=forms.TextInput(attrs={"class": "saisie", "autocomplete": "off"}),
    )
    telephone = TelephoneField("Téléphone (facultatif)")
    debut = JourField("À partir du (facultatif)")
    fin = JourField("Jusqu’au (facultatif)")
    aussi = forms.BooleanField(required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_fin(self) -> date | None:
        """Refuse a last day that is past, or before the first day."""
        debut: date | None = self.cleaned_data.get("debut")
        fin: date | None = self.cleaned_data["fin"]
        if fin and fin < self.today:
            raise ValidationError("Cette date est passée.")
        if debut and fin and fin < debut:
            raise ValidationError("La date de fin doit être après celle du début.")
        return fin


class EnfantsField(forms.Field):
    """Children (primary keys), from one value with spaces or from a repeated field."""

    widget = forms.MultipleHiddenInput
    MAX = 50

    def __init__(self) -> None:
        super().__init__(required=False)

    def clean(self, value: Any) -> list[int]:
        """The children sent (primary keys), each once; ValidationError when one is malformed, or for more than 50."""
        lus = [cles.parse_key(texte, cles.pk) for brut in value or [] for texte in str(brut).split()]
        if None in lus or len(lus) > self.MAX:
            raise ValidationError(INCOMPLETE)
        return list(dict.fromkeys(pk for lu in lus if lu for pk in lu))


class MomentsField(EnfantsField):
    """Créneaux of children, « 12:matin », from a repeated field."""

    def clean(self, value: Any) -> list[Any]:
        """The créneaux sent, as pairs of child (primary key) and code; ValidationError when one is malformed, or for
        more than 50.
        """
        lus = [cles.parse_key(str(texte), cles.pk, cles.code) for texte in value or []]
        if None in lus or len(lus) > self.MAX:
            raise ValidationError(INCOMPLETE)
        return lus


@dataclass(frozen=True)
class LigneAbsence:
    """A child of the form, ticked or not, and of each of its moments whether it is."""

    enfant: EnfantVu
    coche: bool
    moments: list[tuple[Creneau, bool]]


class AbsencesForm(WholeForm):
    """The children who do not come that day (`absent`), to which moments, until which day (`jusqua`), and what other
    parts ask (`champs`). `page`: the children that it offers, with their moments, and the days that follow.
    """

    absent = EnfantsField()
    moment = MomentsField()

    def __init__(self, *args: Any, page: AbsencesJour, champs: Mapping[str, forms.Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page, self.champs = page, champs
        if page.suites:
            seul = "Aujourd’hui seulement" if page.aujourdhui else "Ce jour seulement"
            choix = [("", seul), *((jour.isoformat(), f"Jusqu’à {jour_long(jour)}") for jour in page.suites)]
            self.fields["jusqua"] = forms.TypedChoiceField(
                label="Jusqu’à quand\u202f?",
                help_text="Les jours suivants le sont en entier. Un jour que vous pouvez encore annuler n’est pas "
                "signalé\u00a0: la page suivante vous y mène.",
                choices=choix,
                coerce=date.fromisoformat,
                empty_value=None,
                required=False,
                widget=forms.Select(attrs={"class": "saisie"}),
                error_messages={"invalid_choice": "Choisissez un jour de la liste."},
            )
        self.fields.update(champs)

    def clean(self) -> dict[str, Any]:
        """Refuse the form when no child is ticked, or when a ticked child that the page offers has no moment ticked;
        then gather the codes of the moments by child, as `demandes`.
        """
        cleaned = super().clean() or self.cleaned_data
        absents, coches = cleaned.get("absent"), cleaned.get("moment")
        if absents is None or coches is None:
            return cleaned
        if not absents:
            raise ValidationError("Personne n’est coché\u00a0: rien n’a changé. Cochez qui est absent.")
        demandes: dict[int, list[str]] = {pk: [code for enfant, code in coches if enfant == pk] for pk in absents}
        for attendu in self.page.a_signaler:
            if demandes.get(attendu.enfant.pk) == []:
                nom = attendu.enfant.nom
                raise ValidationError(f"Aucun moment n’est coché pour {nom}\u00a0: rien n’a changé. Cochez-en un.")
        return cleaned | {"demandes": demandes}

    @property
    def valeurs(self) -> dict[str, str]:
        """The answers to the questions that other apps add to the form, by name of the field."""
        return {nom: self.cleaned_data[nom] for nom in self.champs}

    def lignes(self, choisi: int | None) -> list[LigneAbsence]:
        """The children to show in the form, each ticked or not, with its moments: as they were sent, else all moments
        ticked, and only one child: the only one there is, or `choisi` (primary key).
        """
        seul = self.page.a_signaler[0].enfant.pk if len(self.page.a_signaler) == 1 else choisi
        absents = set(self["absent"].value()) if self.is_bound else {str(seul)}
        moments = set(self["moment"].value()) if self.is_bound else None
        return [
            LigneAbsence(
                attendu.enfant,
                str(attendu.enfant.pk) in absents,
                [(c, moments is None or f"{attendu.enfant.pk}:{c.code}" in moments) for c in attendu.moments],
            )
            for attendu in self.page.a_signaler
        ]


class JusquaForm(forms.Form):
    """The day until which an absence was asked, of the page's address. A value that means nothing is none."""

    jusqua = forms.DateField(required=False, input_formats=["%Y-%m-%d"])

    def jour(self) -> date | None:
        """The day until which the absence was asked; None when the address says none, or no day."""
        self.is_valid()
        return self.cleaned_data.get("jusqua")


class VientForm(WholeForm):
    """The child who comes after all."""

    vient = EnfantsField()


class RappelezMoiForm(forms.Form):
    """What a button asks: a call, or no call any more."""

    rappel = forms.ChoiceField(choices=[("demander", "demander"), ("retirer", "retirer")])


class FermetureLueForm(forms.Form):
    """The closure that a button puts away."""

    fermeture = forms.IntegerField(min_value=1, max_value=2**62)


class RetraitForm(forms.Form):
    """The person that a button names."""

    retirer = forms.IntegerField(min_value=1, max_value=2**62)


class AccordForm(forms.Form):
    """The answer that a button gives: whether the canteen may know."""

    cantine = forms.TypedChoiceField(choices=[("oui", "oui"), ("non", "non")], coerce="oui".__eq__)
