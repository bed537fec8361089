"""Processes of the worker that are killed, doubled, stopped, and left without a database."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import tasks, temporary
from accounts.models import Passage, TemporaryPassword, User
from accounts.worker import HEARTBEAT
from tests.accounts.mails import PURGE, wait_until
from tests.factories import UserFactory
from tests.smtp import MailServer, text_part

pytestmark = [pytest.mark.ci, pytest.mark.sqlite]


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


def statuses() -> list[str]:
    rows = DBTaskResult.objects.exclude(task_path=PURGE)
    return list(rows.order_by("enqueued_at").values_list("status", flat=True))


def value_in(received) -> str:
    return re.search(r"\n([0-9a-f]{32})\n", text_part(received))[1]


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
