"""The file of SQLite once something was erased: what went is overwritten there, and its log keeps no page of before."""

from __future__ import annotations

from django.db import connection


def fold_log() -> bool:
    """Fold the log of SQLite into its file, and empty it; False as long as somebody reads or writes, or within a
    transaction. PostgreSQL clears up by itself.
    """
    if connection.vendor != "sqlite":
        return True
    if connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, *_ = cursor.fetchone()
    return not busy
