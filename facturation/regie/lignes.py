"""Receipts in the words of the régie: what one says in a line, those of a day with their running total. Reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from facturation.models import Encaissement
from facturation.papiers import mots
from portail.dates import instant, jour_annee, quantieme
from portail.francais import NBSP, pluriel

NOMS = {
    "cheque": "Chèques",
    "especes": "Espèces",
    "cesu": "CESU",
    "virement": "Virements",
    "payfip": "PayFiP",
    "remboursement": "Remboursements",
    "report": "Reports d’un autre payeur",
}


@dataclass(frozen=True)
class LigneJournal:
    """A receipt, or an entry that cancels one, in a table; `cumul`: the running total, in centimes."""

    encaissement: Encaissement
    cumul: int
    factures: str
    motif: str

    @property
    def numero(self) -> str:
        """The number of this entry."""
        return self.encaissement.numero

    @property
    def heure(self) -> str:
        """The hour when the entry was written, in French, in Paris: « 9 h 02 »."""
        return mots.heure_of(self.encaissement.ecrit_le)

    @property
    def quand(self) -> str:
        """The day and hour when the entry was written, in French, in Paris: « jeu. 3, 9 h 02 »."""
        jour = mots.jour_of(self.encaissement.ecrit_le)
        return f"{mots.bref(jour)}{NBSP}{quantieme(jour)}, {self.heure}"

    @property
    def ailleurs(self) -> str:
        """The day when the money came, where it is not the day on which the entry was written (Paris); else empty."""
        recu_le = mots.jour_of(self.encaissement.recu_le)
        return "" if recu_le == mots.jour_of(self.encaissement.ecrit_le) else jour_annee(recu_le)

    @property
    def moyen(self) -> str:
        """The means of payment with its reference: « chèque 5512007 »."""
        return moyen_texte(self.encaissement)


@dataclass(frozen=True)
class ParMoyen:
    """What one means brought."""

    code: str
    nombre: int
    montant: int

    @property
    def nom(self) -> str:
        """The name of this means of payment in French."""
        return NOMS[self.code]


def moyen_texte(encaissement: Encaissement) -> str:
    """The means of payment of this entry with its reference: « chèque 5512007 », « CESU, 3 titres », « PayFiP »."""
    if encaissement.moyen == Encaissement.Moyen.PAYFIP:
        return "PayFiP"
    mot = str(encaissement.get_moyen_display())
    if encaissement.titres:
        mot = f"{mot}, {pluriel(encaissement.titres, 'titre,titres')}"
    return f"{mot} {encaissement.reference}".strip()


def load_lignes(premier: date, dernier: date) -> list[LigneJournal]:
    """The entries written from `premier` to `dernier` (Paris, both included), by number, with what they paid and the
    running total. One query.
    """
    depuis, avant = instant(premier, time()), instant(dernier + timedelta(days=1), time())
    ecrits = Encaissement.objects.filter(ecrit_le__gte=depuis, ecrit_le__lt=avant).select_related("annule", "compte")
    return lignes_of(list(ecrits.order_by("annee", "rang")))


def lignes_of(encaissements: Sequence[Encaissement]) -> list[LigneJournal]:
    """These entries in their order, each with what it paid and the running total in centimes."""
    cumul, lignes = 0, []
    for encaissement in encaissements:
        cumul += encaissement.montant
        lignes.append(LigneJournal(encaissement, cumul, factures_of(encaissement), motif_of(encaissement)))
    return lignes


def factures_of(encaissement: Encaissement) -> str:
    """The numbers of the invoices that this receipt paid when it was received, « F-2026-0303, F-2026-0268 »; for an
    entry that cancels one, those of the receipt that it cancels.
    """
    source: Any = encaissement.annule or encaissement
    return ", ".join(ligne["facture"] for ligne in source.contenu.get("factures", []))


def motif_of(encaissement: Encaissement) -> str:
    """The reason of this entry in words: « annule R-2026-0364 : chèque non signé, rendu »."""
    if encaissement.annule:
        return f"annule {encaissement.annule.numero}{NBSP}: {encaissement.motif}"
    return encaissement.motif


def par_moyen(encaissements: Iterable[Encaissement]) -> list[ParMoyen]:
    """How many of these entries, and how much, came by each means, in the order of the till; a means without an entry
    is left out.
    """
    sommes: dict[str, list[int]] = {}
    for encaissement in encaissements:
        sommes.setdefault(encaissement.moyen, []).append(encaissement.montant)
    return [ParMoyen(code, len(sommes[code]), sum(sommes[code])) for code in NOMS if code in sommes]


def du_jour(now: datetime) -> list[LigneJournal]:
    """The entries of the day of `now` (Paris), the last one first, each with the total of the day up to it."""
    jour = mots.jour_of(now)
    return load_lignes(jour, jour)[::-1]
