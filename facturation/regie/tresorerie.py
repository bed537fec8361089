"""What is handed over to the treasury: the invoices that two reminders left unpaid; or, where it collects everything,
the titles of a closed month. As a table whose amounts are numbers. Reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from django.db.models import QuerySet

from facturation.famille import mots
from facturation.models import Facture, Mois, Relance
from facturation.montants import valeur
from facturation.regie.bases import load_bases, objet_of
from facturation.regie.relances import FactureDue

Genre = Relance.Genre
LOT = 500
TITRES_IMPAYES = ["Facture", "Payeur", "Adresse", "Objet", "Bases du calcul", "Émise le", "À payer avant le"]
TITRES_IMPAYES += ["Montant", "Payé", "Rappels", "Reste dû"]
TITRES_TITRES = ["Facture", "Payeur", "Adresse", "Identifiants", "Objet", "Bases du calcul", "Émise le"]
TITRES_TITRES += ["À payer avant le", "Montant"]


@dataclass(frozen=True)
class LigneTresorerie:
    """An invoice as the treasury asks for it. `reste`, in centimes."""

    due: FactureDue
    bases: str

    @property
    def adresse(self) -> str:
        return ", ".join(self.due.facture.entete.get("payeur", {}).get("adresse", []))

    @property
    def payeur(self) -> str:
        return str(self.due.facture.entete.get("payeur", {}).get("nom") or self.due.nom)

    @property
    def objet(self) -> str:
        return objet_of(self.due.facture)

    @property
    def rappels(self) -> str:
        """« 27 octobre, 16 novembre »."""
        faites = [self.due.faites[genre] for genre in (Genre.PREMIER, Genre.DEUXIEME) if genre in self.due.faites]
        return ", ".join(mots.jour_sans_annee(mots.jour_of(relance.faite_le)) for relance in faites)


def lignes_of(dues: Sequence[FactureDue]) -> list[LigneTresorerie]:
    """These invoices with their bases of liquidation."""
    bases = load_bases([due.facture.pk for due in dues])
    return [LigneTresorerie(due, bases.get(due.facture.pk, "")) for due in dues]


def impayes_table(lignes: Iterable[LigneTresorerie]) -> list[list[Any]]:
    """The unpaid ones as a table; its titles are `TITRES_IMPAYES`."""
    return [
        [
            ligne.due.numero,
            ligne.payeur,
            ligne.adresse,
            ligne.objet,
            ligne.bases,
            mots.jour_of(ligne.due.facture.emise_le).isoformat(),
            ligne.due.facture.echeance.isoformat() if ligne.due.facture.echeance else "",
            valeur(ligne.due.facture.total),
            valeur(ligne.due.paye),
            ligne.rappels,
            valeur(ligne.due.reste),
        ]
        for ligne in lignes
    ]


def titres_of(mois: Mois) -> QuerySet[Facture]:
    """What was issued with this month, invoices and avoirs, by number."""
    return Facture.objects.filter(mois=mois).select_related("mois").order_by("genre", "annee", "rang")


def titres_table(mois: Mois) -> Iterator[list[Any]]:
    """The titles of a closed month, 500 at a time; the titles of the columns are `TITRES_TITRES`."""
    for factures in batched(titres_of(mois).iterator(LOT), LOT):
        bases = load_bases([facture.pk for facture in factures])
        for facture in factures:
            payeur = facture.entete.get("payeur", {})
            yield [
                facture.numero,
                payeur.get("nom", ""),
                ", ".join(payeur.get("adresse", [])),
                ", ".join(payeur.get("identifiants", [])),
                objet_of(facture),
                bases.get(facture.pk, ""),
                mots.jour_of(facture.emise_le).isoformat(),
                facture.echeance.isoformat() if facture.echeance else "",
                valeur(facture.total),
            ]
