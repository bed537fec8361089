"""A database of its own for a test that runs other programs on it: today's schema, on the engine of the suite."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.db import connection

from tests.versions.precedente import ROOT

JOUR = "2026-12-03"  # a Thursday of school


@contextmanager
def scratch(folder: Path, *, tables: bool = True) -> Iterator[str]:
    """The DATABASE_URL of a copy of the suite's database, which must be empty of rows, or of one without any table;
    dropped at the end.
    """
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        path = folder / "portail.sqlite3"
        if tables:
            with closing(sqlite3.connect(name)) as source, closing(sqlite3.connect(path)) as target:
                source.backup(target)
        yield f"sqlite:///{path}"
        return
    connection.close()  # PostgreSQL copies a database that nobody uses
    copy, given = f"{name}_versions", connection.get_connection_params()
    known = {key: given[key] for key in ("user", "password", "host", "port") if key in given}
    with psycopg.connect(**known, dbname="postgres", autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name if tables else "template0"}"')
        try:
            host = {"host": quote(str(known.get("host", "")), safe=""), "port": known.get("port", "")}
            who = f"{quote(str(known.get('user', '')))}:{quote(str(known.get('password', '')))}"
            yield f"postgres://{who}@{host['host']}:{host['port']}/{copy}"
        finally:
            server.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')


def run(code: Path, url: str, *command: str, settings: str = "tests.settings") -> str:
    """What this command of that code says on that database, with these settings of its own; it must end well."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    told = {"DJANGO_SETTINGS_MODULE": settings, "DATABASE_URL": url, "PYTHONPATH": str(code), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, *command], cwd=code, env={**kept, **told}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def fill(url: str) -> None:
    """Put the school of the demonstration into it, as it lives on `JOUR`, by the code of today."""
    run(ROOT, url, "manage.py", "charger_demo", "--aujourd-hui", JOUR)
