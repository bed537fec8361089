"""The mails of an absence told or taken back, outside the request. Arguments are identifiers only."""

from __future__ import annotations

from django.db import transaction

from accounts.emails import deliver
from accounts.models import User
from accounts.outbox import Posting, fan_task, mail_task
from enfance.famille.absences import avis as avis_absence


@fan_task("Absence signalée ou retirée")
def tell_absences(absences: list[int], retirees: bool) -> None:
    """Enqueue the mail that tells each adult with access that these absences (primary keys) were told together, or
    taken back (`retirees`); none if that is no longer so.
    """
    lues = avis_absence.load_absences(absences, retirees=retirees)
    if lues:
        with transaction.atomic():
            for user in avis_absence.recipients(lues, retirees=retirees):
                send_absences.enqueue(absences, user.pk, retirees)


@mail_task("Absence signalée ou retirée")
def send_absences(posting: Posting, absences: list[int], user_pk: int, retirees: bool) -> None:
    """Send one adult the mail on these absences (primary keys) told, or taken back (`retirees`), only of the children
    that they may see; nothing if that is no longer so.
    """
    lues = avis_absence.load_absences(absences, retirees=retirees)
    user = User.objects.addressee(pk=user_pk)
    if lues and user:
        deliver(posting, "absence", user, avis_absence.absence_context(lues, user, retirees=retirees))
