"""Whether the portal runs here: each of its processes holds a lock in `var/`, which the system lets go of with it.

A restore needs that lock for itself alone: nobody writes into what it replaces, nor starts before it has ended.
"""

from __future__ import annotations

import fcntl
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)


class PortalRuns(Exception):  # noqa: N818 - a state, no error
    """A process of the portal runs here."""


def lock_file() -> Path:
    """The path of the file that every process of the portal locks while it runs."""
    return Path(settings.VAR_DIR) / "portail.lock"


def announce() -> int | None:
    """Take, until this process ends, the shared lock that says that the portal runs; its file descriptor, which may be
    closed sooner. Waits while a restore holds the lock `alone`.

    None, with a warning, when `var/` cannot be written, which the pages already tell: the portal starts all the same.
    """
    try:
        lock = _open()
    except OSError as error:
        logger.warning("%s ne peut pas être ouvert (%s).", lock_file(), error.strerror)
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.stderr.write("Une restauration est en cours\u00a0: le portail démarre quand elle aura fini.\n")
        sys.stderr.flush()
        fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


@contextmanager
def announced() -> Iterator[None]:
    """Hold, until the end of the block, the shared lock that says that the portal runs. The block runs without it when
    `var/` cannot be written."""
    lock = announce()
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


@contextmanager
def alone() -> Iterator[None]:
    """Keep the portal from starting until the end of the block. Raises PortalRuns when some process of it runs, OSError
    when `var/` cannot be written."""
    lock = _open()
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PortalRuns from None
        yield
    finally:
        os.close(lock)


def _open() -> int:
    path = lock_file()
    path.parent.mkdir(mode=0o700, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
