"""The form of an answer to an absence."""

from __future__ import annotations

from django import forms

from facturation.models import ReponseAbsence
from portail.formulaires import WholeForm
from portail.signes import validate_ligne


class ReponseAbsenceForm(WholeForm):
    """The answer of a button: which absence, which answer, the reason that its family reads."""

    enfant = forms.IntegerField(min_value=1, max_value=2**62)
    jour = forms.DateField(input_formats=["%Y-%m-%d"])
    creneaux = forms.RegexField(r"^[0-9]{1,18}( [0-9]{1,18}){0,9}$")
    r = forms.ChoiceField(choices=ReponseAbsence.Reponse.choices)
    changer = forms.BooleanField(required=False)
    raison = forms.CharField(required=False, max_length=200, validators=[validate_ligne])
    raison_excusee = forms.CharField(required=False, max_length=200, validators=[validate_ligne])
    raison_facturee = forms.CharField(required=False, max_length=200, validators=[validate_ligne])

    @property
    def motif(self) -> str:
        """The reason that the family reads: the one that was typed, else the one written under the button."""
        cleaned = self.cleaned_data
        return str(cleaned["raison"] or cleaned[f"raison_{cleaned['r']}"])

    @property
    def cles(self) -> list[int]:
        """The primary keys of the créneaux that are answered."""
        return [int(cle) for cle in self.cleaned_data["creneaux"].split()]
