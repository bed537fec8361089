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
    """Make a private folder under `parent`, itself made if need be, for a command to work in during the block; it is
    removed at the end whatever happens. Folders of commands that were killed are removed first: nobody holds their lock
    any more. Raises ArchiveError where none can be made.
    """
    sweep(parent)
    folder, lock = make(parent)
    with lock:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def make(parent: Path) -> tuple[Path, IO[str]]:
    """Make a new private folder under `parent`; return it and the open file of its lock, which is held until that file
    is closed. Raises ArchiveError when it cannot be made.
    """
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
    """Remove, under `parent`, the folders of work that no running command holds any more, and those that a command
    killed at its start left more than an hour ago.
    """
    for folder in parent.glob(f"{PREFIX}*{HELD}"):
        with suppress(OSError):
            if not is_held(folder):
                shutil.rmtree(folder)
    for folder in parent.glob(f"{PREFIX}*{NEW}"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > STALLED:
                shutil.rmtree(folder)


def is_held(folder: Path) -> bool:
    """Whether a running command still works in this folder, that is, holds its lock. A folder without a lock is held by
    nobody: its command has ended, or was killed while it removed the rest.
    """
    try:
        with (folder / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def sync(path: Path) -> None:
    """Wait until the disk holds the contents of this file, or the names of the files of this folder (fsync)."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
