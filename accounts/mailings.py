"""Mails that an agent asked for many accounts at once: who waits for one, and what became of each.

A line is written with the task that sends its mail, in one transaction; that task alone settles it. A line that no
longer waits is never sent again, however often its task runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import emails
from accounts.models import Mailing, MailingLine, User
from accounts.outbox import Posting

State = MailingLine.State
LOT = 500  # mails enqueued in one transaction
FORGOTTEN_AFTER = timedelta(days=1)  # a line that waits longer has lost its task: it no longer stops another mailing


def open_mailing(
    mail: str, users: Iterable[User], *, recipients: str, by: int | None, now: datetime
) -> tuple[Mailing, list[MailingLine]]:
    """Create a mailing (the kind of mail `mail`, for these `recipients` in words, asked `by` the agent of this key) and
    one line for each account. To be called in the transaction that enqueues their tasks."""
    mailing = Mailing.objects.create(mail=mail, recipients=recipients[:200], asked_by_id=by, asked_at=now)
    lines = MailingLine.objects.bulk_create(MailingLine(mailing=mailing, user=user) for user in users)
    return mailing, lines


def line_to_send(line: int) -> MailingLine | None:
    """The line of a mailing with this primary key, and its account, if its mail has still to be sent; else None."""
    return MailingLine.objects.filter(pk=line, state=State.WAITING).select_related("user").first()


def enqueue_lines(mailing: int, after: int, send: Callable[[int], Any], go_on: Callable[[int], Any]) -> None:
    """Call `send` with the key of each of the next lines of a mailing that wait, after the key `after`, 500 at most, in
    one transaction; then `go_on` with the last key, if there may be more."""
    attend = MailingLine.objects.filter(mailing=mailing, state=MailingLine.State.WAITING, pk__gt=after)
    lignes = list(attend.order_by("pk").values_list("pk", flat=True)[:LOT])
    with transaction.atomic():
        for ligne in lignes:
            send(ligne)
        if len(lignes) == LOT:
            go_on(lignes[-1])


def is_waiting(line: int) -> bool:
    """Whether the line of a mailing with this primary key still waits for its mail to be sent."""
    return MailingLine.objects.filter(pk=line, state=State.WAITING).exists()


def record_outcome(line: int | None, state: str, *, now: datetime) -> None:
    """Write the final state of the line of a mailing with this primary key (sent, failed, skipped), if it still waits.
    Nothing when `line` is None: the mail is of no mailing."""
    if line is not None:
        MailingLine.objects.filter(pk=line, state=State.WAITING).update(state=state, settled_at=now)


def deliver_line(
    posting: Posting,
    line: MailingLine,
    name: str,
    context: Mapping[str, Any] | None,
    *,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Send to the account of this line of a mailing the mail `name`, which is tried again later when the server fails
    (`emails.deliver`), and write what became of it in the line. Without a `context` there is nothing left to tell: the
    line is skipped, as for an account that is closed or has no address; it has failed at once where mails come back."""
    user = line.user
    if not context or not user.email or not user.is_active:  # changed since
        record_outcome(line.pk, State.SKIPPED, now=posting.now)
        return
    if not user.is_reached:
        record_outcome(line.pk, State.FAILED, now=posting.now)
    if emails.deliver(posting, name, user, context, headers=headers):
        record_outcome(line.pk, State.SENT, now=timezone.now())
    elif posting.retry_at is None:
        record_outcome(line.pk, State.FAILED, now=timezone.now())


def waiting(mail: str, *, now: datetime) -> QuerySet[MailingLine]:
    """The lines of mailings of this kind of mail, less than a day old, that the worker has still to send."""
    return MailingLine.objects.filter(
        state=State.WAITING, mailing__mail=mail, mailing__asked_at__gt=now - FORGOTTEN_AFTER
    )
