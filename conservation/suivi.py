"""When the last backup was made, and which archive was last found good: what monitoring reads of them."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction

from accounts.models import Passage
from conservation.dossier import archives_of
from conservation.manifeste import ArchiveError
from conservation.noms import made_at
from portail.pannes import impatient

BACKUP = "sauvegarde"  # the instant of which the newest archive is
CHECK = "verification"  # when an archive was last found good…
CHECKED = "archive_verifiee"  # …and the instant of which it is
ROWS = (BACKUP, CHECK, CHECKED)


def note_backup(made_at: datetime) -> bool:
    """Note in the database, for the monitoring, that an archive was made at this instant. Returns whether it could be
    noted: the archive is there all the same.
    """
    return _note({BACKUP: made_at})


def note_check(made_at: datetime, *, now: datetime) -> bool:
    """Note in the database that the archive made at `made_at` was found good at `now`; return whether it was noted. It
    is not when a newer archive was already found good, of which an older one says nothing, nor where there is no
    database, as where only the key is kept.
    """
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return False
    with suppress(DatabaseError, InterfaceError):
        checked = Passage.objects.filter(job=CHECKED, done_at__gt=made_at)
        return not checked.exists() and _note({CHECKED: made_at, CHECK: now})
    return False


def note_restored(made_at: datetime) -> None:
    """In a database that comes back from an archive made at this instant, note it as the last backup of these data: the
    archive was made before it could be noted within.
    """
    _write({BACKUP: made_at})


def newest_in_folder() -> datetime | None:
    """The instant (UTC) of the newest archive in the folder SAUVEGARDES, by its name: for a portal whose earlier
    version noted none in the database. None when there is no archive, or no folder that can be read.
    """
    with suppress(ArchiveError):
        return max(archives_of(settings.SAUVEGARDES).values(), default=None) if settings.SAUVEGARDES else None
    return None


def has_archives() -> bool | None:
    """Whether the folder SAUVEGARDES holds an archive, by the names of its files alone: none is opened. False when
    there is no such folder; None when SAUVEGARDES is not set, or when the folder may not be read.
    """
    try:
        return any(map(made_at, settings.SAUVEGARDES.iterdir())) if settings.SAUVEGARDES else None
    except FileNotFoundError:
        return False
    except OSError:
        return None


def _note(hours: dict[str, datetime]) -> bool:
    with suppress(DatabaseError, InterfaceError), impatient(), transaction.atomic():
        _write(hours)
        return True
    return False


def _write(hours: dict[str, datetime]) -> None:
    rows = [Passage(job=job, done_at=hour) for job, hour in hours.items()]
    Passage.objects.bulk_create(rows, update_conflicts=True, unique_fields=["job"], update_fields=["done_at"])
