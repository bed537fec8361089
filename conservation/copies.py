"""A copy of the database as it is at one instant, while the portal goes on writing, and what the copy holds."""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.db import connections
from psycopg import sql

from conservation import postgresql
from conservation.manifeste import DONNEES, POSTGRESQL, SQLITE, ArchiveError, Migration

BLOCK = 2**20
BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
WAIT = 20  # seconds for a lock
PATIENCE = 3  # times that a copy waits for as long, where another holds the whole database


@dataclass(frozen=True)
class Copie:
    """The file of the data, and what was counted in the very same instant of the database."""

    fichier: Path
    taille: int
    moteur: str
    moteur_version: str
    migrations: tuple[Migration, ...]
    lignes: Mapping[str, int]


def copy_database(folder: Path) -> Copie:
    """Copy into `folder` the database of Django's default connection, as it is at one instant, and count its rows.
    Raises ArchiveError when it cannot be copied.
    """
    connection = connections["default"]
    if connection.vendor == SQLITE:
        return copy_sqlite(Path(connection.settings_dict["NAME"]), folder)
    return copy_postgresql(connection.settings_dict, folder)


def size_of_database() -> int:
    """The size of the database of the default connection on the disk, in bytes: SQLite's file and its log, or what
    PostgreSQL says of the whole database.
    """
    connection = connections["default"]
    if connection.vendor == SQLITE:
        base = Path(connection.settings_dict["NAME"])
        return sum(path.stat().st_size for path in (base, Path(f"{base}-wal")) if path.exists())
    with postgresql_session(connection.settings_dict) as session:
        return int(value(session, sql.SQL("SELECT pg_database_size(current_database())")))


# --- SQLite -----------------------------------------------------------------------------------------------------------


def open_sqlite(base: Path) -> closing[sqlite3.Connection]:
    """Open this SQLite file, which must exist, and close it at the end of the `with`. The connection knows REGEXP as
    Django's do: older schemas have it in their checks. It waits for a lock up to 20 seconds.
    """
    session = sqlite3.connect(f"file:{quote(str(base))}?mode=rw", uri=True, timeout=WAIT, isolation_level=None)
    session.create_function("regexp", 2, matches, deterministic=True)
    return closing(session)


def matches(pattern: str | None, text: str | None) -> bool | None:
    """Whether the regular expression `pattern` is found in `text`, which is what REGEXP asks in SQLite; None when
    either is None.
    """
    return None if pattern is None or text is None else bool(re.search(pattern, str(text)))


def copy_sqlite(base: Path, folder: Path) -> Copie:
    """Copy the SQLite file `base` while others write into it, check the copy, count its rows, and compress it into
    `folder`. Raises ArchiveError when it cannot be copied, is damaged, or has a row that leads to none.
    """
    copy = folder / "base.sqlite3"
    try:
        with open_sqlite(base) as source, closing(sqlite3.connect(copy)) as target:
            target.execute("PRAGMA synchronous = OFF")  # it is compressed, then thrown away
            source.backup(target, progress=Patience())  # in one step: with several it would never end under writes
            target.execute("PRAGMA journal_mode = DELETE")  # one file, and no other beside it
        with open_sqlite(copy) as session:
            check_sqlite(session, "La base")
            migrations, lignes = migrations_of_sqlite(session), count_sqlite(session)
    except sqlite3.Error as error:
        raise ArchiveError(f"La base {base} n’a pas pu être copiée ({error}).") from None
    taille = copy.stat().st_size
    compressed = compress(copy, folder / DONNEES[SQLITE])
    copy.unlink()
    return Copie(compressed, taille, SQLITE, sqlite3.sqlite_version, migrations, lignes)


class Patience:
    """Stops a copy that waits for a lock for too long; SQLite itself would wait for ever."""

    def __init__(self) -> None:
        self.waits = 0

    def __call__(self, status: int, remaining: int, total: int) -> None:
        self.waits += status in BUSY
        if self.waits >= PATIENCE:
            raise sqlite3.OperationalError("un autre programme la garde pour lui seul")


def check_sqlite(session: sqlite3.Connection, title: str) -> None:
    """Raise ArchiveError when this SQLite database is damaged, or when one of its rows leads to a row that does not
    exist. `title` names the database in the error.
    """
    told = [row[0] for row in session.execute("PRAGMA integrity_check(3)")]
    if told != ["ok"]:
        raise ArchiveError(f"{title} est abîmée\u00a0: SQLite répond «\u00a0{told[0]}\u00a0».")
    orphan = session.execute("PRAGMA foreign_key_check").fetchone()
    if orphan:
        raise ArchiveError(
            f"{title} est incohérente\u00a0: une ligne de {orphan[0]} mène à une ligne absente de {orphan[2]}."
        )


