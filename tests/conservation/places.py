"""Databases beside that of the tests, of the same engine: what a restore may drop and fill."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

from conservation.bases import sqlite_file

# What a restore makes void, and what tells its time.
VOID = {"django_session", "accounts_remembereddevice", "django_tasks_database_dbtaskresult", "accounts_passage"}


class Places:
    """Databases that go with the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[str] = []

    def migrated(self) -> dict[str, Any]:
        """One with what the database of the tests holds now."""
        connection.close()
        if connection.vendor == "postgresql":
            return self._create(sql.SQL(" TEMPLATE {}").format(sql.Identifier(connection.settings_dict["NAME"])))
        path = self._new_file()
        with (
            closing(sqlite3.connect(connection.settings_dict["NAME"])) as source,
            closing(sqlite3.connect(path)) as base,
        ):
            source.backup(base)
        return sqlite_file(path)

    def empty(self) -> dict[str, Any]:
        return self._create(sql.SQL("")) if connection.vendor == "postgresql" else sqlite_file(self._new_file())

    def _new_file(self) -> Path:
        return self.folder / f"base-{secrets.token_hex(4)}.sqlite3"

    def _create(self, template: sql.Composable) -> dict[str, Any]:
        name = f"portail_{secrets.token_hex(6)}"
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + template)
        self.made.append(name)
        return {**connection.settings_dict, "NAME": name}

    def remove(self) -> None:
        for name in self.made:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composable) -> None:
        usual = connection.settings_dict
        given = {key: usual[name] for key, name in [("host", "HOST"), ("port", "PORT"), ("user", "USER")]}
        with psycopg.connect(**given, password=usual["PASSWORD"], dbname="postgres", autocommit=True) as session:
            session.execute(statement)


def url_of(database: Mapping[str, Any]) -> str:
    """DATABASE_URL, for a process that works there."""
    if database["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{database['NAME']}"
    who = f"{database['USER']}:{database['PASSWORD']}"
    return f"postgres://{who}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


def checksums() -> dict[str, str]:
    """Of every table of the default connection, outside of what a restore makes void."""
    tables = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            if name not in VOID:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
                rows = sorted(repr(row) for row in cursor.fetchall())
                tables[name] = f"{len(rows)} {hashlib.sha256(''.join(rows).encode()).hexdigest()}"
    return tables
