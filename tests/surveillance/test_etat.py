"""The state of the portal: what each of its words needs, and what is wrong enough to wake somebody up."""

from __future__ import annotations

import shutil
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django_tasks_db.models import DBTaskResult, get_date_max

from accounts import mail_contact
from accounts.models import Passage, UndeliveredMail
from accounts.worker import HEARTBEAT
from conservation import suivi
from conservation.paquet import MANIFESTE
from surveillance.etat import WRONG, Etat, lire
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def machine(monkeypatch, settings):
    """Room on the disk, a worker that has just passed, a portal of ten days ago."""
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(0, 0, 20_000 * 2**20))
    Passage.objects.create(job=HEARTBEAT, done_at=NOW)
    MigrationRecorder(connection).migration_qs.update(applied=NOW - timedelta(days=10))
    settings.SAUVEGARDES = None


def hours(n: float) -> datetime:
    return NOW + timedelta(hours=n)


def put(job: str, when: datetime) -> None:
    Passage.objects.update_or_create(job=job, defaults={"done_at": when})


# --- Mails ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "held", "worker", "mail", "wrong"),
    [
        ({}, False, 0, "unknown", []),
        ({mail_contact.CONTACT: -0.1}, False, 0, "ok", []),
        ({mail_contact.CONTACT: -1, mail_contact.AWAY: -0.9}, False, 0, "failing", ["mail"]),
        ({mail_contact.CONTACT: -1, mail_contact.AWAY: -0.01}, False, 0, "ok", []),
        ({mail_contact.CONTACT: 0, mail_contact.NOT_TAKEN: -0.5}, False, 0, "failing", ["mail"]),
        ({mail_contact.CONTACT: -1, mail_contact.AWAY: -0.9}, True, 0, "held", []),  # nothing is to leave
        ({mail_contact.CONTACT: -1, mail_contact.AWAY: -0.9}, False, -1, "unknown", ["worker"]),  # nobody looks
    ],
)
def test_mail_is_a_word(settings, rows, held, worker, mail, wrong):
    # REL-08
    settings.ENVOIS_RETENUS = held
    put(HEARTBEAT, hours(worker))
    for job, when in rows.items():
        put(job, hours(when))

    etat = lire(NOW)

    assert (etat.mail, etat.wrong) == (mail, wrong)
    assert etat.mail_last_ok == (hours(rows[mail_contact.CONTACT]) if mail_contact.CONTACT in rows else None)


@pytest.mark.parametrize(
    ("fields", "stopped"),
    [
        ({"mail": "ok", "worker": "ok", "mail_failing_since": NOW}, None),
        ({"mail": "failing", "worker": "ok", "mail_failing_since": NOW}, NOW),
        ({"mail": "unknown", "worker": "late", "worker_last_pass": NOW}, NOW),
        ({"mail": "held", "worker": "late", "worker_last_pass": NOW}, None),
        ({"mail": "unknown", "worker": "unknown"}, None),
    ],
)
def test_mails_have_stopped_for_want_of_a_server_or_of_a_worker(fields, stopped):
    assert Etat(at=NOW, disk="ok", disk_free=1, version="0", **fields).mails_stopped_since == stopped


# --- Tasks ------------------------------------------------------------------------------------------------------------


def enqueue(after: datetime | None, *, queued: float = 0, queue: str = "default", status: str = "READY") -> None:
    task = DBTaskResult.objects.create(
        status=status,
        args_kwargs={"args": [], "kwargs": {}},
        task_path="accounts.tasks.purge",
        backend_name="default",
        queue_name=queue,
        run_after=after or get_date_max(),
    )
    DBTaskResult.objects.filter(pk=task.pk).update(enqueued_at=hours(queued))


@pytest.mark.parametrize(
    ("tasks", "held", "oldest", "word"),
    [
        ([], False, None, "ok"),
        ([(None, -0.25, "default")], False, 900, "ok"),
        ([(None, -0.5, "default")], False, 1800, "ok"),
        ([(None, -0.51, "default")], False, 1836, "late"),
        ([(hours(-1), -9, "courriels"), (None, -0.1, "default")], False, 3600, "late"),  # since it was due
        ([(hours(1), -9, "courriels")], False, None, "ok"),  # for later
        ([(hours(-1), -9, "courriels")], True, None, "ok"),  # held: somebody is to let it go
        ([(hours(-1), -9, "archive")], False, None, "ok"),
        ([(None, 1, "default")], False, 0, "ok"),  # by a clock that was wrong
    ],
)
def test_tasks_are_late_when_one_that_is_due_waits_for_half_an_hour(settings, tasks, held, oldest, word):
    settings.ENVOIS_RETENUS = held
    for after, queued, queue in tasks:
        enqueue(after, queued=queued, queue=queue)
    for status in ("RUNNING", "SUCCESSFUL", "FAILED"):
        enqueue(None, queued=-9, status=status)

    etat = lire(NOW)

    assert (etat.oldest_task, etat.tasks, etat.wrong) == (oldest, word, ["tasks"] if word == "late" else [])


