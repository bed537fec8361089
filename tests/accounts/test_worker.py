"""The worker: its passage, and processes of it that are killed, doubled, stopped, and left without a database."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from datetime import time as hour
from threading import Barrier, Thread

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, connections
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import tasks, temporary
from accounts.models import Counter, Passage, RememberedDevice, TemporaryPassword, UndeliveredMail, User
from accounts.retention import purge
from accounts.worker import HEARTBEAT, enqueue_daily, passage, release_stale
from portail.dates import PARIS
from tests.factories import UserFactory
from tests.smtp import MailServer, text_of

PURGE = "accounts.tasks.purge"
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


# --- The passage --------------------------------------------------------------------------------------------------


def test_passage_leaves_a_heartbeat(db):
    for now in [NOW, NOW + timedelta(seconds=30)]:
        passage(now=now)

    assert Passage.objects.get(job=HEARTBEAT).done_at == NOW + timedelta(seconds=30)


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

    assert deleted == {
        "temporary_passwords": 2,
        "email_changes": 0,
        "undelivered_mails": 1,
        "tasks": 2,
        "counters": 1,
        "devices": 1,
        "sessions": 1,
        "mailings": 0,
    }
    assert purge(now=NOW) == dict.fromkeys(deleted, 0)
    left = [model.objects.count() for model in (DBTaskResult, UndeliveredMail, Counter, Session)]
    assert left == [3, 2, 1, 1]
    assert [(line["event"], line["sessions"]) for line in journal.events] == [("purge", 1), ("purge", 0)]


# --- Processes ----------------------------------------------------------------------------------------------------


@pytest.fixture
def server():
    with MailServer() as server:
        yield server


@pytest.fixture
def start(server):
    """Start workers, each in a process of its own, on the database of the test; those still there are killed after."""
    processes = []

    def start_worker(sqlite_timeout: float = 20) -> subprocess.Popen[str]:
        options = connection.settings_dict
        url = f"sqlite:///{options['NAME']}"
        if connection.vendor == "postgresql":
            who = f"{options['USER']}:{options['PASSWORD']}"
            url = f"postgres://{who}@{options['HOST']}:{options['PORT']}/{options['NAME']}"
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.worker_settings",
            "DATABASE_URL": url,
            "MAIL_PORT": str(server.port),
            "SQLITE_TIMEOUT": str(sqlite_timeout),
        }
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "manage.py", "db_worker", "--interval", "0.1"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        processes.append(process)
        return process

    yield start_worker
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def wait_until(condition, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.05)


def statuses() -> list[str]:
    rows = DBTaskResult.objects.exclude(task_path=PURGE)
    return list(rows.order_by("enqueued_at").values_list("status", flat=True))


def value_in(received) -> str:
    return re.search(r"\n([0-9a-f]{32})\n", text_of(received))[1]


@pytest.mark.django_db(transaction=True)
def test_worker_killed_between_value_and_mail_leaves_nothing_lost(start, server):
    # REL-03: kill -9 while the mail server holds the text
    UserFactory(identifiant="3816238", email="camille@courriel.example")
    server.behaviour = "hang"
    tasks.send_temporary_password.enqueue("3816238")
    killed = start()
    wait_until(lambda: server.seen == 1)
    [dead] = TemporaryPassword.objects.all()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert (statuses(), dead.sent_at, dead.closed_at) == (["RUNNING"], None, None)

    server.behaviour = "accept"
    DBTaskResult.objects.update(started_at=timezone.now() - timedelta(minutes=11))  # ten minutes later
    TemporaryPassword.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    start()
    wait_until(lambda: statuses() == ["SUCCESSFUL"])

    [received] = server.mails
    live = temporary.accept("3816238", value_in(received), now=timezone.now())
    dead.refresh_from_db()
    assert (dead.reason, live is not None and live.sent_at is not None) == ("replaced", True)
    assert TemporaryPassword.objects.filter(closed_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_every_task_once(start, server):
    # REL-05
    numbers = [str(number) for number in range(3_000_000, 3_000_040)]
    User.objects.bulk_create(User(identifiant=number, email=f"{number}@courriel.example") for number in numbers)
    for number in numbers:
        tasks.send_temporary_password.enqueue(number)

    workers = [start(), start()]
    wait_until(lambda: set(statuses()) == {"SUCCESSFUL"}, seconds=60)

    used = {worker for row in DBTaskResult.objects.exclude(task_path=PURGE) for worker in row.worker_ids}
    assert sorted(received["to"] for received in server.mails) == [f"{number}@courriel.example" for number in numbers]
    assert TemporaryPassword.objects.exclude(sent_at=None).count() == 40
    assert DBTaskResult.objects.filter(task_path=PURGE).count() <= 1
    assert len(used) == 2
    assert [worker.poll() for worker in workers] == [None, None]


@contextlib.contextmanager
def database_away():
    """What each database really does: SQLite stays locked past `timeout`, PostgreSQL cuts the connections, each time
    that the function given is called."""
    if connection.vendor == "sqlite":
        with contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield lambda: None
            other.execute("ROLLBACK")
        return

    def cut_connections() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    yield cut_connections


def listen(process: subprocess.Popen[str]) -> tuple[list[str], Thread]:
    """The lines that it says, as they come, and who reads them until it ends."""
    said: list[str] = []

    def read() -> None:
        for line in process.stdout:
            said.append(line)

    reader = Thread(target=read)
    reader.start()
    return said, reader


@pytest.mark.django_db(transaction=True)
def test_worker_outlives_a_database_that_goes_away(start, server):
    # REL-03
    UserFactory(identifiant="3816238", email="camille@courriel.example")
    worker = start(sqlite_timeout=0.2)
    said, reader = listen(worker)
    wait_until(Passage.objects.filter(job=HEARTBEAT).exists)

    with database_away() as keep_away:
        wait_until(lambda: keep_away() or any("(OperationalError)\u00a0: le service attend." in line for line in said))
    tasks.send_temporary_password.enqueue("3816238")
    wait_until(lambda: statuses() == ["SUCCESSFUL"], seconds=90)

    worker.send_signal(signal.SIGTERM)
    assert (worker.wait(timeout=30), len(server.mails)) == (0, 1)
    reader.join()
    assert "Base de données indisponible (OperationalError)\u00a0: le service attend." in "".join(said)


@pytest.mark.django_db(transaction=True)
def test_sigterm_lets_the_task_end_and_starts_no_other(start, server):
    UserFactory(identifiant="3816238", email="camille@courriel.example")
    UserFactory(identifiant="4716230", email="dominique@courriel.example")
    server.behaviour = "slow"
    tasks.send_temporary_password.enqueue("3816238")
    tasks.send_temporary_password.enqueue("4716230")
    worker = start()
    wait_until(lambda: server.seen == 1)

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(timeout=30) == 0
    assert (statuses(), [received["to"] for received in server.mails]) == (
        ["SUCCESSFUL", "READY"],
        ["camille@courriel.example"],
    )


@pytest.mark.django_db(transaction=True)
def test_sigterm_stops_an_idle_worker_at_once_and_quietly(start):
    worker = start()
    wait_until(Passage.objects.filter(job=HEARTBEAT).exists)

    worker.send_signal(signal.SIGTERM)
    output, _ = worker.communicate(timeout=30)

    assert (worker.returncode, [line for line in output.splitlines() if '"event": "purge"' not in line]) == (0, [])


def test_db_worker_is_ours_and_speaks_french():
    done = subprocess.run(
        [sys.executable, "manage.py", "db_worker", "--help"], capture_output=True, text=True, timeout=60, check=True
    )

    assert "Envoie les courriels et fait les travaux réguliers" in " ".join(done.stdout.split())
