"""The attempts as pages read them: whether one may still be paid, what came of it, those that a payer waits for. Reads,
never writes. Amounts are centimes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from facturation.models import Compte, EssaiPaiement
from facturation.montants import euros
from facturation.payfip.paiements import EN_ATTENTE, PAGE_OUVERTE, Etat, heure
from portail.dates import PARIS, date_heure


def may_still_pay(essai: EssaiPaiement, reste: int, *, now: datetime) -> bool:
    """Whether the page of PayFiP for this attempt may still be opened, and should: as much as it asks is still due."""
    ouverte = essai.etat == Etat.EN_COURS and bool(essai.id_op) and now < essai.demande_le + PAGE_OUVERTE
    return ouverte and reste >= essai.montant


def latest_of(comptes: list[Compte], *, now: datetime) -> EssaiPaiement | None:
    """The last attempt of these payers, if it is of the last day."""
    recents = EssaiPaiement.objects.filter(compte__in=comptes, demande_le__gt=now - timedelta(days=1))
    return recents.select_related("facture").order_by("-demande_le", "-pk").first()


@dataclass(frozen=True)
class SuitePayee:
    """Where the money of a paid attempt went: to its invoice, to others, to the payer's credit. In centimes."""

    facture: int
    autres: int
    credit: int


def suite_of(essai: EssaiPaiement) -> SuitePayee | None:
    """The same, as its receipt froze it; None when there is no receipt."""
    recu = essai.encaissement
    if recu is None:
        return None
    payees = {ligne["facture"]: ligne["paye"] for ligne in recu.contenu.get("factures", [])}
    credit = recu.contenu.get("credit", 0)
    sienne = payees.pop(essai.facture.numero, 0)
    return SuitePayee(sienne, sum(payees.values()), credit)


def load_en_cours(compte: Compte, *, now: datetime) -> list[str]:
    """A sentence for each attempt of this payer, or of one that was made one with it, that may still turn out to be
    paid. One query."""
    siens = Q(compte=compte) | Q(compte__reuni_dans=compte) | Q(compte__reuni_dans__reuni_dans=compte)
    essais = EssaiPaiement.objects.filter(siens, etat__in=EN_ATTENTE).select_related("facture")
    return [_en_cours(essai, now) for essai in essais.order_by("demande_le", "pk")]


def _en_cours(essai: EssaiPaiement, now: datetime) -> str:
    quoi = f"Un paiement en ligne de {euros(essai.montant)}, pour la facture {essai.facture.numero},"
    if essai.etat == Etat.A_VERIFIER:
        return f"{quoi} est à vérifier\u00a0: commencé {date_heure(essai.demande_le)}."
    du_jour = timezone.localdate(essai.demande_le, PARIS) == timezone.localdate(now, PARIS)
    return f"{quoi} est en cours depuis {heure(essai.demande_le) if du_jour else date_heure(essai.demande_le)}."
