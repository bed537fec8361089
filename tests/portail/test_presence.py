"""The lock that says that the portal runs."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts import worker
from portail import presence

RUN = """
import sys, time
from pathlib import Path
from django.conf import settings
settings.configure(VAR_DIR=Path(sys.argv[1]))
from portail.presence import announce
print("starts", flush=True)
announce()
print("runs", flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def var(settings, tmp_path) -> Path:
    settings.VAR_DIR = tmp_path / "var"
    return settings.VAR_DIR


@pytest.fixture
def run(var):
    """Start processes that say they run."""
    processes = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", RUN, str(var)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout.readline() == "starts\n"
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def is_running() -> bool:
    try:
        with presence.alone():
            return False
    except presence.PortalRuns:
        return True


def test_nothing_runs_in_a_folder_that_is_not_there_yet(var):
    assert not is_running()
    assert stat.S_IMODE(presence.lock_file().stat().st_mode) == 0o600


def test_a_process_runs_until_it_is_killed(run):
    web, worker = run(), run()
    assert (web.stdout.readline(), worker.stdout.readline()) == ("runs\n", "runs\n")

    assert is_running()
    web.kill()
    web.wait()
    assert is_running()
    worker.kill()
    worker.wait()
    assert not is_running()


def test_a_process_that_starts_meanwhile_waits_and_says_why(run):
    with presence.alone():
        web = run()
        assert (
            web.stderr.readline() == "Une restauration est en cours\u00a0: le portail démarre quand elle aura fini.\n"
        )
        assert web.poll() is None
    assert web.stdout.readline() == "runs\n"
    assert is_running()


def test_two_restores_at_once_are_refused():
    with presence.alone():
        assert is_running()
    assert not is_running()


def test_an_error_inside_is_its_own_and_gives_the_lock_back():
    with pytest.raises(BlockingIOError, match="of the body"), presence.alone():
        raise BlockingIOError("of the body")
    assert not is_running()


def test_the_portal_starts_where_var_cannot_be_written(var, caplog):
    var.write_text("no folder")

    assert presence.announce() is None
    assert [record.getMessage() for record in caplog.records] == [
        f"{var / 'portail.lock'} ne peut pas être ouvert (File exists)."
    ]


@pytest.mark.django_db(transaction=True)
def test_the_worker_says_it_runs_and_no_longer(settings, monkeypatch):
    settings.DAILY_TASKS = {}
    seen = []
    monkeypatch.setattr(worker, "passage", lambda *, now: seen.append(is_running()))

    call_command("db_worker", batch=True)

    assert seen == [True]
    assert not is_running()


@pytest.mark.ci
def test_web_server_says_it_runs(var):
    """Each worker of gunicorn imports portail.wsgi."""
    code = "import portail.wsgi, sys; sys.stdout.write('runs'); sys.stdout.flush(); sys.stdin.read()"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": os.getcwd()}
    web = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert web.stdout.read(4) == "runs"
        files = [os.readlink(link) for link in Path(f"/proc/{web.pid}/fd").iterdir()]
        assert any(path.endswith("/var/portail.lock") for path in files)
    finally:
        web.kill()
        web.communicate()
