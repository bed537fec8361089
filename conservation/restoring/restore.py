"""A whole restore: checks, the present put aside, the archive brought up to date, and one step to take its place."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from tempfile import mkdtemp

import psycopg
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts import journal
from conservation import suivi
from conservation.archives import Archive, open_archive
from conservation.bases import on_database, sqlite_file
from conservation.copies import check_sqlite, first_line, open_sqlite
from conservation.manifeste import POSTGRESQL, SQLITE, Manifeste
from conservation.restoring import checks, dumps, erasures, present, transfert
from conservation.restoring.checks import RestoreError
from conservation.restoring.sqlite import check_room, compact, live
from conservation.restoring.transfert import Progress
from conservation.restoring.voids import Voids, make_void
from portail.francais import milliers, pluriel

UNCHANGED = "la base est restée comme elle était"
REFUSALS_TOLD = 40  # values that PostgreSQL would refuse


class Guides(Enum):
    """What became of the town's guides that the archive holds."""

    NONE = "none"  # in the archive
    RESTORED = "restored"
    KEPT = "kept"  # those that were there
    FAILED = "failed"  # could not be written; the data are there all the same


@dataclass(frozen=True)
class Before:
    """What became of the database that was there: copied, put aside because it was unreadable, or nothing of it."""

    copy: Path | None = None
    aside: Path | None = None
    empty: bool = False


@dataclass(frozen=True)
class BroughtUp:
    """What was done to the data of an archive so that they serve today."""

    migrations: int
    voids: Voids
    erased: int | None  # keys erased again; None without a list of what was
    left: Mapping[str, int] = field(default_factory=dict)  # rows of tables that this version does not know


@dataclass(frozen=True)
class Restored:
    """What a restore has done."""

    manifeste: Manifeste
    before: Before
    brought_up: BroughtUp
    guides: Guides

    @property
    def rows(self) -> int:
        """How many rows the archive held, all tables together."""
        return sum(self.manifeste.lignes.values())

    @property
    def changes_engine(self) -> bool:
        """Whether the restore has brought the portal from one database engine to another (from SQLite to
        PostgreSQL).
        """
        return self.manifeste.moteur != connection.vendor


@dataclass(frozen=True)
class Keeping:
    """What to keep of the database that is there: a copy, in `folder` or that of the backups, unless `nothing`. What it
    erased is kept anyway, in the first of the folders of `lists`.
    """

    folder: Path | None = None
    nothing: bool = False
    lists: list[Path] = field(default_factory=list)

    def keep(self, *, empty: bool, now: datetime) -> Before:
        """Write the copy of the present database, unless it is empty or nothing is to be kept of it; return what became
        of it. Raises RestoreError when it cannot be copied.
        """
        if empty or self.nothing:
            return Before(empty=empty)
        return Before(copy=present.keep_copy(self.folder, now=now))


def check(path: Path, *, cle: Path | None) -> tuple[Manifeste, int]:
    """Check an archive whole and restore nothing; return its manifest, and how many migrations a restore would run on
    it. `cle` is the file of the private key, for an encrypted archive. Raises ArchiveError when it is damaged or not
    for this portal. Only one to pass from SQLite to PostgreSQL is brought up to date aside, to see what PostgreSQL
    would refuse.
    """
    with open_archive(path, cle=cle) as archive:
        migrations = checks.check_fits(archive.manifeste)
        if (archive.manifeste.moteur, connection.vendor) == (SQLITE, POSTGRESQL):
            with refusals():
                check_takeable(prepare_sqlite(archive, [], now=timezone.now())[1])
        return archive.manifeste, migrations


