"""What was erased since an archive was made, erased again in what comes back (RGP-08)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from conservation import effaces
from conservation.models import Effacement
from conservation.restoring.checks import RestoreError


def folders_of_lists(*others: Path | None) -> list[Path]:
    """The folders where a list of erasures (`effacements.jsonl`) may be: the folder of backups (SAUVEGARDES), then
    `others`; each once, and None left out.
    """
    return list(dict.fromkeys(folder.resolve() for folder in (settings.SAUVEGARDES, *others) if folder is not None))


def keep_pending(folders: Iterable[Path], *, now: datetime) -> None:
    """Before a restore replaces the present database, write into the first of these folders the erasures that it knows
    and that no list tells yet. Does nothing when there are none. Raises RestoreError when they cannot be written.
    """
    if Effacement._meta.db_table not in connection.introspection.table_names():
        return
    if Effacement.objects.not_written().exists():
        with said():
            effaces.write_pending(next(iter(folders)), now=now)


def replay(folders: list[Path], *, now: datetime) -> int | None:
    """Erase again on the default connection the keys that the lists of erasures in these folders tell, and see that no
    new row ever gets one of them; return how many were erased. None when no folder has a list. Raises RestoreError when
    a list cannot be read.
    """
    lists = [folder for folder in folders if (folder / effaces.FILE).exists()]
    with said():
        erased = sum(effaces.replay(folder, now=now) for folder in lists)
        for folder in lists:
            effaces.advance_sequences(folder)
    return erased if lists else None


@contextmanager
def said() -> Iterator[None]:
    """Turn an EffacesError of the block into a RestoreError, whose French sentence adds that the database is
    as it was.
    """
    try:
        yield
    except effaces.EffacesError as error:
        sentence = str(error)
        raise RestoreError(f"{sentence[:1].upper()}{sentence[1:]} La base est restée comme elle était.") from None