def count_sqlite(session: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table of this SQLite database has, by its name; SQLite's own tables are left out."""
    tables = session.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    counts = {name: session.execute(f"SELECT count(*) FROM {quoted(name)}") for (name,) in tables}  # noqa: S608 - its own names
    return {name: int(count.fetchone()[0]) for name, count in counts.items()}


def migrations_of_sqlite(session: sqlite3.Connection) -> tuple[Migration, ...]:
    """The migrations that this SQLite database has had, as (app, name), in the order in which they ran."""
    return tuple(session.execute("SELECT app, name FROM django_migrations ORDER BY id"))


def quoted(name: str) -> str:
    """This name of a table or column, in the double quotes of SQLite's SQL."""
    return '"' + name.replace('"', '""') + '"'


def compress(plain: Path, compressed: Path) -> Path:
    """Compress the file `plain` with gzip into the file `compressed`, and return the latter. The same data give the
    same file: no name and no hour is written.
    """
    with (
        plain.open("rb") as source,
        compressed.open("wb") as target,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=target, mtime=0) as zipped,
    ):
        shutil.copyfileobj(source, zipped, BLOCK)
    return compressed


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


@contextmanager
def postgresql_session(database: Mapping[str, Any], **others: Any) -> Iterator[psycopg.Connection]:
    """Open a session of its own on this PostgreSQL database (a value of DATABASES) during the block. It is in a
    transaction, of which nothing stays unless the block commits it, save with `autocommit=True`; `others` goes to
    psycopg. Raises ArchiveError when the server does not answer.
    """
    given = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    known = {name: database[key] for name, key in given.items() if database.get(key)}
    options = {key: kept for key, kept in database.get("OPTIONS", {}).items() if key in postgresql.OPTIONS}
    try:
        session = psycopg.connect(**{**known, **options, **others})
    except psycopg.Error as error:
        raise ArchiveError(f"La base PostgreSQL ne répond pas ({first_line(error)}).") from None
    try:
        yield session
    finally:
        session.close()


def copy_postgresql(database: Mapping[str, Any], folder: Path) -> Copie:
    """Dump this PostgreSQL database (a value of DATABASES) into `folder` and count its rows, both in the same snapshot.
    Raises ArchiveError when it cannot be read, or when pg_dump fails.
    """
    dump = folder / DONNEES[POSTGRESQL]
    with postgresql_session(database) as session:
        try:
            session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            session.read_only = True
            session.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(f"{WAIT * PATIENCE}s"))
            snapshot = value(session, sql.SQL("SELECT pg_export_snapshot()"))
            migrations, lignes = migrations_of_postgresql(session), count_postgresql(session)
        except psycopg.Error as error:
            raise ArchiveError(f"La base PostgreSQL n’a pas pu être lue ({first_line(error)}).") from None
        server = session.info.server_version
        postgresql.run(
            [
                postgresql.tool("pg_dump", server // 10000),
                "--format=custom",
                "--no-owner",
                "--no-acl",
                f"--snapshot={snapshot}",
                f"--lock-wait-timeout={WAIT * PATIENCE}s",
                f"--file={dump}",
            ],
            database,
            "pg_dump n’a pas pu copier la base",
        )
    version = f"{server // 10000}.{server % 10000}"
    return Copie(dump, dump.stat().st_size, POSTGRESQL, version, migrations, lignes)


def count_postgresql(session: psycopg.Connection) -> dict[str, int]:
    """How many rows each table of the current schema of this PostgreSQL database has, by its name."""
    tables = session.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
    count = sql.SQL("SELECT count(*) FROM {}")
    return {name: int(value(session, count.format(sql.Identifier(name)))) for (name,) in tables}


def migrations_of_postgresql(session: psycopg.Connection) -> tuple[Migration, ...]:
    """The migrations that this PostgreSQL database has had, as (app, name), in the order in which they ran."""
    return tuple(session.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall())


def value(session: psycopg.Connection, query: sql.SQL | sql.Composed) -> Any:
    """The first column of the first row that this query gives; None when it gives no row."""
    row = session.execute(query).fetchone()
    return row[0] if row else None


def first_line(error: Exception) -> str:
    """The first line of what this error says; the name of its class when it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


# --- Both -------------------------------------------------------------------------------------------------------------


def digest_of(path: Path) -> str:
    """The SHA-256 of the contents of this file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