def restore(
    path: Path, *, cle: Path | None, keeping: Keeping, now: datetime, progress: Progress = transfert.silent
) -> Restored:
    """Put the data of this archive in the place of those of the portal, which must be stopped. What was erased since is
    erased again, mails that waited are held, sessions end; the guides come back only where there are none. Raises
    ArchiveError when it cannot be done: the data are then as they were, and the copy of them stays if it was made.
    `cle` is the file of the private key, for an encrypted archive. `progress` is called with the number of rows of each
    batch that passes from SQLite to PostgreSQL.
    """
    keeping = replace(keeping, lists=erasures.folders_of_lists(keeping.folder, path.parent))
    with refusals(), open_archive(path, cle=cle) as archive, present.portal_stopped():
        checks.check_fits(archive.manifeste)
        if connection.vendor == SQLITE:
            before, brought_up = take_sqlite(archive, keeping, now=now)
        elif archive.manifeste.moteur == SQLITE:
            before, brought_up = take_sqlite_into_postgresql(archive, keeping, now=now, progress=progress)
        else:
            before, brought_up = take_postgresql(archive, keeping, now=now)
        guides = take_guides(archive)
    done = Restored(archive.manifeste, before, brought_up, guides)
    journal.event(
        "restored",
        by="command",
        made_at=archive.manifeste.fait_le.isoformat(),
        rows=done.rows,
        mails_held=brought_up.voids.mails,
        erased=brought_up.erased,
    )
    return done


