"""The private folder in which a command works, and which no killed command leaves behind for good."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

PREFIX, NEW, HELD, LOCK = "chantier-", ".neuf", ".partiel", "verrou"
STALLED = 3600  # seconds after which a folder that never was held has nobody


@contextmanager
def chantier(parent: Path) -> Iterator[Path]:
    """A folder under `parent` that its owner alone reads, removed at the end whatever happens. Those of processes that
    were killed are removed first: theirs is the one whose lock nobody holds.
    """
    sweep(parent)
    fresh = Path(mkdtemp(prefix=PREFIX, suffix=NEW, dir=parent))
    folder = fresh.with_suffix(HELD)
    with (fresh / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fresh.rename(folder)  # only now may another look whether it is held
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove the folders of work that nobody holds any more."""
    for folder in parent.glob(f"{PREFIX}*{HELD}"):
        with suppress(OSError), (folder / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
    for folder in parent.glob(f"{PREFIX}*{NEW}"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > STALLED:
                shutil.rmtree(folder)


def sync(path: Path) -> None:
    """Have the disk hold this file, or the names of this folder, before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
