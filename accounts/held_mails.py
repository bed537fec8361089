"""Mails that are held, by ENVOIS_RETENUS or since a restore: what each is and for whom, let go or given up by somebody
of the town hall.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.tasks import DEFAULT_TASK_QUEUE_NAME, TaskResultStatus
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from accounts import mailings, outbox, worker
from accounts.models import HeldMail, MailingLine
from accounts.outbox import QUEUE, RESTORED, Recipient

NOBODY = "personne\u00a0: rien ne partira"  # an unknown number or address, a request made too often


def describe(mails: Iterable[HeldMail]) -> None:
    """Set on each of these held mails, in words, its `name` and its `recipient`, with one query for each kind of
    recipient. The recipient of a mail that would go to nobody, or is of another version, is « personne : rien ne
    partira »."""
    asked: dict[Recipient, list[tuple[HeldMail, Any]]] = defaultdict(list)
    for mail in mails:
        arguments, kind = outbox.arguments_of(mail), outbox.kind_of(mail.task_path)
        if kind is None:  # a task of another version
            mail.name, mail.recipient = mail.task_path, NOBODY
            continue
        mail.name = kind.name
        asked[kind.recipient].append((mail, arguments.get(kind.recipient.parameter)))
    for recipient, rows in asked.items():
        found = recipient.find({value for _, value in rows})
        for mail, value in rows:
            mail.recipient = str(found.get(value) or NOBODY)


def release(mails: QuerySet[HeldMail]) -> list[HeldMail]:
    """Let these held mails leave, each once however many agents ask at once; the mails that this call has let go."""
    with transaction.atomic():
        mine = list(mails.select_for_update())
        _rows(mine).update(queue_name=DEFAULT_TASK_QUEUE_NAME)
    describe(mine)
    return mine


def give_up(mails: QuerySet[HeldMail], *, now: datetime) -> list[HeldMail]:
    """Delete these held mails, so that they are never sent; those that this call has deleted. The lines of a mailing
    that they were to send are marked as skipped."""
    with transaction.atomic():
        mine = list(mails.select_for_update())
        describe(mine)
        for mail in mine:
            mailings.record_outcome(outbox.arguments_of(mail).get("line"), MailingLine.State.SKIPPED, now=now)
        _rows(mine).delete()
    return mine


def hold_restored(*, now: datetime) -> int:
    """Hold all tasks that may send a mail and that waited, or were running, in the archive that was just restored; how
    many are now held in all. Which of them have left since the archive was made cannot be known here: the town hall
    decides.

    A daily job that makes mails and was due since the archive was made is not done again by the worker: it is held with
    them.
    """
    waiting = DBTaskResult.objects.filter(status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING])
    paths = waiting.order_by().values_list("task_path", flat=True).distinct()
    mails = waiting.filter(Q(task_path__in=[path for path in paths if outbox.may_mail(path)]) | Q(queue_name=QUEUE))
    anew: dict[str, Any] = {"status": TaskResultStatus.READY, "started_at": None, "worker_ids": []}
    with transaction.atomic():
        mails.update(queue_name=RESTORED, **anew)
        for path in worker.take_over_daily(now=now):
            if not DBTaskResult.objects.filter(task_path=path, queue_name=RESTORED).exists():
                import_string(path).using(queue_name=RESTORED).enqueue()
    return DBTaskResult.objects.filter(queue_name=RESTORED, status=TaskResultStatus.READY).count()


def _rows(mails: list[HeldMail]) -> QuerySet[HeldMail]:
    return HeldMail.objects.filter(pk__in=[mail.pk for mail in mails])
