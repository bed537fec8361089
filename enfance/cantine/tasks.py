"""The association’s mail of the morning, sent outside the request. Arguments are identifiers and instants only."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.utils import timezone

from accounts.emails import subject_of, try_address
from accounts.outbox import Posting, fan_task, mail_task
from accounts.rebonds.marks import record_undelivered
from enfance.cantine import matin
from enfance.cantines import load_adresse
from enfance.courriels.tasks import CANTINE, named


@fan_task("E-mail du matin, pour la cantine", CANTINE)
def plan_cantine() -> None:
    """Plan the canteen mails of this morning, each at its hour: run once a day before the first hour that may be
    chosen, and whenever an hour is changed.
    """
    now = timezone.now()
    for adresse, depart in matin.departs(now=now):
        send_cantine.using(run_after=depart).enqueue(timezone.localdate(now).isoformat(), **named(adresse))


@mail_task("E-mail du matin, pour la cantine", CANTINE)
def send_cantine(
    posting: Posting,
    jour_iso: str,
    depuis_iso: str | None = None,
    attempt: int = 0,
    ecole_pk: int | None = None,
    suite: bool = False,
) -> None:
    """Send the canteen mail of this day to the address of the school `ecole_pk`, or to the town's: who has lunch; once
    more (`suite`) when an absence has changed since.

    The first attempt claims the mail, so that no other task sends it; it is tried again until noon. If it cannot leave,
    it joins the town hall's list of undelivered mails, under the name of who chose the hour.
    """
    # In its place among the arguments: `outbox.lock_enqueued` looks for all of them.
    posting = replace(posting, attempt=attempt)
    now, jour, name = posting.now, date.fromisoformat(jour_iso), "cantine"
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
    reason = try_address(posting, name, adresse.courriel, context)
    if reason is None:
        return
    if posting.retry_at and matin.is_morning(jour, now=posting.retry_at):
        depuis_iso = envoi.depuis.isoformat() if envoi.depuis else None
        posting.enqueue(posting.retry_at, jour_iso, depuis_iso, attempt + 1, ecole_pk, suite)
        return
    matin.give_back(envoi)
    if auteur := matin.load_reglage(adresse).choisie_par:
        record_undelivered(auteur, subject_of(name, context), reason, now=now)
