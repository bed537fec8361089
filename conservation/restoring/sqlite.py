"""A SQLite file taken back in one step, by SQLite itself: a file copied over a live one would be read with the log
(`-wal`) of the one before.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from conservation.archives import size_text
from conservation.copies import Patience, open_sqlite
from conservation.restoring.checks import RestoreError

SPARE = 2**20  # bytes
BUSY = (
    "Un autre programme écrit dans la base (une commande, un import)\u00a0: attendez sa fin ou arrêtez-le, puis "
    "recommencez."
)


def check_room(ready: Path, base: Path, *, there: int) -> None:
    """Raise RestoreError when the disk of the file `base` has no room for the data of the file `ready`: they are
    written into SQLite's log first, then into `base`, which already takes `there` bytes.
    """
    size = ready.stat().st_size
    needed = size + size // 64 + max(0, size - there) + SPARE
    free = shutil.disk_usage(base.parent).free
    if free < needed:
        raise RestoreError(
            f"Il n’y a pas la place de restaurer dans {base.parent}\u00a0: il faut {size_text(needed)}, il reste "
            f"{size_text(free, up=False)}. Rien n’a changé."
        )


class Live:
    """The portal's SQLite file during a restore, watched: what another program writes into it meanwhile would
    be lost.
    """

    def __init__(self, session: sqlite3.Connection) -> None:
        self.session = session
        self.version = self._version()

    def _version(self) -> int:
        return int(self.session.execute("PRAGMA data_version").fetchone()[0])

    def replace(self, source: Path) -> None:
        """Give the portal's SQLite file the contents of the file `source`, in one step: whenever this is killed, the
        file is what it was or what it is to be. Raises RestoreError when another program writes into it, or has done so
        since it was opened.
        """
        try:
            self.session.execute("PRAGMA locking_mode = EXCLUSIVE")  # kept from the next transaction on
            self.session.execute("BEGIN IMMEDIATE")
            written = self._version() != self.version
            self.session.execute("COMMIT")
            if written:
                raise RestoreError(BUSY)
            self.session.execute("PRAGMA synchronous = FULL")
            with open_sqlite(source) as copy:
                copy.backup(self.session, progress=Patience())
            self.session.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise RestoreError(BUSY) from None
            raise


@contextmanager
def live(base: Path) -> Iterator[Live]:
    """Open the portal's SQLite file `base` for a restore, in WAL mode, during the block; the file and its folder are
    made when missing.
    """
    base.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(sqlite3.connect(base, timeout=20, isolation_level=None)) as session:
        session.execute("PRAGMA journal_mode = WAL")
        yield Live(session)


def compact(base: Path, target: Path) -> Path:
    """Copy the SQLite file `base` to `target` without its freed pages, in which erased data still stand; return
    `target`.
    """
    with open_sqlite(base) as session:
        session.execute("VACUUM INTO ?", [str(target)])
    return target
