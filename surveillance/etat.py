"""The state of the portal at an instant, read once for all who tell it: an address, figures, the town hall's home, a
command. Nothing personal, and cheap: five queries, that wait a second.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Case, Count, DateTimeField, F, Min, Q, When
from django.tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from accounts import mail_contact
from accounts.models import HeldMail, Passage, UndeliveredMail
from accounts.worker import HEARTBEAT
from conservation import suivi
from portail.pannes import UNAVAILABLE, impatient, panne_of
from portail.version import version

WORKER_LATE_AFTER = timedelta(minutes=3)  # it passes every 30 seconds, but lets a mail server hang on a task before
TASKS_LATE_AFTER = timedelta(minutes=30)  # as long as hundreds of mails take, one after the other
BACKUP_OLD_AFTER = timedelta(hours=36)  # one a night, and the morning to see that it was missed
WRITTEN = "ecriture"
WRITE_EVERY = timedelta(seconds=5)  # whoever asks a thousand times a second does not write as often
DISK_LOW = 500  # MiB: a copy of the database and the journals of a few weeks

# What is wrong enough to wake somebody up: « unknown » comes with a database that does not answer.
WRONG: dict[str, set[str]] = {
    "database": {"locked", "full", "read-only", "unavailable"},
    "migrations": {"missing"},
    "worker": {"late"},
    "mail": {"failing"},
    "tasks": {"late"},
    "disk": {"low", "unknown"},
    "backup": {"old", "missing"},
}


@dataclass(frozen=True)
class Etat:
    """What is known at the instant `at`; None and « unknown » where the database did not say.

    `database`: « ok » when a row was written a moment ago, else what `portail.pannes` says of it. `migrations`: ok,
    missing. `worker`: ok, late. `mail`: ok, failing (nothing was accepted for five minutes), held (ENVOIS_RETENUS),
    unknown (no worker has looked). `tasks`: ok, late. `disk`: ok, low, unknown. `backup`: ok, old,
    missing (one was made, and no archive is in SAUVEGARDES any more), none (SAUVEGARDES is not set, or the portal so
    new that none is due). `oldest_task` in seconds, `disk_free` in MiB.
    """

    at: datetime
    disk: str
    disk_free: int | None
    version: str
    database: str = "unavailable"
    migrations: str = "unknown"
    worker: str = "unknown"
    worker_last_pass: datetime | None = None
    mail: str = "unknown"
    mail_failing_since: datetime | None = None
    mail_last_ok: datetime | None = None
    mails_waiting: int | None = None
    mails_failed: int | None = None
    tasks: str = "unknown"
    oldest_task: int | None = None
    backup: str = "unknown"
    last_backup: datetime | None = None
    last_check: datetime | None = None
    checked_archive: datetime | None = None

    @property
    def wrong(self) -> list[str]:
        """The names of what does not work, among those of `WRONG`."""
        return [name for name, words in WRONG.items() if getattr(self, name) in words]

    @property
    def mails_stopped_since(self) -> datetime | None:
        """The instant since which no mail leaves, for a reason that somebody must mend; None while mails leave, or are
        held back on purpose, and when no worker has ever passed."""
        if self.mail == "failing":
            return self.mail_failing_since
        return self.worker_last_pass if self.worker == "late" and self.mail != "held" else None


def lire(now: datetime) -> Etat:
    """Read the state of the portal at `now`. Writes a small row, every five seconds at most, to know whether the
    database can be written. A database that does not answer raises nothing: what it did not say stays unknown."""
    known: dict[str, Any] = {}
    error = None
    try:
        with impatient():
            applied = MigrationRecorder(connection).applied_migrations()
            known = {"database": "ok", "migrations": "missing" if known_migrations() - set(applied) else "ok"}
            known |= _read(now, began=min((row.applied for row in applied.values()), default=now))
            if known.pop("due_to_write"):
                _write(now)
    except (DatabaseError, InterfaceError) as failure:
        error = failure
    if error is not None:
        # A table that waits for its migration answers, as far as it goes.
        waits = known.get("migrations") == "missing" and panne_of(error) is None
        known["database"] = "ok" if waits else panne_of(error) or UNAVAILABLE
    return Etat(at=now, version=version(), **_disk(), **known)


def lire_courriels(now: datetime) -> Etat:
    """Read the state of the worker and of the mail server alone at `now`, in one query, and write nothing. The rest of
    the state stays as when the database does not answer, which `wrong` then names. Raises the error of a database that
    does not."""
    passes = dict(Passage.objects.filter(job__in=[HEARTBEAT, *mail_contact.ROWS]).values_list("job", "done_at"))
    worker = _worker(passes, now=now)
    mail = _mail(passes, late=worker["worker"] == "late", now=now)
    return Etat(at=now, version=version(), disk="unknown", disk_free=None, **worker, **mail)


def _read(now: datetime, *, began: datetime) -> dict[str, Any]:
    known: dict[str, Any] = {}
    jobs = [HEARTBEAT, WRITTEN, *mail_contact.ROWS, *suivi.ROWS]
    passes = dict(Passage.objects.filter(job__in=jobs).values_list("job", "done_at"))
    written = passes.get(WRITTEN)
    known |= _worker(passes, now=now)
    known |= _mail(passes, late=known["worker"] == "late", now=now) | _tasks(now)
    known |= {"mails_failed": UndeliveredMail.objects.filter(settled_at=None).count()}
    known |= _backup(passes, began=began, now=now)
    return known | {"due_to_write": written is None or abs(now - written) >= WRITE_EVERY}


def _worker(passes: Mapping[str, datetime | None], *, now: datetime) -> dict[str, Any]:
    last_pass = passes.get(HEARTBEAT)
    late = last_pass is None or now - last_pass > WORKER_LATE_AFTER
    return {"worker": "late" if late else "ok", "worker_last_pass": last_pass}


def _mail(passes: Mapping[str, datetime | None], *, late: bool, now: datetime) -> dict[str, Any]:
    contact = mail_contact.read(passes, now=now)
    if settings.ENVOIS_RETENUS:
        word = "held"
    elif late or (contact.last_ok is None and contact.failing_since is None):
        word = "unknown"  # only a worker sends, and looks
    else:
        word = "failing" if contact.failing else "ok"
    return {"mail": word, "mail_failing_since": contact.failing_since, "mail_last_ok": contact.last_ok}


def _tasks(now: datetime) -> dict[str, Any]:
    """The mails that wait, and since when the oldest of what could be done waits: neither what is held nor what is for
    later."""
    held = Q(queue_name__in=[HeldMail.RESTORED, *([HeldMail.QUEUE] if settings.ENVOIS_RETENUS else [])])
    at_once = Q(run_after=get_date_max())
    since = Case(When(at_once, then=F("enqueued_at")), default=F("run_after"), output_field=DateTimeField())
    ready = DBTaskResult.objects.filter(status=TaskResultStatus.READY).order_by()
    found = ready.aggregate(
        waiting=Count("pk", filter=Q(queue_name=HeldMail.QUEUE)),
        oldest=Min(since, filter=(at_once | Q(run_after__lte=now)) & ~held),
    )
    oldest = max(timedelta(0), now - found["oldest"]) if found["oldest"] else None
    return {
        "mails_waiting": found["waiting"],
        "tasks": "late" if oldest and oldest > TASKS_LATE_AFTER else "ok",
        "oldest_task": int(oldest.total_seconds()) if oldest is not None else None,
    }


def _backup(passes: Mapping[str, datetime | None], *, began: datetime, now: datetime) -> dict[str, Any]:
    last = passes.get(suivi.BACKUP) or suivi.newest_in_folder()
    if settings.SAUVEGARDES is None or (last is None and now - began <= BACKUP_OLD_AFTER):
        word = "none"
    elif last and suivi.has_archives() is False:
        word = "missing"
    else:
        word = "ok" if last and now - last <= BACKUP_OLD_AFTER else "old"
    return {
        "backup": word,
        "last_backup": last,
        "last_check": passes.get(suivi.CHECK),
        "checked_archive": passes.get(suivi.CHECKED),
    }


def _write(now: datetime) -> None:
    """One small row, always the same: only a write tells whether one can be made."""
    row = Passage(job=WRITTEN, done_at=now)
    Passage.objects.bulk_create([row], update_conflicts=True, unique_fields=["job"], update_fields=["done_at"])


def _disk() -> dict[str, Any]:
    """The room where the database is (SQLite), or where the portal keeps its own files: « ok » or « low »."""
    var = settings.VAR_DIR if settings.VAR_DIR.is_dir() else settings.BASE_DIR
    folder = Path(connection.settings_dict["NAME"]).parent if connection.vendor == "sqlite" else var
    try:
        free = shutil.disk_usage(folder).free // 2**20
    except OSError:
        return {"disk": "unknown", "disk_free": None}
    return {"disk": "ok" if free >= DISK_LOW else "low", "disk_free": free}


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """The migrations of this version of the code, as (app, name): read from the disk once a process."""
    return frozenset(MigrationLoader(None).disk_migrations)


def waiting_migrations() -> list[tuple[str, str]]:
    """The migrations of this version that the database has not had, as (app, name), sorted; none when the database does
    not answer."""
    try:
        with impatient():
            return sorted(known_migrations() - set(MigrationRecorder(connection).applied_migrations()))
    except (DatabaseError, InterfaceError):
        return []
