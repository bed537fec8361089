"""What is typed for the treasury: who owes, by a button; the account of each créneau."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms

from enfance.models import Creneau
from facturation.titres.imputations import CODE_MAX, IMPUTATION_MAX, ImputationTitre
from portail.formulaires import WholeForm

COMPTE = {"class": "saisie", "autocomplete": "off"}
SIGNES = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]*")


def _champ(label: str, most: int, initial: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=most, initial=initial, widget=forms.TextInput(COMPTE)
    )


class ImputationsForm(WholeForm):
    """The budget line and the « code produit local » of each créneau; both empty: not said."""

    def __init__(
        self, *args: Any, creneaux: Sequence[Creneau], dites: dict[int, ImputationTitre], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.creneaux = creneaux
        for creneau in creneaux:
            dite = dites.get(creneau.pk, ImputationTitre())
            self.fields[f"i{creneau.pk}"] = _champ("Imputation", IMPUTATION_MAX, dite.imputation)
            self.fields[f"c{creneau.pk}"] = _champ("Code produit local", CODE_MAX, dite.code)

    def clean(self) -> dict[str, Any]:
        """Letters, digits and the few signs that an account has."""
        for nom, dit in list(self.cleaned_data.items()):
            if dit and not SIGNES.fullmatch(dit):
                self.add_error(nom, "Des lettres sans accent, des chiffres, un point ou un tiret.")
        return self.cleaned_data

    @property
    def lignes(self) -> list[tuple[Creneau, forms.BoundField, forms.BoundField]]:
        """Each créneau with its two fields, for the page."""
        return [(creneau, self[f"i{creneau.pk}"], self[f"c{creneau.pk}"]) for creneau in self.creneaux]

    @property
    def imputations(self) -> dict[str, dict[str, str]]:
        """What was typed, as the settings keep it, without the créneaux of which nothing is said."""
        return {
            str(creneau.pk): {"imputation": imputation, "code": code}
            for creneau in self.creneaux
            if (imputation := self.cleaned_data[f"i{creneau.pk}"]) + (code := self.cleaned_data[f"c{creneau.pk}"])
        }
