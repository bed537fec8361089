"""What a change would do: it is done for real, then taken back, and meanwhile nobody waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

PRIVATE = "file:"  # a database of SQLite's own, in memory, then in an unnamed file past its cache; gone once closed


def writing(*, rehearsed: bool) -> AbstractContextManager[None]:
    """A block that is one transaction; with `rehearsed`, all that was written in it is rolled back at its end."""
    return rehearsal() if rehearsed else transaction.atomic()


@contextmanager
def rehearsal() -> Iterator[None]:
    """A block whose writes are all rolled back at its end.

    SQLite has one writer, and a preview of a thousand rows writes for seconds: it is written in a copy of the database,
    made when the block begins, so that no save waits for it. Within a transaction, whose lock is held already, and on
    PostgreSQL, whose rows are locked one by one, the database itself is written, and the writing undone.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with on_a_copy(), taken_back():
            yield
    else:
        with taken_back():
            yield


@contextmanager
def taken_back() -> Iterator[None]:
    """A block in a transaction that is always rolled back at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def on_a_copy() -> Iterator[None]:
    """Within this block, the queries of this thread go to a private copy of the database, which then disappears (SQLite
    alone)."""
    real = connections[DEFAULT_DB_ALIAS]
    real.ensure_connection()
    copy = real.copy()
    copy.settings_dict["NAME"] = PRIVATE
    try:
        copy.ensure_connection()
        with real.wrap_database_errors:  # a full disk is told as any other
            real.connection.backup(copy.connection)  # whole: whoever reads or writes meanwhile is not held up
        connections[DEFAULT_DB_ALIAS] = copy
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = real
        copy.close()
