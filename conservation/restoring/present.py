"""The database that is there, before an archive takes its place: nobody else in it, and a copy of it kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection

from conservation.archives import write_archive
from conservation.copies import check_sqlite, open_sqlite
from conservation.manifeste import ArchiveError
from conservation.restoring.checks import RestoreError
from portail import presence
from portail.dates import date_heure
from portail.francais import et

BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file, by the end of its name
STOP = "sudo systemctl stop portail.socket portail.service"


@contextmanager
def portal_stopped() -> Iterator[None]:
    """Keep the portal stopped on this machine during the block. Raises RestoreError when it runs."""
    try:
        with presence.alone():
            yield
    except presence.PortalRuns:
        raise RestoreError(f"Le portail tourne\u00a0: arrêtez-le ({STOP}), puis recommencez.") from None


def keep_copy(folder: Path | None, *, now: datetime) -> Path:
    """Write a safety archive of the database of the default connection into `folder`, or into the folder of backups
    (SAUVEGARDES) when that is None; return its path. Raises RestoreError when there is no such folder, or when the
    archive cannot be written.
    """
    folder = folder or settings.SAUVEGARDES
    if folder is None:
        raise RestoreError(
            "Dites où garder une copie de la base actuelle\u00a0: --copie DOSSIER, ou SAUVEGARDES dans .env."
        )
    try:
        return write_archive(folder, now=now)
    except ArchiveError as error:
        raise RestoreError(f"La base actuelle n’a pas pu être copiée, et rien n’a changé. {error}") from None


# --- SQLite -----------------------------------------------------------------------------------------------------------


class Unreadable(Exception):  # noqa: N818 - a state, no error
    """The SQLite file that is there can be neither copied nor written into."""


def is_empty_file(base: Path) -> bool:
    """Whether this SQLite file holds nothing: it does not exist, is empty, or has no table. Raises Unreadable when it
    is damaged.
    """
    if not base.exists() or not base.stat().st_size:
        return True
    try:
        with open_sqlite(base) as session:
            check_sqlite(session, f"La base {base}")
            return not session.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except (sqlite3.Error, ArchiveError) as error:
        raise Unreadable(str(error)) from None


def put_aside(base: Path, *, now: datetime) -> Path:
    """Rename an unreadable SQLite file, and the files that SQLite keeps beside it, within their folder (`….illisible-`
    and the time `now`); return its new path.
    """
    aside = base.with_name(f"{base.name}.illisible-{now:%Y-%m-%dT%H%M%SZ}")
    for end in BESIDE:  # before the file itself: they would be taken for the new one's
        beside = Path(f"{base}{end}")
        if beside.exists():
            beside.rename(f"{aside}{end}")
    base.rename(aside)
    return aside


def put_back(aside: Path, base: Path) -> None:
    """Give the SQLite file `aside`, once put aside, its own name `base` again, with the files beside it, in the place
    of a new file that could not be written whole.
    """
    for end in BESIDE:
        Path(f"{base}{end}").unlink(missing_ok=True)
    aside.replace(base)
    for end in BESIDE:
        beside = Path(f"{aside}{end}")
        if beside.exists():
            beside.rename(f"{base}{end}")


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def own_tables() -> list[str]:
    """The names of the tables of a portal, of this version or another, in the PostgreSQL database of the default
    connection; the tables of other programs are left out, unless their name begins as those of an app do.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
        names = [name for (name,) in cursor.fetchall()]
        labels = {config.label for config in apps.get_app_configs()} | {"django"}
        if "django_migrations" in names:
            cursor.execute("SELECT DISTINCT app FROM django_migrations")
            labels |= {app for (app,) in cursor.fetchall()}
    known = set(connection.introspection.django_table_names(include_views=False))
    return [name for name in names if name in known or any(name.startswith(f"{label}_") for label in labels)]


def lock_tables(tables: list[str]) -> None:
    """Lock these tables of PostgreSQL until the end of the transaction: nobody else writes into them, everybody may
    still read. Raises RestoreError when another program is connected to the database.
    """
    with connection.cursor() as cursor:
        for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute(f"SET LOCAL {setting} = 0")
        if tables:  # everybody may still read, pg_dump as well
            cursor.execute(f"LOCK TABLE {quoted(tables)} IN EXCLUSIVE MODE")
        cursor.execute(
            "SELECT pid, coalesce(usename, ''), coalesce(application_name, ''), coalesce(host(client_addr), ''), "
            "backend_start FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend' ORDER BY backend_start"
        )
        sessions = [
            f"n°\u00a0{pid} ({', '.join(filter(None, words))}, depuis le {date_heure(since)})"
            for pid, *words, since in cursor.fetchall()
        ]
    if sessions:
        raise RestoreError(
            f"D’autres programmes sont connectés à la base\u00a0: {et(sessions)}. Si c’est le portail, arrêtez-le sur "
            f"chaque machine qui le sert ({STOP}), puis recommencez. Un programme oublié se ferme "
            "par «\u00a0SELECT pg_terminate_backend(numéro)\u00a0»."
        )


def drop(tables: list[str]) -> None:
    """Drop these tables of the PostgreSQL database of the default connection; does nothing when the list is empty."""
    if tables:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {quoted(tables)}")


def quoted(tables: list[str]) -> str:
    """The names of these tables as SQL takes them: quoted, and separated by commas."""
    return ", ".join(connection.ops.quote_name(table) for table in tables)
