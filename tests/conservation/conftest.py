"""A folder of backups and an archive, a folder of work apart from that of the tests' own database; the scene of a whole
family.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyrage
import pytest
import time_machine
from django.db import transaction

from conservation.archives import write_archive
from tests.conservation.famille_argent import add_argent
from tests.conservation.famille_entiere import RENTREE, Scene, make_famille
from tests.conservation.places import Places
from tests.conservation.remplie import fill, make_file

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
        scene = make_famille(clock)
        add_argent(scene)
        yield scene
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def made_once(django_db_setup, tmp_path_factory):
    """It costs a second on PostgreSQL: a test that only reads one takes a copy."""
    return write_archive(tmp_path_factory.mktemp("archives"), now=NOW)


@pytest.fixture
def archive(made_once, dossier):
    """An archive of the tests' database, as the tests before have left it."""
    return Path(shutil.copy(made_once, dossier))


@pytest.fixture(scope="session")
def empty(tmp_path_factory, django_db_setup, django_db_blocker) -> Path:
    """A file of SQLite as the migrations leave it. Never written to."""
    with django_db_blocker.unblock():
        return make_file(tmp_path_factory.mktemp("vide") / "portail.sqlite3")


@pytest.fixture(scope="session")
def full(empty, tmp_path_factory, django_db_blocker) -> Path:
    """The same, with a row in each table. Never written to."""
    path = Path(shutil.copy(empty, tmp_path_factory.mktemp("remplie")))
    with django_db_blocker.unblock():
        fill(path)
    return path


@pytest.fixture
def cle(tmp_path, settings):
    """A private key in a file, as age-keygen writes it; archives are encrypted to its public one."""
    identity = pyrage.x25519.Identity.generate()
    settings.SAUVEGARDES_CLE_PUBLIQUE = str(identity.to_public())
    path = tmp_path / "cle.txt"
    path.write_text(f"# created: 2026-11-27\n# public key: {identity.to_public()}\n{identity}\n", encoding="utf-8")
    return path


@pytest.fixture
def places(tmp_path):
    """Makes databases beside that of the tests."""
    places = Places(tmp_path)
    yield places
    places.remove()
