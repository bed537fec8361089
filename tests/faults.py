"""Real faults of a machine: a database that another holds, that is full, read-only, broken off or gone."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

WAIT = 200  # milliseconds: what a page waits in these tests


@contextmanager
def another() -> Iterator[BaseDatabaseWrapper]:
    """Another connection to the database of the tests."""
    other = connection.copy()
    try:
        yield other
    finally:
        other.close()


def run(sql: str, using: BaseDatabaseWrapper = connection) -> int | None:
    """The first value of its answer, if any."""
    with using.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


@contextmanager
def reconnected(**settings: object) -> Iterator[None]:
    """Connect anew, otherwise than usual; then as usual."""
    usual = {name: connection.settings_dict[name] for name in settings}
    connection.close()
    connection.settings_dict.update(settings)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(usual)


# --- SQLite ---------------------------------------------------------------------------------------------------------


@contextmanager
def sqlite_locked() -> Iterator[None]:
    """Another writes, and does not end."""
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    usual = run("PRAGMA busy_timeout")
    run(f"PRAGMA busy_timeout = {WAIT}")
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()
        run(f"PRAGMA busy_timeout = {usual}")


@contextmanager
def sqlite_full() -> Iterator[None]:
    """Not a page more: what fits in those that are begun is still written."""
    run("VACUUM")
    run(f"PRAGMA max_page_count = {run('PRAGMA page_count')}")
    try:
        yield
    finally:
        run("PRAGMA max_page_count = 1000000000")


@contextmanager
def sqlite_broken_disk() -> Iterator[None]:
    """The system refuses what passes 4 KiB of any file: not a page fits in the journal of the database."""
    run("PRAGMA wal_checkpoint(TRUNCATE)")
    with files_no_longer_than(4096):
        yield


@dataclass(frozen=True)
class Usage:
    """What `shutil.disk_usage` says of a disk, as far as it is asked: the bytes that are free."""

    free: int


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """The system refuses what passes `size` bytes of any file, as a full disk does."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def sqlite_read_only() -> AbstractContextManager[None]:
    return reconnected(NAME=f"file:{connection.settings_dict['NAME']}?mode=ro")


def sqlite_gone() -> AbstractContextManager[None]:
    return reconnected(NAME=f"{connection.settings_dict['NAME']}-absent/base.sqlite3")


# --- PostgreSQL -----------------------------------------------------------------------------------------------------


@contextmanager
def postgresql_locked() -> Iterator[None]:
    """Another holds the rows of every table."""
    tables = ", ".join(connection.ops.quote_name(table) for table in connection.introspection.table_names())
    run(f"SET lock_timeout = {WAIT}")
    try:
        with another() as other:
            other.set_autocommit(False)
            run(f"LOCK TABLE {tables} IN EXCLUSIVE MODE", other)
            yield
            other.rollback()
    finally:
        connection.close()


@contextmanager
def postgresql_read_only() -> Iterator[None]:
    run("SET default_transaction_read_only = on")
    try:
        yield
    finally:
        connection.close()


@contextmanager
def postgresql_broken_off() -> Iterator[None]:
    """The server ends the connection that a page is about to use."""
    with another() as other:
        run(f"SELECT pg_terminate_backend({run('SELECT pg_backend_pid()')})", other)
    try:
        yield
    finally:
        connection.close()


def postgresql_gone() -> AbstractContextManager[None]:
    return reconnected(PORT="1")


FAULTS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "sqlite": {
        "locked": sqlite_locked,
        "unavailable (disk)": sqlite_broken_disk,
        "read-only": sqlite_read_only,
        "unavailable": sqlite_gone,
    },
    "postgresql": {
        "locked": postgresql_locked,
        "read-only": postgresql_read_only,
        "unavailable (cut)": postgresql_broken_off,
        "unavailable": postgresql_gone,
    },
}[connection.vendor]


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but the sessions."""
    return {
        model._meta.label: sorted(model._base_manager.values_list(), key=str)
        for model in apps.get_models()
        if model is not Session
    }
