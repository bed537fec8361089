"""What is typed on the page of numbers of children: a month, and a number a payer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from facturation.nombres.ecriture import MAXIMUM
from facturation.nombres.lecture import NombreVu
from portail.dates import MOIS
from portail.formulaires import WholeForm

BORNES = f"Un nombre d’enfants, de 1 à {MAXIMUM}."


class NombresForm(WholeForm):
    """The month from which the numbers count, and a field for each payer shown; empty, nothing is said of it."""

    debut = forms.ChoiceField(label="Compte à partir de", widget=forms.Select({"class": "saisie"}))

    def __init__(self, *args: Any, vus: Sequence[NombreVu], mois: Sequence[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["debut"].choices = [  # type: ignore[attr-defined]
            (premier.isoformat(), f"{MOIS[premier.month - 1]} {premier.year}") for premier in mois
        ]
        for vu in vus:
            self.fields[f"n{vu.payeur.pk}"] = forms.IntegerField(
                label=f"Nombre d’enfants, {vu.payeur.nom}",
                required=False,
                min_value=1,
                max_value=MAXIMUM,
                widget=forms.TextInput(
                    {
                        "class": "saisie saisie--qf",
                        "inputmode": "numeric",
                        "autocomplete": "off",
                        "aria-label": f"Nombre d’enfants, {vu.payeur.nom}",
                    }
                ),
                error_messages={"min_value": BORNES, "max_value": BORNES, "invalid": BORNES},
            )

    @property
    def nombres(self) -> dict[int, int]:
        """The numbers that this valid form has, by foyer (primary key)."""
        return {
            int(nom[1:]): valeur
            for nom, valeur in self.cleaned_data.items()
            if nom[:1] == "n" and nom[1:].isdecimal() and valeur is not None
        }

    @property
    def premier(self) -> date:
        """The first day of the month from which they count."""
        return date.fromisoformat(self.cleaned_data["debut"])
