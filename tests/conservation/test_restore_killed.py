"""Killed at any moment, or out of room: the database is what it was, or what the archive says (REL-01, REL-03)."""

from __future__ import annotations

import random

import pytest
from django.db import connection

from conservation.archives import open_archive, write_archive
from conservation.bases import on_database
from tests.conservation.conftest import NOW
from tests.conservation.kills import change, killer, left_in, state
from tests.conservation.places import checksums
from tests.factories import EnfantFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]


@pytest.fixture
def portal(places):
    database = places.migrated()
    with on_database(database):
        EnfantFactory.create_batch(20)
    return database


def kill_at_random(portal, dossier, var, times: int) -> list[str]:
    with on_database(portal):
        new = checksums()
        archive = write_archive(dossier, now=NOW)
    came = []
    with killer(portal, var, "restaurer", str(archive), "--sans-copie") as command:
        change(portal, 0)
        said, took = command.run().split()
        assert (said, state(portal) == new) == ("done", True)
        for number in range(1, times + 1):
            old = change(portal, number)
            said = command.run(random.uniform(0, float(took) * 1.05)).split()[0]  # noqa: S311 - no secret
            found = state(portal)
            assert said in {"done", "killed"}
            assert found in (old, new)
            came.append("new" if found == new else "old")
            if said == "done":
                assert found == new
        change(portal, 0)
        assert command.run().startswith("done")
        assert state(portal) == new
    assert left_in(var) == ["portail.lock"]
    return came


def test_killed_it_leaves_what_was_or_what_is_to_be(portal, dossier, var):  # REL-01
    kill_at_random(portal, dossier, var, 3)


@pytest.mark.lent
def test_killed_fifty_times_it_leaves_what_was_or_what_is_to_be(portal, dossier, var):
    assert "old" in kill_at_random(portal, dossier, var, 50)


def test_into_nothing_killed_it_leaves_nothing_or_all(portal, places, dossier, var):
    with on_database(portal):
        new = checksums()
        archive = write_archive(dossier, now=NOW)
    nowhere = places.empty()
    with killer(nowhere, var, "restaurer", str(archive)) as command:
        command.run(random.uniform(0, 1))  # noqa: S311
        assert state(nowhere) in ({}, new)
        assert command.run().split()[0] in {"done", "refused"}  # refused without a folder for the copy of what is there


@pytest.mark.skipif(connection.vendor != "sqlite", reason="d’une base SQLite")
@pytest.mark.parametrize("share", [0.3, 0.9, 1.004])
def test_without_room_nothing_changes(portal, dossier, var, share, capfd):
    """The archive's own file, then the one made ready, then SQLite's log have no room."""
    with on_database(portal):
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")  # it is as long as what will be made of it
        archive = write_archive(dossier, now=NOW)
    with open_archive(archive) as opened:
        size = opened.base.stat().st_size
    old = change(portal, 1)

    with killer(portal, var, "restaurer", str(archive), "--sans-copie") as command:
        assert command.run(file_size=int(size * share)).startswith("refused")
        assert state(portal) == old
        assert command.run().startswith("done")
    assert "Traceback" not in capfd.readouterr().err
