"""The state of the portal at an instant: does it work, can it write, worker included? Nothing personal, cheap."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import Passage
from accounts.worker import HEARTBEAT
from portail.pannes import impatient, panne_of
from portail.version import version

WORKER_LATE_AFTER = timedelta(minutes=3)  # it passes every 30 seconds, but lets a mail server hang on a task before
WRITTEN = "ecriture"
WRITE_EVERY = timedelta(seconds=5)  # whoever asks a thousand times a second does not write as often
DISK_LOW = 500  # MiB: a copy of the database and the journals of a few weeks

State = dict[str, str | int | None]


def state_at(now: datetime) -> State:
    """`database` is « ok » when a row was written a moment ago, else what `portail.pannes` says of it."""
    state: State = {
        "database": "unavailable",
        "migrations": "unknown",
        "worker": "unknown",
        "worker_last_pass": None,
        **disk_state(),
        "version": version(),
    }
    try:
        with impatient():
            missing = known_migrations() - set(MigrationRecorder(connection).applied_migrations())
            state |= {"database": "ok", "migrations": "missing" if missing else "ok"}
            passes = dict(Passage.objects.filter(job__in=[HEARTBEAT, WRITTEN]).values_list("job", "done_at"))
            last_pass, written = passes.get(HEARTBEAT), passes.get(WRITTEN)
            late = last_pass is None or now - last_pass > WORKER_LATE_AFTER
            state |= {
                "worker": "late" if late else "ok",
                "worker_last_pass": last_pass.isoformat() if last_pass else None,
            }
            if written is None or abs(now - written) >= WRITE_EVERY:
                write(now)
    except (DatabaseError, InterfaceError) as error:
        state |= {"database": panne_of(error) or state["database"]}
    return state


def write(now: datetime) -> None:
    """One small row, always the same: only a write tells whether one can be made."""
    row = Passage(job=WRITTEN, done_at=now)
    Passage.objects.bulk_create([row], update_conflicts=True, unique_fields=["job"], update_fields=["done_at"])


def disk_state() -> State:
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
    """The migrations of this version of the code: read from the disk once a process."""
    return frozenset(MigrationLoader(None).disk_migrations)
