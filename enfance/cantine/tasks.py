"""The association’s mail of the morning, sent outside the request. Arguments are identifiers and instants only."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from accounts import journal, outbox
from accounts.emails import RETRY_AFTER, NotDelivered, record_undelivered, send, subject_of
from accounts.outbox import fan_task, mail_task
from enfance.cantine import matin
from enfance.cantines import load_adresse
from enfance.courriels.tasks import CANTINE, named


@fan_task("E-mail du matin, pour la cantine", CANTINE)
def plan_cantine() -> None:
    """Once a day before the first hour that may be chosen, and whenever another is: the mails of the morning."""
    now = timezone.now()
    for adresse, depart in matin.departs(now=now):
        send_cantine.using(run_after=depart).enqueue(timezone.localdate(now).isoformat(), **named(adresse))


@mail_task("E-mail du matin, pour la cantine", CANTINE)
def send_cantine(
    jour_iso: str,
    depuis_iso: str | None = None,
    attempt: int = 0,
    ecole_pk: int | None = None,
    suite: bool = False,
) -> None:
    """Tell the association who has lunch today, at the address of this school or at the town's; once more (`suite`)
    where an absence has changed since. The first attempt takes the mail of the day; the others are its own, and none is
    left for the afternoon. What cannot leave joins the town hall's list, on the account of who chose.
    """
    now, jour, name = timezone.now(), date.fromisoformat(jour_iso), "cantine"
    depuis = datetime.fromisoformat(depuis_iso) if depuis_iso else None
    take = matin.take_again if suite else matin.take
    envoi = matin.Envoi(jour, depuis, ecole_pk, suite) if attempt else take(jour, ecole_pk, now=now)
    adresse = load_adresse(ecole_pk)
    if envoi is None or adresse is None:
        return
    if not adresse.courriel or not matin.is_morning(jour, now=now):  # nobody worked between two attempts
        matin.give_back(envoi)
        return
    context = matin.matin_context(envoi, adresse, now=now)
    try:
        send(name, adresse.courriel, context)
    except NotDelivered as failure:
        journal.event("mail_failed", result=failure.reason.value, mail=name, attempt=attempt)
        again = now + RETRY_AFTER[attempt] if attempt < len(RETRY_AFTER) else now + timedelta(days=1)
        if matin.is_morning(jour, now=again):
            depuis_iso = envoi.depuis.isoformat() if envoi.depuis else None
            outbox.again(send_cantine, again).enqueue(jour_iso, depuis_iso, attempt + 1, ecole_pk, suite)
            return
        matin.give_back(envoi)
        if auteur := matin.load_reglage(adresse).choisie_par:
            record_undelivered(subject_of(name, context), auteur, failure.reason, now=now)
    else:
        journal.event("mail_sent", mail=name, attempt=attempt)
