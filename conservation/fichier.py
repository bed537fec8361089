"""The file of SQLite once something was erased: what went is overwritten there, and its log keeps no page of before."""

from __future__ import annotations

from django.db import connection


def fold_log() -> bool:
    """Write the log of SQLite into its file, and empty the log, so that no page of before stays in it. Returns False
    when it could not: somebody else reads or writes, or a transaction is open. PostgreSQL clears up by itself: True,
    with nothing done.
    """
    if connection.vendor != "sqlite":
        return True
    if connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, *_ = cursor.fetchone()
    return not busy
