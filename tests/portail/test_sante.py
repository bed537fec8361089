"""The address that monitoring reads."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts.models import Passage
from accounts.worker import HEARTBEAT, passage


@pytest.fixture
def worker_passed(db):
    now = timezone.now()
    passage(now=now)
    return now


def test_sante_is_well_when_the_worker_has_just_passed(client, worker_passed):
    response = client.get("/sante/")

    assert (response.status_code, response.json()) == (
        200,
        {"database": "ok", "migrations": "ok", "worker": "ok", "worker_last_pass": worker_passed.isoformat()},
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
        {"database": "unavailable", "migrations": "unknown", "worker": "unknown", "worker_last_pass": None},
    )


def test_sante_costs_three_queries(client, worker_passed, django_assert_num_queries):
    client.get("/sante/")

    with django_assert_num_queries(3):
        client.get("/sante/")


def test_sante_changes_nothing(client, db):
    assert client.post("/sante/").status_code == 405
