"""The mail of a school morning, at eight."""

from __future__ import annotations

from datetime import date, datetime, time

from django_tasks_db.models import DBTaskResult

from accounts import worker
from portail.dates import PARIS

JEUDI = date(2026, 12, 3)
CANTINE = "cantine@courriel.example"


def at(hour, minute=0, jour=JEUDI):
    return datetime.combine(jour, time(hour, minute), tzinfo=PARIS)


def work(clock, *instants):
    """The worker passes at these instants, and does what is due."""
    for now in instants:
        clock.move_to(now, tick=False)
        worker.enqueue_daily(now=now)
        while rows := list(DBTaskResult.objects.ready()):
            for row in rows:
                DBTaskResult.objects.filter(pk=row.pk).update(status="SUCCESSFUL")
                row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
