"""« Votre quotient familial »: the mail that asks families for it, by the town hall when it wants, each January by the
worker. Its only writer.

One mail a payer and address, followed line by line (`accounts.mailings`); a family that waits for one is not written to
twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import mailings
from accounts.models import Mailing, Passage, User
from accounts.outbox import fan_task
from enfance.models import Foyer
from facturation.payeurs.recherche import nom_of
from facturation.quotients.tasks import send_demandes_quotient
from facturation.quotients.vus import foyers_a_renouveler, foyers_sans_quotient
from portail.dates import PARIS
from portail.francais import pluriel

JANVIER = 1


@dataclass(frozen=True)
class DemandeQuotient:
    """Whom the mail would reach: how many families, and an account an address of each; the families without any that
    works, by name; how many wait for one already. `envoi`: the mailing, once asked for.
    """

    familles: int
    comptes: list[User]
    sans_courriel: list[str]
    en_route: int
    envoi: Mailing | None = None


def preparer_demande(foyers: QuerySet[Foyer], *, now: datetime) -> DemandeQuotient:
    """Whom a mail asking these foyers for their quotient would reach, and whom it would not; nothing is sent. Three
    queries.
    """
    lus = list(foyers.prefetch_related("responsables__user"))
    en_route = set(mailings.waiting(Mailing.Mail.QUOTIENT, now=now).values_list("user", flat=True))
    comptes: dict[str, User] = {}
    sans_courriel, attendent = [], 0
    for foyer in lus:
        users = [responsable.user for responsable in foyer.responsables.all()]
        if any(user.pk in en_route for user in users):
            attendent += 1
            continue
        joints = [user for user in users if user.is_active and user.is_reached]
        if not joints:
            sans_courriel.append(nom_of(foyer))
        for user in joints:
            comptes.setdefault(user.email.lower(), user)
    return DemandeQuotient(len(lus) - attendent - len(sans_courriel), list(comptes.values()), sans_courriel, attendent)


def ouvrir(foyers: QuerySet[Foyer], *, par: int | None, now: datetime) -> DemandeQuotient:
    """Open a mailing that asks these foyers for their quotient, in the name of the agent `par` (primary key; None for
    the worker). Without anybody to write to, no mailing is made (`envoi` is None).

    Call it in the transaction that enqueues `send_demandes_quotient`.
    """
    demande = preparer_demande(foyers, now=now)
    if not demande.comptes:
        return demande
    familles = pluriel(demande.familles, "famille,familles")
    envoi, _ = mailings.open_mailing(Mailing.Mail.QUOTIENT, demande.comptes, recipients=familles, by=par, now=now)
    return replace(demande, envoi=envoi)


def demander_sans_quotient(*, par: int, now: datetime) -> DemandeQuotient:
    """Mail all the families to be billed without a quotient to ask for it, but for those that such a mail is on its way
    to, in the name of the agent `par` (primary key): the mailing and its task in one transaction.
    """
    with transaction.atomic():
        demande = ouvrir(foyers_sans_quotient(now.astimezone(PARIS).date()), par=par, now=now)
        if demande.envoi:
            send_demandes_quotient.enqueue(demande.envoi.pk)
        return demande


def renouveler(*, now: datetime) -> DemandeQuotient | None:
    """In January, once a year, open a mailing to the families who will have no quotient in February. None in another
    month (Paris), or when it was done already. In a transaction, as `ouvrir`.
    """
    today = now.astimezone(PARIS).date()
    if today.month != JANVIER:
        return None
    _, is_new = Passage.objects.get_or_create(job=f"quotients/{today.year}", defaults={"done_at": now})
    return ouvrir(foyers_a_renouveler(today), par=None, now=now) if is_new else None


@fan_task("Demandes du quotient familial, en janvier")
def ask_quotients() -> None:
    """Task run each day: in January, once, mail the families who will have no quotient in February to ask for it."""
    with transaction.atomic():
        demande = renouveler(now=timezone.now())
        if demande and demande.envoi:
            send_demandes_quotient.enqueue(demande.envoi.pk)
