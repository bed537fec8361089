"""A transfer killed at any moment: PostgreSQL has all the rows it had, or all those of the file."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from conservation.bases import on_database, sqlite_file
from conservation.restoring.transfert import tables
from tests.conservation.remplie import rows
from tests.factories import EnfantFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
KILLS = 50
OF_MIGRATE = {"auth.Permission", "contenttypes.ContentType"}  # it adds those that a portal lacks, before the transfer
MODELS = [
    model
    for model in apps.get_models(include_auto_created=True)
    if not model._meta.proxy and model._meta.label not in OF_MIGRATE
]


def everything():
    return {model._meta.label: rows(model) for model in MODELS}


@pytest.fixture
def source(full, tmp_path):
    return Path(shutil.copy(full, tmp_path / "portail.sqlite3"))


def start(source, lots=0):
    base = connection.settings_dict
    url = f"postgres://{base['USER']}:{base['PASSWORD']}@{base['HOST']}:{base['PORT']}/{base['NAME']}"
    return subprocess.Popen(
        [sys.executable, "-m", "tests.conservation.killed_transfer", str(source), str(lots)],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("lots", [1, 30, "all"])
def test_killed_between_two_batches_nothing_has_changed(source, lots):
    EnfantFactory(nom="AVANT")
    before = everything()
    process = start(source, len(tables()) + 1 if lots == "all" else lots)  # a table has two rows, the others one

    _, said = process.communicate(timeout=120)

    assert (process.returncode, said) == (-signal.SIGKILL, "")
    assert everything() == before


@pytest.mark.lent
def test_killed_at_random_it_holds_the_one_file_or_the_other(source, empty, tmp_path):
    other = Path(shutil.copy(empty, tmp_path / "autre.sqlite3"))
    with on_database(sqlite_file(other)):
        EnfantFactory.create_batch(40)
    files = [source, other]
    contents = [held(path) for path in files]
    began = time.monotonic()
    with start(source) as process:
        assert process.communicate(timeout=120) == ("begins\n", "")
    seconds, draw, now, ends = time.monotonic() - began, random.Random(10), 0, []

    for _ in range(KILLS):
        with start(files[1 - now]) as process:
            assert process.stdout.readline() == "begins\n"
            time.sleep(draw.uniform(0, seconds / 4))
            process.kill()
        ends.append(contents.index(everything()) != now)
        now = now ^ ends[-1]

    assert set(ends) == {True, False}  # some were killed in time, some too late


def held(path):
    with on_database(sqlite_file(path)):
        return everything()
