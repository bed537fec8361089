"""Killed while a town passes to PostgreSQL: the database is what it was, or what the archive says."""

from __future__ import annotations

import random
import shutil

import pytest

from conservation.archives import write_archive
from conservation.bases import on_database, sqlite_file
from tests.conservation.conftest import NOW
from tests.conservation.kills import change, killer, left_in
from tests.conservation.kills import state as whole_state
from tests.factories import EnfantFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql, pytest.mark.lent]


def state(base):
    """Without the hour at which the migrations passed: the tables are made anew each time."""
    return {table: checksum for table, checksum in whole_state(base).items() if table != "django_migrations"}


def test_killed_it_is_the_old_portal_or_the_new_one(empty, places, dossier, var, tmp_path):
    lite, base = shutil.copy(empty, tmp_path / "portail.sqlite3"), places.migrated()
    with on_database(sqlite_file(lite)):
        EnfantFactory.create_batch(20, prenom="Léa")
        archive = write_archive(dossier, now=NOW)
    with on_database(base):
        EnfantFactory(prenom="Tom")
    draw, came = random.Random(7), []
    with killer(base, var, "restaurer", str(archive), "--sans-copie") as command:
        said, took = command.run().split()
        assert said == "done"
        new = state(base)
        for number in range(12):
            change(base, number)
            old = state(base)
            said = command.run(draw.uniform(float(took) / 3, float(took) * 1.1)).split()[0]
            found = state(base)
            assert (said, found) in [("killed", old), ("killed", new), ("done", new)]
            came.append(said)
        assert command.run().startswith("done")  # it sweeps what the killed ones have left
        assert state(base) == new
    assert "killed" in came
    assert left_in(var) == ["portail.lock"]