def test_mails_are_counted_that_wait_and_that_never_left():
    enqueue(hours(1), queue="courriels")
    enqueue(None, queue="courriels")
    enqueue(None, queue="courriels", status="SUCCESSFUL")
    enqueue(None)
    for settled in (None, None, NOW):
        UndeliveredMail.objects.create(user=UserFactory(first_name="Camille"), mail="Rappel", settled_at=settled)

    etat = lire(NOW)

    assert (etat.mails_waiting, etat.mails_failed) == (2, 2)


# --- Backups ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "age", "began", "word"),
    [
        (False, None, -240, "none"),
        (False, 100, -240, "none"),  # made by hand, for a folder that nobody has named
        (True, 1, -240, "ok"),
        (True, 36, -240, "ok"),
        (True, 36.1, -240, "old"),
        (True, None, -36, "none"),  # none is due in a portal of yesterday
        (True, None, -36.1, "old"),
        (True, 40, -1, "old"),
    ],
)
def test_backup_is_a_word(settings, tmp_path, folder, age, began, word):
    # REL-08
    settings.SAUVEGARDES = tmp_path if folder else None
    MigrationRecorder(connection).migration_qs.update(applied=hours(began))
    if age is not None:
        assert suivi.note_backup(hours(-age))
        (tmp_path / "portail-2026-12-01T033000Z.tar").touch()

    etat = lire(NOW)

    assert (etat.backup, etat.wrong) == (word, ["backup"] if word == "old" else [])
    assert etat.last_backup == (hours(-age) if age is not None else None)


def test_archives_of_a_portal_whose_earlier_version_noted_none_are_found_in_their_folder(settings, tmp_path):
    settings.SAUVEGARDES = tmp_path
    for name, begins in {
        "portail-2026-12-01T033000Z.tar": MANIFESTE.encode() + b"\0",
        "portail-2026-12-03T033000Z.tar": MANIFESTE.encode() + b"\0",
        "portail-2026-12-03T103000Z.tar": b"no archive of ours",
        "autre-2026-12-03T093000Z.tar": MANIFESTE.encode() + b"\0",
    }.items():
        (tmp_path / name).write_bytes(begins)

    assert (lire(NOW).last_backup, lire(NOW).backup) == (datetime(2026, 12, 3, 3, 30, tzinfo=UTC), "ok")
    settings.SAUVEGARDES = tmp_path / "absent"
    assert (lire(NOW).last_backup, lire(NOW).backup) == (None, "old")


@pytest.mark.parametrize("folder", ["vide", "absent"])
def test_backup_whose_archives_are_all_gone_is_missing(settings, tmp_path, folder):
    # REL-08
    (tmp_path / "vide").mkdir()
    (tmp_path / "vide" / "effacements.jsonl").touch()
    settings.SAUVEGARDES = tmp_path / folder
    assert suivi.note_backup(hours(-1))

    etat = lire(NOW)

    assert (etat.backup, etat.wrong, etat.last_backup) == ("missing", ["backup"], hours(-1))


def test_folder_of_backups_that_may_not_be_looked_at_says_nothing(settings, tmp_path):
    settings.SAUVEGARDES = tmp_path / "file"
    settings.SAUVEGARDES.touch()
    assert suivi.note_backup(hours(-1))

    assert lire(NOW).backup == "ok"


# --- All of it --------------------------------------------------------------------------------------------------------


def test_nothing_is_wrong_that_has_no_word_for_it():
    assert set(WRONG) <= {field for field in Etat.__dataclass_fields__}


def test_state_costs_five_queries_whatever_there_is(django_assert_num_queries):
    lire(NOW)
    patience = 3 if connection.vendor == "sqlite" else 5
    with django_assert_num_queries(4 + patience):
        lire(NOW)
    for n in range(5):
        enqueue(None, queued=-n, queue="courriels")
        UndeliveredMail.objects.create(user=UserFactory(first_name="Camille"), mail=f"Rappel {n}")
    with django_assert_num_queries(4 + patience):
        lire(NOW)


def test_folder_of_the_database_is_the_one_that_is_measured(monkeypatch, settings):
    measured: list[Path] = []

    def usage(folder: Path) -> Usage:
        measured.append(Path(folder))
        return Usage(0, 0, 499 * 2**20)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    etat = lire(NOW)

    name = connection.settings_dict["NAME"]
    assert measured == [Path(name).parent if connection.vendor == "sqlite" else settings.VAR_DIR]
    assert (etat.disk, etat.disk_free, etat.wrong) == ("low", 499, ["disk"])
