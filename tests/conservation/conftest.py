"""A folder of backups, and a folder of work apart from that of the tests' own database; the scene of a whole family."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import transaction

from tests.conservation.famille_entiere import RENTREE, Scene, make_famille

NOW = datetime(2026, 11, 27, 3, 12, tzinfo=UTC)


@pytest.fixture
def var(tmp_path, settings):
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir(mode=0o700)
    return settings.VAR_DIR


@pytest.fixture
def dossier(tmp_path, var):
    folder = tmp_path / "sauvegardes"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def scene(django_db_setup, django_db_blocker) -> Iterator[Scene]:
    """The family as it was lived in, at its last day; taken back with the module."""
    with django_db_blocker.unblock(), time_machine.travel(RENTREE, tick=False) as clock, transaction.atomic():
        yield make_famille(clock)
        transaction.set_rollback(True)
