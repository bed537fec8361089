"""The questions put to PayFiP, and put again: what the worker does for payments. Arguments are identifiers only."""

from __future__ import annotations

from django.db import transaction
from django.tasks import task
from django.utils import timezone

from accounts import groups, journal
from accounts.emails import deliver
from accounts.models import User
from accounts.outbox import Posting, fan_task, mail_task
from facturation.models import EssaiPaiement
from facturation.montants import euros
from facturation.payfip import paiements
from facturation.payfip.echange import RESULTATS, PayfipIndisponible
from facturation.payfip.fautes import FAUTES, faute_of
from facturation.payfip.verdicts import somme_payee
from portail.dates import date_heure
from portail.francais import et
from portail.groupes import REGIE


@task()
def interroger_essai(essai_pk: int, tour: int = -1) -> None:
    """Task: ask PayFiP what became of this attempt (primary key). `tour`: the place of the question among the planned
    ones, below 0 for a question out of turn.
    """
    try:
        paiements.ask_and_plan_next(essai_pk, tour, now=timezone.now())
    except PayfipIndisponible as unavailable:  # the next one asks again
        journal.event("payfip_unavailable", result=unavailable.cause)


@task()
def redemander() -> None:
    """Each night: close the attempts that are over, and queue a question to PayFiP about each attempt of the last week
    that may still turn out to be paid.
    """
    with transaction.atomic():
        for pk in paiements.close_old_and_list_pending(now=timezone.now()):
            interroger_essai.enqueue(pk)


@fan_task("Paiement à vérifier, pour la régie")
def prevenir_regie(essai_pk: int) -> None:
    """Task: queue a mail to each member of the régie about this attempt (primary key), which somebody has to look
    at.
    """
    with transaction.atomic():
        for user in groups.members(REGIE):
            send_essai.enqueue(essai_pk, user.pk)


@mail_task("Paiement à vérifier, pour la régie")
def send_essai(posting: Posting, essai_pk: int, user_pk: int) -> None:
    """Task: mail one member of the régie (primary key) about this attempt that somebody has to look at, unless it is
    paid by now. The mail names no family.
    """
    essai = EssaiPaiement.objects.select_related("facture").filter(pk=essai_pk).first()
    user = User.objects.addressee(pk=user_pk)
    if user is None or essai is None or essai.etat == EssaiPaiement.Etat.PAYE:
        return
    context = {
        "numeros": et([facture.numero for facture in essai.factures]),
        "plusieurs": len(essai.factures) > 1,
        "montant": euros(essai.montant),
        "quand": date_heure(essai.demande_le),
        "raison": raison_of(essai),
        "suivi": essai.etat == EssaiPaiement.Etat.A_VERIFIER,
        "encore": posting.now < essai.demande_le + paiements.SUIVI,
    }
    deliver(posting, "essai_paiement", user, context)


def raison_of(essai: EssaiPaiement) -> str:
    """Why the régie has to look at this attempt to pay on PayFiP, in a French sentence."""
    if essai.etat != EssaiPaiement.Etat.A_VERIFIER:
        return faute_of(essai.resultrans).for_regisseur
    if not essai.resultrans:
        return "PayFiP n’a donné aucun résultat en une semaine."
    if RESULTATS.get(essai.resultrans) == "paye":
        somme = somme_payee(essai)
        dit = f"{euros(somme)} au lieu de {euros(essai.montant)}" if somme not in (None, essai.montant) else ""
        quoi = dit or "mais pas ce que le portail avait demandé"
        return f"PayFiP dit payé, {quoi}\u00a0: rien n’est encaissé."
    if essai.resultrans in FAUTES:
        return f"{faute_of(essai.resultrans).for_regisseur} Rien n’est encaissé."
    return (
        f"PayFiP a répondu «\u00a0{essai.resultrans}\u00a0», que le portail ne connaît pas\u00a0: rien n’est encaissé."
    )
