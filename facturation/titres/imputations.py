"""On which account of the town each sum of a title goes: the budget line (imputation) and the « code produit local » of
its créneau. Said once by the town; a correction goes where what it corrects did. Reads.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import batched

from django.db.models import Sum

from facturation.models import Prestation
from facturation.montants import euros
from facturation.reglages import load_reglage
from portail.francais import NBSP

LOT = 500  # invoices of a query
IMPUTATION_MAX, CODE_MAX = 20, 20
SANS = "à dire"


@dataclass(frozen=True)
class ImputationTitre:
    """The account of a créneau; each part empty where the town did not say it."""

    imputation: str = ""
    code: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, [self.imputation, self.code])) or SANS


def load_accounts() -> dict[int, ImputationTitre]:
    """The account of each créneau (primary key) of which the town said one. One query."""
    dites: Mapping[str, Mapping[str, str]] = load_reglage().imputations or {}
    return {int(cle): ImputationTitre(dit.get("imputation", ""), dit.get("code", "")) for cle, dit in dites.items()}


def load_imputations(factures: Collection[int]) -> dict[int, str]:
    """On which accounts the sum of each of these invoices (primary keys) goes, in one line for the treasury, by primary
    key: « 7067 GARD : 12,40 €, 70848 MIDI : 8,00 € ». Empty where the town said no account at all. A query by 500.
    """
    comptes = load_accounts()
    if not comptes:
        return {}
    sommes: dict[int, dict[str, int]] = {}
    for lot in batched(sorted(factures), LOT):
        lignes = Prestation.objects.filter(facture__in=lot).order_by().values_list("facture", "creneau")
        for facture, creneau, somme in lignes.annotate(somme=Sum("montant")):
            ou = str(comptes.get(creneau or 0, ImputationTitre()))
            siennes = sommes.setdefault(facture or 0, {})
            siennes[ou] = siennes.get(ou, 0) + somme
    return {cle: _phrase(siennes) for cle, siennes in sommes.items()}


def _phrase(sommes: Mapping[str, int]) -> str:
    return ", ".join(f"{ou}{NBSP}: {euros(somme)}" for ou, somme in sorted(sommes.items()) if somme)
