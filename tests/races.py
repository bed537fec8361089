"""Several at the same instant, each with a connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections, transaction

from enfance.models.garderie import CreneauQuerySet


def at_once[Result](*works: Callable[[], Result]) -> list[Result]:
    """Run these in a thread and a connection each, all let go at the same instant; their results in order."""
    barrier = Barrier(len(works), timeout=60)

    def run(work: Callable[[], Result]) -> Result:
        try:
            connections["default"].ensure_connection()
            barrier.wait()
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(timeout=120) for future in [pool.submit(run, work) for work in works]]


def during[Result](begun: Callable[[], object], *works: Callable[[], Result]) -> list[Result]:
    """What these give while the transaction of `begun` is still open, each in a thread and a connection of its own.

    Not on SQLite, which has one writer.
    """

    def run(work: Callable[[], Result]) -> Result:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool, transaction.atomic():
        begun()
        return [future.result(timeout=60) for future in [pool.submit(run, work) for work in works]]


def watch_locks(patch: pytest.MonkeyPatch) -> list[set[str]]:
    """The créneaux (their codes) of each lock that is taken from now on: whoever takes those of a school, then those of
    another, meets one day whoever takes both in order.
    """
    locked: list[set[str]] = []
    lock = CreneauQuerySet.lock

    def watched(self, codes=None):
        rows = lock(self, codes)
        locked.append({creneau.code for creneau in rows})
        return rows

    patch.setattr(CreneauQuerySet, "lock", watched)
    return locked
