"""The form of the school year that is prepared: from which day on parents may register."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from enfance.mairie.champs import (
    JOUR_ATTRS,
)
from enfance.mairie.rentree import ouverture_hors
from enfance.models import (
    AnneeScolaire,
)
from portail.formulaires import WholeForm


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
