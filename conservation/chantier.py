"""The private folder in which a command works, and which no killed command leaves behind for good."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import IO

from conservation.manifeste import ArchiveError

PREFIX, NEW, HELD, LOCK = "chantier-", ".neuf", ".partiel", "verrou"
STALLED = 3600  # seconds after which a folder that never was held has nobody


@contextmanager
def chantier(parent: Path) -> Iterator[Path]:
    """A folder under `parent`, made if need be, that its owner alone reads, removed at the end whatever happens. Those
    of processes that were killed are removed first: theirs is the one whose lock nobody holds. ArchiveError where none
    can be made.
    """
    sweep(parent)
    folder, lock = make(parent)
    with lock:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def make(parent: Path) -> tuple[Path, IO[str]]:
    """A new folder, and its lock, held."""
    with ExitStack() as undone:
        try:
            parent.mkdir(mode=0o700, exist_ok=True)
            fresh = Path(mkdtemp(prefix=PREFIX, suffix=NEW, dir=parent))
            undone.callback(shutil.rmtree, fresh, ignore_errors=True)
            lock = undone.enter_context((fresh / LOCK).open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
            folder = fresh.rename(fresh.with_suffix(HELD))  # only now may another look whether it is held
        except PermissionError as error:
            raise ArchiveError(
                f"Cette commande ne peut pas travailler dans {parent} ({error.strerror})\u00a0: lancez-la sous le "
                "compte du portail, ou rendez-lui ce dossier."
            ) from None
        except OSError as error:
            raise ArchiveError(f"Cette commande ne peut pas travailler dans {parent} ({error.strerror}).") from None
        undone.pop_all()
    return folder, lock


def sweep(parent: Path) -> None:
    """Remove the folders of work that nobody holds any more."""
    for folder in parent.glob(f"{PREFIX}*{HELD}"):
        with suppress(OSError):
            if not is_held(folder):
                shutil.rmtree(folder)
    for folder in parent.glob(f"{PREFIX}*{NEW}"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > STALLED:
                shutil.rmtree(folder)


def is_held(folder: Path) -> bool:
    """Whether somebody works there. Whoever has removed the lock has ended, or was killed while removing the rest."""
    try:
        with (folder / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def sync(path: Path) -> None:
    """Have the disk hold this file, or the names of this folder, before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
