"""The passage of the worker: what it gives back, what it enqueues, what it purges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from datetime import time as hour
from threading import Barrier, Thread

import pytest
from django.contrib.sessions.models import Session
from django.db import connections
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import Counter, Passage, RememberedDevice, TemporaryPassword, UndeliveredMail
from accounts.retention import purge
from accounts.worker import HEARTBEAT, Worker, enqueue_daily, passage, release_stale
from portail.dates import PARIS
from tests.accounts.mails import PURGE
from tests.factories import UserFactory

NOW = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)


def make_task(status: str = "RUNNING", *, started_at: datetime = NOW, workers: int = 1) -> DBTaskResult:
    return DBTaskResult.objects.create(
        status=status,
        started_at=started_at,
        worker_ids=[f"worker{number}" for number in range(workers)],
        args_kwargs={"args": [], "kwargs": {}},
        task_path=PURGE,
        backend_name="default",
        run_after=NOW,
    )


def test_passage_leaves_a_heartbeat(db):
    for now in [NOW, NOW + timedelta(seconds=30)]:
        passage(now=now)

    assert Passage.objects.get(job=HEARTBEAT).done_at == NOW + timedelta(seconds=30)


@pytest.mark.parametrize(
    ("path", "age", "then", "workers"),
    [
        ("accounts.tasks.of_a_later_version", timedelta(minutes=59), "READY", 0),
        ("of_a_later_version.tasks.send", timedelta(0), "READY", 0),
        ("accounts.tasks.gone_for_good", timedelta(minutes=61), "FAILED", 1),
    ],
)
def test_task_of_another_version_waits_for_a_worker_that_knows_it(db, path, age, then, workers):
    task, now = make_task(), timezone.now()
    DBTaskResult.objects.filter(pk=task.pk).update(task_path=path, enqueued_at=now - age)
    task.refresh_from_db()

    Worker().run_task(task)

    task.refresh_from_db()
    assert (task.status, len(task.worker_ids)) == (then, workers)
    assert (task.run_after != NOW) is (then == "READY")


@pytest.mark.parametrize(
    ("status", "age", "workers", "then"),
    [
        ("RUNNING", timedelta(minutes=9, seconds=59), 1, "RUNNING"),
        ("RUNNING", timedelta(minutes=10), 1, "RUNNING"),
        ("RUNNING", timedelta(minutes=10, seconds=1), 1, "READY"),
        ("RUNNING", timedelta(hours=5), 2, "READY"),
        ("RUNNING", timedelta(hours=5), 3, "FAILED"),
        ("SUCCESSFUL", timedelta(hours=5), 1, "SUCCESSFUL"),
        ("FAILED", timedelta(hours=5), 1, "FAILED"),
    ],
)
def test_task_of_a_dead_worker_is_given_back_and_fails_after_three(db, status, age, workers, then):
    task = make_task(status, started_at=NOW - age, workers=workers)

    release_stale(now=NOW)

    task.refresh_from_db()
    assert task.status == then


def paris(*when: int) -> datetime:
    return datetime(*when, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("instants", "enqueued"),
    [
        ([datetime(2026, 12, 3, 1, 59, tzinfo=UTC)], 0),  # 2 h 59 in Paris
        ([datetime(2026, 12, 3, 2, 0, tzinfo=UTC)], 1),
        ([datetime(2026, 12, 3, 2, 0, tzinfo=UTC), datetime(2026, 12, 3, 22, 59, tzinfo=UTC)], 1),
        ([datetime(2026, 12, 3, 22, 59, tzinfo=UTC), datetime(2026, 12, 3, 23, 0, tzinfo=UTC)], 1),  # past midnight
        ([datetime(2026, 12, 3, 22, 59, tzinfo=UTC), datetime(2026, 12, 4, 2, 0, tzinfo=UTC)], 2),
        ([datetime(2026, 10, 24, 1, 0, tzinfo=UTC), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)], 2),  # end of summer time
    ],
)
def test_daily_task_is_enqueued_once_a_day_from_its_hour_on(db, settings, instants, enqueued):
    settings.DAILY_TASKS = {PURGE: hour(3)}

    for now in instants:
        enqueue_daily(now=now)

    assert DBTaskResult.objects.filter(task_path=PURGE).count() == enqueued


@pytest.mark.parametrize(
    ("at", "done", "then", "made_up"),
    [
        (hour(18), paris(2026, 12, 2, 18), paris(2026, 12, 3, 17, 59), 0),  # done yesterday, not due yet today
        (hour(18), paris(2026, 12, 1, 18), paris(2026, 12, 3, 0, 0), 1),  # down over midnight
        (hour(18), paris(2026, 12, 1, 18), paris(2026, 12, 3, 8, 0), 1),
        (hour(18), paris(2026, 12, 2, 17, 59, 59), paris(2026, 12, 3, 8, 0), 1),
        (hour(18), paris(2026, 11, 26, 18), paris(2026, 12, 3, 8, 0), 1),  # a week is one passage
        # A day of 23 hours, then the morning after it; a day of 25 hours.
        (hour(18), paris(2027, 3, 27, 18), paris(2027, 3, 28, 17, 59), 0),
        (hour(18), paris(2027, 3, 27, 18), paris(2027, 3, 29, 8, 0), 1),
        (hour(18), paris(2026, 10, 24, 18), paris(2026, 10, 25, 17, 59), 0),
        (hour(18), paris(2026, 10, 24, 18), paris(2026, 10, 26, 8, 0), 1),
        # Half past two: it never comes, and is half past three; it comes twice, and is the first.
        (hour(2, 30), paris(2027, 3, 27, 2, 30), paris(2027, 3, 28, 3, 29), 0),
        (hour(2, 30), paris(2027, 3, 27, 2, 30), paris(2027, 3, 28, 3, 30), 1),
        (hour(2, 30), paris(2026, 10, 24, 2, 30), paris(2026, 10, 25, 2, 29), 0),
        (hour(2, 30), paris(2026, 10, 24, 2, 30), paris(2026, 10, 25, 2, 30), 1),
        (hour(2, 30), paris(2026, 10, 25, 2, 31), datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=PARIS), 0),
    ],
)
def test_daily_task_that_nobody_did_is_made_up_once_before_its_next_hour(db, settings, at, done, then, made_up):
    settings.DAILY_TASKS = {PURGE: at}
    Passage.objects.create(job=PURGE, done_at=done)

    for later in (timedelta(0), timedelta(seconds=20), timedelta(seconds=40)):
        enqueue_daily(now=then + later)

    assert DBTaskResult.objects.count() == made_up


def test_daily_task_made_up_in_the_morning_is_done_at_its_hour_as_well(db, settings):
    settings.DAILY_TASKS = {PURGE: hour(18)}
    Passage.objects.create(job=PURGE, done_at=paris(2026, 12, 1, 18))
    counts = []

    for now in [paris(2026, 12, 3, 8), paris(2026, 12, 3, 17, 59), paris(2026, 12, 3, 18), paris(2026, 12, 3, 23)]:
        enqueue_daily(now=now)
        counts.append(DBTaskResult.objects.count())

    assert counts == [1, 1, 2, 2]


def test_first_worker_of_a_new_portal_makes_up_for_nothing(db, settings):
    settings.DAILY_TASKS = {PURGE: hour(18)}
    counts = []

    for now in [paris(2026, 12, 3, 8), paris(2026, 12, 3, 17, 59), paris(2026, 12, 4, 8)]:  # down on its first evening
        enqueue_daily(now=now)
        counts.append(DBTaskResult.objects.count())

    assert counts == [0, 0, 1]


def test_daily_tasks_of_the_settings_can_be_enqueued(db):
    enqueue_daily(now=timezone.now().replace(hour=22, minute=0))

    assert DBTaskResult.objects.filter(task_path=PURGE).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at", [hour(3), hour(18)])  # the hour has come; yesterday's is made up
def test_workers_that_pass_together_enqueue_a_daily_task_once(settings, at):
    # REL-05
    settings.DAILY_TASKS = {PURGE: at}
    Passage.objects.create(job=PURGE, done_at=NOW - timedelta(days=2))
    barrier, failures = Barrier(6), []

    def pass_once():
        try:
            barrier.wait()
            passage(now=NOW)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=pass_once) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (failures, DBTaskResult.objects.count()) == ([], 1)


def test_purge_deletes_what_has_passed_its_time(db, journal):  # RGP-06, LOG-01
    user = UserFactory()
    old, recent = NOW - timedelta(days=31), NOW - timedelta(days=29)
    for at in [old, recent]:
        make_task("SUCCESSFUL")
        make_task("FAILED")
        DBTaskResult.objects.filter(finished_at=None).update(finished_at=at)
        UndeliveredMail.objects.create(user=user, mail="x", reason="refused", created_at=old, settled_at=at)
        Counter.objects.create(cle=str(at), n=1, expire=(at + timedelta(days=30)).timestamp())
        Session.objects.create(session_key=str(at.day), expire_date=at + timedelta(days=30))
        RememberedDevice.objects.create(user=user, kind="known", digest=str(at), since=at - timedelta(days=335))
        TemporaryPassword.objects.create(
            user=user, digest="0", created_at=at, expires_at=at, closed_at=at, reason=TemporaryPassword.Reason.USED
        )
    make_task("RUNNING", started_at=old)
    UndeliveredMail.objects.create(user=user, mail="x", reason="refused", created_at=old)
    TemporaryPassword.objects.create(user=user, digest="0", created_at=old, expires_at=old)  # never closed

    deleted = purge(now=NOW)

    assert {name: n for name, n in deleted.items() if n} == {
        "temporary_passwords": 2,
        "undelivered_mails": 1,
        "tasks": 2,
        "counters": 1,
        "devices": 1,
        "sessions": 1,
    }
    assert purge(now=NOW) == dict.fromkeys(deleted, 0)
    left = [model.objects.count() for model in (DBTaskResult, UndeliveredMail, Counter, Session)]
    assert left == [3, 2, 1, 1]
    assert [(line["event"], line["sessions"]) for line in journal.events] == [("purge", 1), ("purge", 0)]
