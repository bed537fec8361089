"""A family's own quotient: what counts, what will, what it has said and nobody has seen yet. For its foyer alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from facturation.models import Quotient
from facturation.quotients.ecriture import mois_a_venir, premier_phrase
from facturation.quotients.saisie import SOURCES, QuotientField
from portail.formulaires import WholeForm


@dataclass(frozen=True)
class QuotientFamille:
    """Of one foyer: the quotient that counts this month, the one that will after it, the one that waits to be seen."""

    actuel: Quotient | None
    suivant: Quotient | None
    dit: Quotient | None


def load_quotient(foyer: int, today: date) -> QuotientFamille:
    """The quotients of this foyer (primary key) that matter on `today`: the one that counts this month, the next one,
    and the one that the family said and the town hall has not seen. One query.
    """
    lus = Quotient.objects.filter(compte__foyer=foyer, annule_le=None).order_by("-debut", "-saisi_le", "-pk")
    premier = today.replace(day=1)
    actuel = suivant = dit = None
    for lu in lus:
        if lu.fin is not None and lu.fin < premier:
            continue
        if lu.vu_le is None:
            dit = dit or lu
        elif lu.debut > premier:
            suivant = lu if suivant is None or lu.debut < suivant.debut else suivant  # the nearest of those to come
        else:
            actuel = actuel or lu
    return QuotientFamille(actuel, suivant, dit)


class QuotientForm(WholeForm):
    """What a parent says: the number on the attestation, which one it is, from which month it should count."""

    obligatoires = "obligatoires"
    valeur = QuotientField(
        label="Quotient familial",
        help_text="Le nombre écrit sur l’attestation, sans les centimes.",
        error_messages={"required": "Écrivez le nombre qui est sur l’attestation."},
    )
    source = forms.ChoiceField(label="D’après", choices=SOURCES, widget=forms.Select({"class": "saisie"}))
    debut = forms.ChoiceField(label="À partir du", widget=forms.Select({"class": "saisie"}))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mois = {mois.isoformat(): mois for mois in mois_a_venir(today)}
        self.fields["debut"].choices = [(code, premier_phrase(mois)) for code, mois in self.mois.items()]  # type: ignore[attr-defined]

    @property
    def premier(self) -> date:
        """The first day of the month from which the quotient of this valid form is to count."""
        return self.mois[self.cleaned_data["debut"]]
