"""Is this archive good? It is restored into a database that is thrown away, and its rows are counted again (REL-01)."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.db import DatabaseError, connections, transaction
from psycopg import errors, sql

from conservation import copies
from conservation.annonces import compare, missing_migrations
from conservation.archives import Archive, open_archive
from conservation.bases import on_database
from conservation.manifeste import POSTGRESQL, SQLITE, ArchiveError, Manifeste, Migration
from conservation.restoring import dumps

ALONE = 0x706F727461696C  # the advisory lock of a verification: « portail »


@dataclass(frozen=True)
class Verdict:
    """What an archive that was found good holds; `missing` are the migrations that a restore would run on it."""

    manifeste: Manifeste
    missing: tuple[Migration, ...]


def verify(path: Path, *, cle: Path | None = None) -> Verdict:
    """Restore this archive aside, count its rows again, and return what it holds. Raises ArchiveError, which says what
    is wrong, unless it restores whole and holds what its manifest says. `cle` is the file of the private key, for an
    encrypted archive.
    """
    with open_archive(path, cle=cle) as archive:
        missing = missing_migrations(archive.manifeste)
        migrations, lignes = restored(archive)
    if migrations != archive.manifeste.migrations:
        raise ArchiveError(f"{path.name} est abîmée\u00a0: ses migrations ne sont pas celles de son manifeste.")
    differences = compare(archive.manifeste.lignes, lignes)
    if differences:
        raise ArchiveError(
            f"{path.name} ne rend pas ce que son manifeste annonce\u00a0: {'\u202f; '.join(differences)}."
        )
    return Verdict(archive.manifeste, missing)


def restored(archive: Archive) -> tuple[tuple[Migration, ...], dict[str, int]]:
    """The migrations and the rows of each table that the database of this archive holds once it is restored aside.
    Raises ArchiveError when it is damaged.
    """
    if archive.manifeste.moteur == POSTGRESQL:
        return restored_postgresql(archive)
    try:
        with copies.open_sqlite(archive.base) as session:
            copies.check_sqlite(session, "La base de l’archive")
            return copies.migrations_of_sqlite(session), copies.count_sqlite(session)
    except sqlite3.Error as error:
        raise ArchiveError(f"La base de l’archive est abîmée\u00a0: SQLite répond «\u00a0{error}\u00a0».") from None


def restored_postgresql(archive: Archive) -> tuple[tuple[Migration, ...], dict[str, int]]:
    """Restore an archive of PostgreSQL into a database that is then thrown away; return its migrations and the rows of
    each table. It is loaded as a real restore does: nothing of the dump runs but what makes tables and fills them.
    Raises ArchiveError when it does not restore, or when this portal is on SQLite.
    """
    usual = connections["default"]
    if usual.vendor == SQLITE:
        raise ArchiveError(
            "Cette archive est d’une base PostgreSQL\u00a0: il en faut une pour la vérifier. Donnez-la dans "
            "DATABASE_URL, le temps de la commande."
        )
    with thrown_away(usual.settings_dict) as database:
        try:
            with on_database(database), transaction.atomic():
                dumps.load(archive.base, archive.manifeste)
        except (DatabaseError, psycopg.Error) as error:
            said = copies.first_line(error)
            raise ArchiveError(
                f"La base de l’archive ne se restaure pas\u00a0: PostgreSQL répond «\u00a0{said}\u00a0»."
            ) from None
        with copies.postgresql_session(database) as session:
            return copies.migrations_of_postgresql(session), copies.count_postgresql(session)


@contextmanager
def thrown_away(database: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Make a new and empty database on the PostgreSQL server of this one (both are values of DATABASES) for the block;
    it is dropped at the end whatever happens. One at a time: those that a killed verification has left are dropped
    first. Raises ArchiveError when another verification is under way.
    """
    with copies.postgresql_session(database, autocommit=True) as session:
        if not copies.value(session, sql.SQL("SELECT pg_try_advisory_lock({})").format(ALONE)):
            raise ArchiveError("Une autre vérification est en cours sur cette base.")
        prefix = prefix_of(session)
        for (left,) in session.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
        ).fetchall():
            drop(session, left)
        name = f"{prefix}{secrets.token_hex(8)}"
        create(session, name)
        try:
            yield {**database, "NAME": name}
        finally:
            drop(session, name)


def prefix_of(session: psycopg.Connection) -> str:
    """The beginning of the names of the databases in which backups of this session's database are verified; each portal
    of a server has its own.
    """
    number = copies.value(session, sql.SQL("SELECT oid FROM pg_database WHERE datname = current_database()"))
    return f"portail_verification_{number}_"


def create(session: psycopg.Connection, name: str) -> None:
    """Create an empty database of this name, in UTF-8, on the server of this session. Raises ArchiveError when the
    server refuses.
    """
    role = session.info.user
    try:
        query = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'")
        session.execute(query.format(sql.Identifier(name)))
    except errors.InsufficientPrivilege:
        raise ArchiveError(
            f"Le compte PostgreSQL «\u00a0{role}\u00a0» ne peut pas créer la base d’essai d’une vérification. "
            f"Donnez-lui ce droit\u00a0: sudo -u postgres psql -c 'ALTER ROLE \"{role}\" CREATEDB'"
        ) from None
    except psycopg.Error as error:
        raise ArchiveError(f"La base d’essai n’a pas pu être créée ({copies.first_line(error)}).") from None


def drop(session: psycopg.Connection, name: str) -> None:
    """Drop the database of this name, if there is one, and close the sessions that are on it."""
    session.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
