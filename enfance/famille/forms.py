"""What a parent types about themselves and about who may fetch a child. Forms parse; writers decide."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import ChangeEmailForm
from enfance.models import PersonneAutorisee, Responsable
from enfance.regles import cles
from portail.cles import telephone
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
