"""The folder of backups: which archives it holds, and which stay: those of the last 48 hours, then the last of each of
7 days, 4 weeks and 12 months.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from conservation.chiffrement import is_encrypted
from conservation.manifeste import ArchiveError
from conservation.noms import made_at
from conservation.paquet import begins_as_ours
from portail.dates import PARIS

RECENT = timedelta(hours=48)  # an incident, and what is tried to mend it


def day(moment: datetime) -> object:
    """The day of this instant in Paris: two instants of the same day give the same value."""
    return moment.astimezone(PARIS).date()


def week(moment: datetime) -> object:
    """The week of this instant in Paris, from Monday, with its year: two instants of the same week give the
    same value.
    """
    return moment.astimezone(PARIS).isocalendar()[:2]


def month(moment: datetime) -> object:
    """The month of this instant in Paris, with its year: two instants of the same month give the same value."""
    local = moment.astimezone(PARIS)
    return local.year, local.month


PERIODS: list[tuple[int, Callable[[datetime], object]]] = [(7, day), (4, week), (12, month)]


def archives_of(folder: Path) -> dict[Path, datetime]:
    """The archives of this folder, and the instant (UTC) at which each was made, by its name. Left out: those that
    cannot be read, which `unread_of` gives, and files that are archives by their name alone. Raises ArchiveError when
    the folder cannot be read.
    """
    named = named_of(folder)
    return {path: moment for path, moment in named.items() if not why_unread(path) and is_archive(path)}


def unread_of(folder: Path) -> dict[Path, str]:
    """The files of this folder that have the name of an archive and cannot be read, and what the system says of each.
    Raises ArchiveError when the folder cannot be read.
    """
    return {path: why for path in sorted(named_of(folder)) if (why := why_unread(path))}


def named_of(folder: Path) -> dict[Path, datetime]:
    """The files of this folder that have the name of an archive, whatever they hold, and the instant (UTC) that each
    name says. Raises ArchiveError when the folder cannot be read.
    """
    try:
        return {path: moment for path in folder.iterdir() if (moment := made_at(path))}
    except OSError as error:
        raise ArchiveError(f"Le dossier {folder} ne se lit pas ({error.strerror}).") from None


def why_unread(path: Path) -> str:
    """Why this file cannot be opened, or not even its first byte read, in the system's words; empty when it can, and
    for what is no regular file.
    """
    try:
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                file.read(1)
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def newest_archive(folder: Path) -> Path:
    """The path of the newest archive of this folder, by its name. Raises ArchiveError when the folder has none, or when
    its newest archive cannot be read: an older one says nothing of it.
    """
    archives, unread = archives_of(folder), unread_of(folder)
    moments = archives | {path: moment for path, moment in named_of(folder).items() if path in unread}
    if not moments:
        raise ArchiveError(f"Le dossier {folder} ne contient aucune archive du portail.")
    newest = max(moments, key=lambda path: moments[path])
    if newest in unread:
        raise ArchiveError(f"L’archive {newest} ne se lit pas ({unread[newest]}).")
    return newest


def kept(moments: Iterable[datetime], *, now: datetime) -> set[datetime]:
    """Which archives stay, given the instants at which they were made: those younger than 48 hours at `now`, then the
    last one of each of the 7 newest days, 4 newest weeks and 12 newest months (in Paris) that have one. A week without
    backup takes no place. An archive of the future, by a clock that was wrong, stays and takes no place either.
    """
    newest_first = sorted(moments, reverse=True)
    chosen = {moment for moment in newest_first if moment > now - RECENT}
    newest_first = [moment for moment in newest_first if moment <= now]
    for many, period in PERIODS:
        lasts: dict[object, datetime] = {}
        for moment in newest_first:
            lasts.setdefault(period(moment), moment)
        chosen |= set(list(lasts.values())[:many])
    return chosen


def rotate(folder: Path, *, newest: Path) -> list[Path]:
    """Remove from this folder the archives that `kept` does not keep, and return their paths. `newest`, the archive
    just made, says what time it is. Files that are no archive of the portal are left alone. An archive that cannot be
    read stays, and takes the place of none: it may be worth nothing. Raises ArchiveError when some could not be
    removed, once the others are.
    """
    archives = archives_of(folder)
    stay = kept(archives.values(), now=archives[newest])
    removed = sorted(path for path, moment in archives.items() if moment not in stay)
    left = []
    for path in removed:
        try:
            path.unlink()
        except OSError as error:
            left.append(f"{path} n’a pas pu être retirée ({error.strerror}).")
    if left:
        raise ArchiveError("\n".join(left))
    return removed


def is_archive(path: Path) -> bool:
    """Whether this is a regular file (no symbolic link) whose first bytes are those of an archive of the portal,
    encrypted when its name ends in `.age`. Only the beginning is read: the rest may still be damaged.
    """
    if path.is_symlink() or not path.is_file():
        return False
    return is_encrypted(path) if path.suffix == ".age" else begins_as_ours(path)
