"""When the machine is at fault and not the portal: a database locked, full, read-only or gone, a full disk.

What fails so is asked again a moment later, and then works; what fails otherwise would fail again.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.utils import InterfaceError, InternalError, OperationalError

PATIENCE = 1000  # milliseconds
LOCKED, FULL, READ_ONLY, UNAVAILABLE = "locked", "full", "read-only", "unavailable"

DISK = {errno.ENOSPC: FULL, errno.EDQUOT: FULL, errno.EROFS: READ_ONLY}
SQLITE = {
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_ERROR: None,  # « no such table »: nothing that waiting mends
}
POSTGRESQL = {
    "55P03": LOCKED,  # lock_timeout
    "40P01": LOCKED,  # deadlock
    "40001": LOCKED,  # serialization
    "53100": FULL,
    "25006": READ_ONLY,  # psycopg takes it for an internal error
}


def panne_of(error: BaseException | None) -> str | None:
    """How the machine is at fault in this error or in those that caused it: « locked », « full », « read-only » or
    « unavailable »; None when it is not."""
    return next(filter(None, map(_state, chain(error))), None)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """This error, then the one that caused it, and so on to the first cause."""
    while error:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _state(error: BaseException) -> str | None:
    if isinstance(error, OSError):
        return DISK.get(error.errno or 0)
    if not isinstance(error, OperationalError | InterfaceError | InternalError):
        return None
    driver = error.__cause__
    if isinstance(driver, sqlite3.Error):
        return SQLITE.get(getattr(driver, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF, UNAVAILABLE)
    state = POSTGRESQL.get(getattr(driver, "sqlstate", None) or "")
    return state or (None if isinstance(error, InternalError) else UNAVAILABLE)


@contextmanager
def impatient() -> Iterator[None]:
    """Within this block a query waits one second for a lock and, on PostgreSQL, one and a half for an answer, whatever
    the settings say: for what is not worth waiting twenty seconds, as the watch of the portal or the note that a
    session is used."""
    if connection.vendor == "sqlite":
        usual = int(connection.settings_dict["OPTIONS"]["timeout"] * 1000)
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
            try:
                yield
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {usual}")
    else:
        within = connection.in_atomic_block
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)",
                [f"{PATIENCE}ms", f"{PATIENCE * 3 // 2}ms"],  # the longer one last: a lock is to be told as one
            )
            yield
            if within:  # what is local lasts until the end of the whole transaction, unless this part is rolled back
                cursor.execute("SET LOCAL lock_timeout TO DEFAULT; SET LOCAL statement_timeout TO DEFAULT")
