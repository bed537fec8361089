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
    """Where a list of erasures may be: the folder of backups, then these."""
    return list(dict.fromkeys(folder.resolve() for folder in (settings.SAUVEGARDES, *others) if folder is not None))


def keep_pending(folders: Iterable[Path], *, now: datetime) -> None:
    """Write into the first of these folders what the database that is there has erased, and no list tells yet."""
    if Effacement._meta.db_table not in connection.introspection.table_names():
        return
    if Effacement.objects.not_written().exists():
        with said():
            effaces.write_pending(next(iter(folders)), now=now)


def replay(folders: list[Path], *, now: datetime) -> int | None:
    """Erase on the default connection what these lists tell, and give none of those keys again; how many keys. None
    when there is no list.
    """
    lists = [folder for folder in folders if (folder / effaces.FILE).exists()]
    with said():
        erased = sum(effaces.replay(folder, now=now) for folder in lists)
        for folder in lists:
            effaces.advance_sequences(folder)
    return erased if lists else None


@contextmanager
def said() -> Iterator[None]:
    try:
        yield
    except effaces.EffacesError as error:
        sentence = str(error)
        raise RestoreError(f"{sentence[:1].upper()}{sentence[1:]} La base est restée comme elle était.") from None
