"""The journal of receipts, a month at a time: it never changes once the month is over. What is to be checked of PayFiP.

A receipt is of the month in which it was written, so that its number and its month follow each other. Reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from facturation.models import Encaissement, EssaiPaiement, Versement
from facturation.montants import valeur
from facturation.papiers import mots
from facturation.regie.lignes import LigneJournal, ParMoyen, load_lignes, moyen_texte, par_moyen
from portail.dates import PARIS, date_heure, jour_long

TITRES = [
    "Reçu",
    "Écrit le",
    "Reçu le",
    "Payeur",
    "Factures",
    "Moyen",
    "Référence",
    "Titres",
    "Montant",
    "Cumul",
    "Versement",
    "Raison",
]
RELANCES_PAYFIP = timedelta(days=7)  # PayFiP is asked again each night, as long


@dataclass(frozen=True)
class JournalMois:
    """The receipts of a month, the running total, by means; `total` in centimes."""

    premier: date
    lignes: list[LigneJournal]

    @property
    def nom(self) -> str:
        """The month, in French: « novembre 2026 »."""
        return mots.mois_annee(self.premier)

    @property
    def de_nom(self) -> str:
        """The month after a noun, in French: « de novembre »."""
        return mots.de_mois(self.premier)

    @property
    def total(self) -> int:
        """The sum of the entries of the month, in centimes."""
        return self.lignes[-1].cumul if self.lignes else 0

    @property
    def moyens(self) -> list[ParMoyen]:
        """How many entries, and how much, by means of payment."""
        return par_moyen([ligne.encaissement for ligne in self.lignes])


@dataclass(frozen=True)
class EssaiAVerifier:
    """An attempt on PayFiP whose answer says nothing sure: nothing is credited."""

    essai: EssaiPaiement

    @property
    def quand(self) -> str:
        """When the payment was begun, in French."""
        return date_heure(self.essai.demande_le)

    @property
    def jusqu_au(self) -> str:
        """The last day on which PayFiP is asked again about this attempt, each night, in French."""
        return jour_long(timezone.localdate(self.essai.demande_le) + RELANCES_PAYFIP)


def load_journal(premier: date) -> JournalMois:
    """The journal of receipts written in the month that begins on `premier`. One query."""
    return JournalMois(premier, load_lignes(premier, _dernier(premier)))


def journal_table(journal: JournalMois) -> list[list[Any]]:
    """This journal as the rows of a spreadsheet, whose amounts are numbers in euros; the titles of the columns are
    `TITRES`.
    """
    versements = dict(
        Versement.objects.filter(encaissements__in=[ligne.encaissement.pk for ligne in journal.lignes])
        .order_by()
        .values_list("encaissements", "numero")
    )
    return [_rangee(ligne, versements.get(ligne.encaissement.pk, "")) for ligne in journal.lignes]


def _rangee(ligne: LigneJournal, versement: str) -> list[Any]:
    recu: Encaissement = ligne.encaissement
    return [
        recu.numero,
        timezone.localtime(recu.ecrit_le).strftime("%Y-%m-%d %H:%M"),
        timezone.localdate(recu.recu_le).isoformat(),
        recu.payeur,
        ligne.factures,
        str(recu.get_moyen_display()),
        recu.reference,
        recu.titres or "",
        valeur(recu.montant),
        valeur(ligne.cumul),
        versement,
        ligne.motif,
    ]


def load_mois(now: datetime) -> list[date]:
    """The first days of the months that have receipts, and of the month of `now` (Paris), the latest first."""
    ecrits = Encaissement.objects.order_by().datetimes("ecrit_le", "month", tzinfo=PARIS)
    mois = {quand.date().replace(day=1) for quand in ecrits} | {now.astimezone(PARIS).date().replace(day=1)}
    return sorted(mois, reverse=True)


def load_a_verifier() -> list[EssaiAVerifier]:
    """The attempts to pay on PayFiP that an agent must check by hand, the oldest first."""
    essais = EssaiPaiement.objects.filter(etat=EssaiPaiement.Etat.A_VERIFIER).select_related("facture", "compte__foyer")
    lus = essais.prefetch_related("compte__foyer__responsables__user", "parts__facture").order_by("demande_le", "pk")
    return [EssaiAVerifier(essai) for essai in lus]


# --- What is brought to the treasury ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bordereau:
    """What is brought to the treasury, or was: its receipts by number, each means with what it counts."""

    encaissements: Sequence[Encaissement]

    @property
    def total(self) -> int:
        """The sum of the receipts of the slip, in centimes."""
        return sum(recu.montant for recu in self.encaissements)

    @property
    def moyens(self) -> list[ParMoyen]:
        """How many receipts, and how much, by means of payment."""
        return par_moyen(self.encaissements)

    @property
    def titres(self) -> int:
        """How many CESU titles the receipts hold."""
        return sum(recu.titres or 0 for recu in self.encaissements)

    @property
    def lignes(self) -> list[tuple[Encaissement, str]]:
        """Each receipt of the slip with its means in words."""
        return [(recu, moyen_texte(recu)) for recu in self.encaissements]


def _dernier(premier: date) -> date:
    return (premier + timedelta(days=31)).replace(day=1) - timedelta(days=1)
