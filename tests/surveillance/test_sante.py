"""The address that monitoring reads."""

import shutil
from collections import namedtuple
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts.models import Passage
from accounts.worker import HEARTBEAT, passage
from portail.pannes import impatient
from surveillance import etat
from tests.faults import FAULTS, run, sqlite_full

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def room(monkeypatch):
    """Give the disk so many MiB, whatever the machine of the tests has; plenty at first."""

    def give(mib):
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(0, 0, mib * 2**20))

    give(20_000)
    return give


@pytest.fixture
def worker_passed(db):
    now = timezone.now()
    passage(now=now)
    return now


def test_sante_is_well_when_the_worker_has_just_passed(client, worker_passed):
    response = client.get("/sante/")

    assert (response.status_code, response.json()) == (
        200,
        {
            "database": "ok",
            "migrations": "ok",
            "worker": "ok",
            "worker_last_pass": worker_passed.isoformat(),
            "disk": "ok",
            "disk_free": 20_000,
            "version": "0.4.0",
        },
    )
    assert response["Cache-Control"] == "no-store"
    assert response.cookies == {}


def test_sante_is_ill_when_no_worker_ever_passed(client, db):
    response = client.get("/sante/")

    assert (response.status_code, response.json()["worker"]) == (503, "late")


@pytest.mark.parametrize(("age", "status"), [(timedelta(minutes=2, seconds=50), 200), (timedelta(minutes=4), 503)])
def test_sante_tells_a_worker_that_stopped(client, worker_passed, age, status):
    Passage.objects.filter(job=HEARTBEAT).update(done_at=timezone.now() - age)

    assert client.get("/sante/").status_code == status


def test_sante_tells_a_migration_that_is_missing(client, worker_passed):
    MigrationRecorder(connection).record_unapplied("accounts", "0001_initial")

    response = client.get("/sante/")

    assert (response.status_code, response.json()["migrations"]) == (503, "missing")


def test_sante_answers_when_the_database_does_not(client, worker_passed):
    # REL-03
    def refuse(*args):
        raise OperationalError("database is away")

    with connection.execute_wrapper(refuse):
        response = client.get("/sante/")

    assert (response.status_code, response.json()) == (
        503,
        {
            "database": "unavailable",
            "migrations": "unknown",
            "worker": "unknown",
            "worker_last_pass": None,
            "disk": "ok",
            "disk_free": 20_000,
            "version": "0.4.0",
        },
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", FAULTS)
def test_sante_tells_what_the_database_suffers_from(client, fault):  # REL-03
    passage(now=timezone.now())

    with FAULTS[fault]():
        response = client.get("/sante/")

    assert (response.status_code, response.json()["database"]) == (503, fault.partition(" ")[0])
    assert (client.get("/sante/").status_code, client.get("/sante/").json()["database"]) == (200, "ok")


def fill_up():
    """Leave no room in the pages that are begun, not even for the shortest row, of which it raises the refusal."""
    for length in (50, 12, 4):
        try:
            for n in range(1000):
                Passage.objects.create(job=f"{n:0{length}}")
        except OperationalError:
            if length == 4:
                raise


if connection.vendor == "sqlite":

    @pytest.mark.django_db(transaction=True)
    def test_sante_tells_a_full_database(client):  # REL-03
        passage(now=timezone.now())
        with sqlite_full():
            with pytest.raises(OperationalError, match="full"):
                fill_up()
            response = client.get("/sante/")

        assert (response.status_code, response.json()["database"]) == (503, "full")


@pytest.mark.django_db(transaction=True)
def test_sante_leaves_the_patience_of_pages_as_it_was(client):
    asked = "PRAGMA busy_timeout" if connection.vendor == "sqlite" else "SHOW lock_timeout"
    usual = run(asked)

    client.get("/sante/")

    assert run(asked) == usual


@pytest.mark.django_db
def test_patience_of_a_transaction_is_not_that_of_the_quick_part_in_it():
    asked = (
        ["PRAGMA busy_timeout"] if connection.vendor == "sqlite" else ["SHOW lock_timeout", "SHOW statement_timeout"]
    )
    usual = [run(one) for one in asked]

    with transaction.atomic():
        with impatient():
            assert all(run(one) != before for one, before in zip(asked, usual, strict=True))
        assert [run(one) for one in asked] == usual


@pytest.mark.parametrize(("mib", "status", "disk"), [(500, 200, "ok"), (499, 503, "low")])
def test_sante_tells_a_disk_that_fills_up(client, worker_passed, room, mib, status, disk):  # REL-03
    room(mib)

    response = client.get("/sante/")

    assert (response.status_code, response.json()["disk"], response.json()["disk_free"]) == (status, disk, mib)


def test_sante_answers_without_a_folder_to_measure(client, worker_passed, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: (_ for _ in ()).throw(FileNotFoundError(folder)))

    response = client.get("/sante/")

    assert (response.status_code, response.json()["disk"], response.json()["disk_free"]) == (503, "unknown", None)


def test_sante_writes_every_five_seconds_at_most(client, worker_passed, django_assert_max_num_queries, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    client.get("/sante/")

    with django_assert_max_num_queries(7):  # most of them for its patience
        client.get("/sante/")
    time_machine.shift(5)
    client.get("/sante/")

    assert Passage.objects.get(job=etat.WRITTEN).done_at == timezone.now()


def test_sante_changes_nothing(client, db):
    assert client.post("/sante/").status_code == 405
