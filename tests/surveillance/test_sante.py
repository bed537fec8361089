"""The address that monitoring reads."""

import shutil
from collections import namedtuple
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts import mail_contact
from accounts.models import Passage
from accounts.worker import HEARTBEAT, passage
from portail.pannes import impatient
from portail.version import version
from surveillance import etat
from surveillance.views import KEPT
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
def worker_passed(db, settings):
    settings.DAILY_TASKS = {}
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
            "mail": "unknown",
            "mail_failing_since": None,
            "tasks": "ok",
            "oldest_task": None,
            "disk": "ok",
            "disk_free": 20_000,
            "backup": "none",
            "last_backup": None,
            "last_check": None,
            "version": version(),
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


def test_sante_tells_a_table_that_waits_for_its_migration_from_a_database_that_is_away(client, worker_passed):
    MigrationRecorder(connection).record_unapplied("accounts", "0001_initial")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_passage RENAME TO accounts_passage_d_hier")

    response = client.get("/sante/")

    told = response.json()
    assert (response.status_code, told["database"], told["migrations"]) == (503, "ok", "missing")


def test_sante_answers_when_the_database_does_not(client, worker_passed):
    # REL-03
    def refuse(*args):
        raise OperationalError("database is away")

    with connection.execute_wrapper(refuse):
        response = client.get("/sante/")

    assert response.status_code == 503
    assert {name: said for name, said in response.json().items() if said is not None} == {
        "database": "unavailable",
        "migrations": "unknown",
        "worker": "unknown",
        "mail": "unknown",
        "tasks": "unknown",
        "disk": "ok",
        "disk_free": 20_000,
        "backup": "unknown",
        "version": version(),
    }


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

    with django_assert_max_num_queries(9):  # most of them for its patience
        client.get("/sante/")
    time_machine.shift(5)
    client.get("/sante/")

    assert Passage.objects.get(job=etat.WRITTEN).done_at == timezone.now()


def test_sante_changes_nothing(client, db):
    assert client.post("/sante/").status_code == 405


# --- What is told to whom -------------------------------------------------------------------------------------------

TOKEN = "jeton-des-tests-assez-long"
BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    ("set_to", "shown", "told"),
    [
        (TOKEN, BEARER, True),
        (TOKEN, {"authorization": f"bearer  {TOKEN} "}, True),
        (TOKEN, {}, False),
        (TOKEN, {"authorization": f"Bearer {TOKEN}x"}, False),
        (TOKEN, {"authorization": f"Basic {TOKEN}"}, False),
        (TOKEN, {"authorization": "Bearer é"}, False),
        ("", {"authorization": "Bearer "}, False),
        ("", {"authorization": "Bearer"}, False),
    ],
)
def test_counts_of_mails_are_for_who_shows_the_token(client, worker_passed, settings, set_to, shown, told):
    # REL-08, TMP-10: they move when an account that exists is written to
    settings.METRICS_JETON = set_to

    said = client.get("/sante/", headers=shown).json()

    assert (said.keys() >= set(KEPT), said.keys().isdisjoint(KEPT)) == (told, not told)
    assert client.get("/metrics", headers=shown).status_code == (200 if told else 401 if set_to else 404)


def test_failure_of_mails_is_told_to_the_minute(client, worker_passed):
    since = timezone.now().replace(second=47, microsecond=3) - timedelta(minutes=9)
    mail_contact.note_away(now=since)

    response = client.get("/sante/")

    assert (response.status_code, response.json()["mail"]) == (503, "failing")
    assert response.json()["mail_failing_since"] == since.replace(second=0, microsecond=0).isoformat()


# --- For balancers --------------------------------------------------------------------------------------------------


def test_web_process_answers_a_balancer_without_the_database(client):
    # REL-08; no mark: the database is not even there
    response = client.get("/sante/web")

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert (response["Cache-Control"], response["Content-Type"]) == ("no-store", "text/plain; charset=utf-8")
    assert response.cookies == {}
    assert client.post("/sante/web").status_code == 405


def test_balancer_is_answered_behind_the_tls_and_nobody_else(client, settings, worker_passed):
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/sante/web").status_code == 200
    assert [client.get(path).status_code for path in ("/sante/", "/metrics", "/sante/web/", "/connexion/")] == [301] * 4
