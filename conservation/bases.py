"""Other databases than the portal's own, in place of it for the time of a command.

A restore brings the data of an archive up to date by the migrations, the models and the rules that the portal has for
its own: they all speak to `connections["default"]`, which leads elsewhere meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, connections


def sqlite_file(path: Path) -> dict[str, Any]:
    """The settings of the database in this SQLite file, as a value of DATABASES; it is written as safely as the
    portal's own.
    """
    options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA synchronous=NORMAL;"}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options}


@contextmanager
def on_database(database: Mapping[str, Any]) -> Iterator[None]:
    """Have Django's default connection lead to this database (a value of DATABASES) during the block, then to the usual
    one again.

    For commands alone: another thread would go on with the usual one. What Django remembers of the rows of a database
    (content types) is forgotten at both ends of the block.
    """
    usual, kept = connections[DEFAULT_DB_ALIAS], connections.settings[DEFAULT_DB_ALIAS]
    other = connections.configure_settings({DEFAULT_DB_ALIAS: dict(database)})[DEFAULT_DB_ALIAS]
    connections.settings[DEFAULT_DB_ALIAS] = other
    connections[DEFAULT_DB_ALIAS] = connections.create_connection(DEFAULT_DB_ALIAS)
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS].close()
        connections.settings[DEFAULT_DB_ALIAS] = kept
        connections[DEFAULT_DB_ALIAS] = usual
        ContentType.objects.clear_cache()