@contextmanager
def refusals() -> Iterator[None]:
    """Turn an error of the database or of the disk in the block into a RestoreError, whose French sentence says why,
    and that the database is as it was.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise RestoreError(f"SQLite a refusé ({error})\u00a0: {UNCHANGED}.") from None
    except (DatabaseError, psycopg.Error) as error:
        raise RestoreError(f"La base a refusé ({first_line(error)})\u00a0: {UNCHANGED}.") from None
    except OSError as error:
        where = f"{error.filename}\u00a0: " if error.filename else ""
        raise RestoreError(f"Rien n’a pu être écrit ({where}{error.strerror})\u00a0: {UNCHANGED}.") from None


def bring_up_to_date(manifeste: Manifeste, lists: list[Path], *, now: datetime) -> BroughtUp:
    """Make the data of an archive, on the default connection, fit to serve today: its rows are counted, its migrations
    run, what was erased since (by the lists in the folders `lists`) is erased again, and what only held in its day is
    made void. Raises ArchiveError when it cannot be done.
    """
    migrations = checks.check_fits(manifeste)
    checks.check_recount(manifeste)
    with checks.links_checked_at_once():
        call_command("migrate", interactive=False, verbosity=0)
    suivi.note_restored(manifeste.fait_le)
    erased = erasures.replay(lists, now=now)  # first: a mail to who was erased is not held
    return BroughtUp(migrations, make_void(now=now), erased)


# --- SQLite -----------------------------------------------------------------------------------------------------------


def take_sqlite(archive: Archive, keeping: Keeping, *, now: datetime) -> tuple[Before, BroughtUp]:
    """Restore an archive of SQLite into the portal's SQLite file, in one step; return what became of the database that
    was there, and what was done to the data of the archive.
    """
    base = Path(connection.settings_dict["NAME"])
    connection.close()
    umask = os.umask(0o077)
    try:
        try:
            empty = present.is_empty_file(base)
        except present.Unreadable:
            return take_where_unreadable(archive, base, keeping, now=now)
        if not empty:
            erasures.keep_pending(keeping.lists, now=now)
            connection.close()
        with live(base) as there:
            before = keeping.keep(empty=empty, now=now)
            brought_up, ready = prepare_sqlite(archive, keeping.lists, now=now)
            check_room(ready, base, there=base.stat().st_size)
            there.replace(ready)
    finally:
        os.umask(umask)
    return before, brought_up


def take_where_unreadable(archive: Archive, base: Path, keeping: Keeping, *, now: datetime) -> tuple[Before, BroughtUp]:
    """Restore an archive of SQLite in the place of the damaged file `base`, which is kept as it is under another name;
    it gets its own name back when the new file cannot be written.
    """
    brought_up, ready = prepare_sqlite(archive, keeping.lists, now=now)
    check_room(ready, base, there=0)
    with ExitStack() as undone:
        aside = present.put_aside(base, now=now)
        undone.callback(present.put_back, aside, base)
        with live(base) as there:
            there.replace(ready)
        undone.pop_all()
    return Before(aside=aside), brought_up


def prepare_sqlite(archive: Archive, lists: list[Path], *, now: datetime) -> tuple[BroughtUp, Path]:
    """Bring the SQLite file of an archive up to date in the private folder of the archive, without touching the
    portal's; return what was done, and the file that is ready to take its place.
    """
    with on_database(sqlite_file(archive.base)):
        brought_up = bring_up_to_date(archive.manifeste, lists, now=now)
    ready = compact(archive.base, archive.folder / "prete.sqlite3")
    with open_sqlite(ready) as session:
        check_sqlite(session, "La base à restaurer")
    return brought_up, ready


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def take_postgresql(archive: Archive, keeping: Keeping, *, now: datetime) -> tuple[Before, BroughtUp]:
    """Restore an archive of PostgreSQL into the portal's database, all in one transaction of its own connection:
    whenever it is cut, nothing has changed. Returns what became of the data that were there, and what was done to those
    of the archive.
    """
    with transaction.atomic():
        tables = present.own_tables()
        present.lock_tables(tables)
        erasures.keep_pending(keeping.lists, now=now)
        before = keeping.keep(empty=not tables, now=now)
        present.drop(tables)
        dumps.load(archive.base, archive.manifeste)
        ContentType.objects.clear_cache()  # the numbers are those of the archive
        checks.check_one_transaction()
        brought_up = bring_up_to_date(archive.manifeste, keeping.lists, now=now)
    return before, brought_up


# --- From SQLite to PostgreSQL ----------------------------------------------------------------------------------------


def take_sqlite_into_postgresql(
    archive: Archive, keeping: Keeping, *, now: datetime, progress: Progress
) -> tuple[Before, BroughtUp]:
    """Restore an archive of SQLite into the portal's PostgreSQL database: its data, made ready to serve, are carried
    into new tables in one transaction of the portal's connection. `progress` is called with the number of rows of each
    batch.
    """
    erasures.keep_pending(keeping.lists, now=now)
    brought_up, ready = prepare_sqlite(archive, keeping.lists, now=now)
    check_takeable(ready)
    with transaction.atomic():
        tables = present.own_tables()
        present.lock_tables(tables)
        before = keeping.keep(empty=not tables, now=now)
        present.drop(tables)
        checks.check_one_transaction()
        done = transfert.transfer(ready, progress=progress)
    return before, replace(brought_up, left=done.laissees)


def check_takeable(ready: Path) -> None:
    """Raise RestoreError, with the list of what is wrong (40 lines at most, then how many others), when PostgreSQL
    would refuse values of this SQLite file.
    """
    refused = transfert.refusals(ready)
    if not refused:
        return
    told = [f"- {refusal}" for refusal in refused[:REFUSALS_TOLD]]
    if len(refused) > REFUSALS_TOLD:
        told.append(f"- et {milliers(len(refused) - REFUSALS_TOLD)} autres")
    raise RestoreError(
        f"PostgreSQL refuserait {pluriel(len(refused), 'valeur,valeurs')} de cette archive, et rien n’a changé\u00a0:\n"
        + "\n".join(told)
        + "\nCorrigez-les dans le portail sous SQLite, faites une autre sauvegarde, puis recommencez."
    )


# --- The town's own guides --------------------------------------------------------------------------------------------


def take_guides(archive: Archive) -> Guides:
    """Put the guides of the archive into `var/guides/` when there are none there now; return what became of them. When
    they cannot be written, it says so and raises nothing.
    """
    if not archive.guides.is_dir():
        return Guides.NONE
    there = Path(settings.VAR_DIR) / "guides"
    if there.is_dir() and any(there.iterdir()):
        return Guides.KEPT
    try:
        beside = Path(mkdtemp(prefix="guides-", dir=settings.VAR_DIR))
        try:
            shutil.copytree(archive.guides, beside / "guides")
            (beside / "guides").replace(there)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError:
        return Guides.FAILED
    return Guides.RESTORED
