"""The worker: the package's own, made to last, with the regular jobs of the portal beside it.

Seen of the package alone: killed with -9 it leaves its task RUNNING for ever, and it dies when SQLite stays locked.
No timer to install: whichever worker comes by enqueues the jobs of the day, once.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections, transaction
from django.db.models import Q
from django.tasks import DEFAULT_TASK_BACKEND_ALIAS, TaskResultStatus
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from accounts import heartbeats, outbox
from accounts.mail_probe import MailProbe
from accounts.models import Passage
from portail.dates import PARIS, dernier_instant

logger = logging.getLogger("django.tasks")

HEARTBEAT = "battement"
PASSAGE_EVERY = timedelta(seconds=30)
STALE_AFTER = timedelta(minutes=10)
MAX_WORKERS = 3
UNKNOWN_UNTIL = timedelta(hours=1)  # an upgrade of several machines is over
DATABASE_ERRORS = (OperationalError, InterfaceError)


class Worker(db_worker.Worker):
    """One task a turn, a passage every 30 seconds between two of them, until SIGTERM or, in batch, until no task."""

    def __init__(self, *, interval: float = 1, batch: bool = False) -> None:
        super().__init__(
            queue_names=["*"],
            excluded_queue_names=[outbox.RESTORED, *([outbox.QUEUE] if settings.ENVOIS_RETENUS else [])],
            interval=interval,
            batch=True,  # the package's run() ends when nothing is ready: what is done then is said here
            backend_name=DEFAULT_TASK_BACKEND_ALIAS,
            startup_delay=False,
            max_tasks=1,
            worker_id=get_random_string(32),
        )
        self.until_empty = batch
        self.next_passage = 0.0
        self.mail_probe = MailProbe()

    def run(self) -> None:
        """Run tasks one after the other until a signal or, in batch, until there is none; waits when the database does
        not answer."""
        while self.running:
            try:
                idle = not self._turn()
            except DATABASE_ERRORS as error:
                # Locked, restarted, gone: the database comes back, and the worker must still be there.
                logger.warning("Base de données indisponible (%s) : le service attend.", type(error).__name__)
                connections.close_all()
                idle = True
            else:
                if idle and self.until_empty:
                    return
            if idle and self.running:
                time.sleep(self.interval)

    def _turn(self) -> bool:
        """Do what is due; whether there was a task."""
        if time.monotonic() >= self.next_passage:
            passage(now=timezone.now())
            if not self.until_empty:  # who leaves when nothing is to be done would leave before the answer
                self.mail_probe.begin(now=timezone.now())
            self.next_passage = time.monotonic() + PASSAGE_EVERY.total_seconds()
        self.mail_probe.gather(now=timezone.now())
        self._run_tasks = 0
        super().run()
        return self._run_tasks > 0

    def run_task(self, db_task_result: DBTaskResult[Any, Any]) -> None:
        """Run this task of the queue. One that failed because of the database goes back to the queue for a minute, up
        to three tries in all, as when a worker dies.

        A task that this version does not know goes back too, while it is less than an hour old: another machine,
        upgraded before, may have enqueued it.
        """
        again = {"status": TaskResultStatus.READY, "run_after": timezone.now() + timedelta(minutes=1)}
        age = timezone.now() - db_task_result.enqueued_at
        if age < UNKNOWN_UNTIL and not outbox.is_known(db_task_result.task_path):
            same = DBTaskResult.objects.running().filter(pk=db_task_result.pk)
            same.update(**again, worker_ids=db_task_result.worker_ids[:-1])
            return
        super().run_task(db_task_result)
        tired = len(db_task_result.worker_ids) >= MAX_WORKERS
        if not tired and db_task_result.exception_class_path in {
            f"django.db.utils.{e.__name__}" for e in DATABASE_ERRORS
        }:
            DBTaskResult.objects.failed().filter(pk=db_task_result.pk).update(**again, finished_at=None)

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        """Stop the worker at a signal: the first one lets the task or the passage under way end; the second stops at
        once, as the package does."""
        if self.running:
            self.running = False
        else:
            super().shutdown(signum, frame)


def passage(*, now: datetime) -> None:
    """Do what workers do every 30 seconds: note that the portal answers and that one of them is alive, give back stale
    tasks, enqueue the regular ones. Several may do it at once (REL-05)."""
    heartbeats.beat(now=now)
    Passage.objects.update_or_create(job=HEARTBEAT, defaults={"done_at": now})
    release_stale(now=now)
    enqueue_frequent(now=now)
    enqueue_daily(now=now)


def release_stale(*, now: datetime) -> None:
    """Give back to the queue the tasks that have run for more than 10 minutes, whose worker must be dead; one that has
    had three workers is marked as failed, since it kills them."""
    for task in DBTaskResult.objects.running().filter(started_at__lt=now - STALE_AFTER):
        same = DBTaskResult.objects.running().filter(pk=task.pk, started_at=task.started_at)
        if len(task.worker_ids) < MAX_WORKERS:
            same.update(status=TaskResultStatus.READY)
        elif same.update(status=TaskResultStatus.FAILED, finished_at=now):
            logger.error("Task id=%s path=%s abandonnée : %d services arrêtés.", task.pk, task.task_path, MAX_WORKERS)


def enqueue_frequent(*, now: datetime) -> None:
    """Enqueue each task of FREQUENT_TASKS as often as it says: of several workers, one only does. A task of which a run
    still waits, or runs, is not enqueued again."""
    for path, every in settings.FREQUENT_TASKS.items():
        Passage.objects.get_or_create(job=path)
        due = Q(done_at=None) | Q(done_at__lte=now - every) | Q(done_at__gt=now + every)  # a clock that was ahead
        with transaction.atomic():
            if Passage.objects.filter(due, job=path).update(done_at=now):
                under_way = [TaskResultStatus.READY, TaskResultStatus.RUNNING]
                if not DBTaskResult.objects.filter(task_path=path, status__in=under_way).exists():
                    outbox.enqueue(path)


def enqueue_daily(*, now: datetime) -> None:
    """Enqueue each task of DAILY_TASKS that is due (hours of Paris) and was not done since: of several workers, one
    only does.

    What was missed yesterday is done before today's hour, once, however many days nobody came by. A new database owes
    nothing of the days before.
    """
    midnight = now.astimezone(PARIS).replace(hour=0, minute=0, second=0, microsecond=0)
    for path, hour in settings.DAILY_TASKS.items():
        Passage.objects.get_or_create(job=path, defaults={"done_at": midnight})
        with transaction.atomic():
            due = dernier_instant(hour, now=now)
            if Passage.objects.filter(Q(done_at=None) | Q(done_at__lt=due), job=path).update(done_at=now):
                outbox.enqueue(path)


def take_over_daily(*, now: datetime) -> list[str]:
    """In a database just restored, mark as done at `now` the due daily jobs that send mail; return their task paths.

    They may have run between the backup and the restoration: running them again would mail families twice.
    """
    due = []
    for path, hour in settings.DAILY_TASKS.items():
        if outbox.may_mail(path):
            late = Q(done_at=None) | Q(done_at__lt=dernier_instant(hour, now=now))
            if Passage.objects.filter(late, job=path).update(done_at=now):
                due.append(path)
    return due
