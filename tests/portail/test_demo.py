"""`make demo`: what it refuses, in a sentence, and that it leaves no process behind."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from portail import demo
from portail.demo import DemoError
from tests.processus import descendants, ended, is_alive

pytestmark = [pytest.mark.une_fois, pytest.mark.ci]
ROOT = Path(settings.BASE_DIR)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project of its own for the demonstration."""
    monkeypatch.setattr(demo, "BASE_DIR", tmp_path)
    monkeypatch.setattr(demo, "VAR_DIR", tmp_path / "var")
    monkeypatch.setattr(demo, "DATABASE", tmp_path / "var" / "portail.sqlite3")
    monkeypatch.setattr(demo, "MAILS", tmp_path / "var" / "courriels")
    demo.MAILS.mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("value", ["", "abc", "-1", "0", "65536", "80 80", "８０８０x"])
def test_port_that_is_none_is_refused(value):
    with pytest.raises(DemoError, match="n’est pas un numéro de port"):
        demo.read_port(value)


def test_port_already_taken_is_refused_with_the_way_out():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(DemoError) as refusal:
            demo.read_port(str(port))
    assert str(refusal.value).startswith(f"Le port {port} est déjà pris")
    assert str(refusal.value).endswith("make demo PORT=8080")


@pytest.mark.parametrize("line", ["SITE_URL=https://portail.commune.test", "export SITE_URL = 'https://p.test'"])
def test_folder_of_a_real_portal_is_refused(folder, line):
    (folder / ".env").write_text(f"# production\n{line}\n", encoding="utf-8")
    with pytest.raises(DemoError, match="sert un vrai portail"):
        demo.refuse_real_portal()


@pytest.mark.parametrize("line", ["SITE_URL=http://127.0.0.1:8000", "#SITE_URL=https://portail.commune.test"])
def test_folder_of_a_developer_is_accepted(folder, line):
    (folder / ".env").write_text(f"{line}\n", encoding="utf-8")
    demo.refuse_real_portal()


def test_starting_afresh_forgets_data_and_mails(folder):
    for name in ("portail.sqlite3", "portail.sqlite3-wal", "cle-essai", "courriels/1.eml"):
        (demo.VAR_DIR / name).touch()
    with (demo.VAR_DIR / "demo.lock").open("w") as lock:
        demo.hold(lock.fileno(), afresh=True)
    assert sorted(path.name for path in demo.VAR_DIR.rglob("*")) == ["cle-essai", "demo.lock"]


def test_starting_afresh_waits_for_the_running_demonstration_to_end(folder):
    demo.DATABASE.touch()
    with (demo.VAR_DIR / "demo.lock").open("w") as running, (demo.VAR_DIR / "demo.lock").open("w") as lock:
        fcntl.flock(running, fcntl.LOCK_SH)
        with pytest.raises(DemoError, match="tourne encore"):
            demo.hold(lock.fileno(), afresh=True)
    assert demo.DATABASE.exists()


def test_code_is_asked_for_an_account():
    with pytest.raises(DemoError, match="make code COMPTE=1000009"):
        demo.tell_code("")


def test_code_is_asked_of_a_demonstration_that_exists(folder):
    with pytest.raises(DemoError, match="lancez d’abord"):
        demo.tell_code("1000009")


# --- The real thing ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A checkout without data, as a newcomer has it; with them, once a test has started the demonstration."""
    tmp_path = tmp_path_factory.mktemp("portail")
    for name in (
        "accounts",
        "conservation",
        "demo",
        "enfance",
        "facturation",
        "portail",
        "static",
        "styles",
        "surveillance",
        "templates",
    ):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", tmp_path)
    return tmp_path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment() -> dict[str, str]:
    left_out = {"MAKELEVEL", "DATABASE_URL"}
    return {name: value for name, value in os.environ.items() if name not in left_out} | {"PYTHONUTF8": "1"}


@pytest.fixture
def running(copy) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "portail.demo"],
        cwd=copy,
        env=environment() | {"PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process, port
    if process.poll() is None:
        process.terminate()
        process.wait(60)
    process.stdout.close()


def read_until(process: subprocess.Popen[str], sign: str) -> str:
    said = ""
    for line in process.stdout:
        said += line
        if sign in line:
            return said
    pytest.fail(f"the demonstration ended: {said}")


def test_demo_serves_and_leaves_no_process(running, copy):
    process, port = running

    said = read_until(process, "Ctrl-C")
    family = descendants(process.pid)

    assert f"http://127.0.0.1:{port}" in said
    assert demo.answers(port)
    assert len(family) == 5  # gunicorn and its two processes, the worker, the PayFiP on the loopback
    assert (copy / "var" / "cle-essai").stat().st_mode & 0o777 == 0o600
    assert said.count("make code COMPTE=") == 5
    assert "{" not in said  # no line of the journal
    code = [sys.executable, "-m", "portail.demo", "--code", "1000017"]
    told = subprocess.run(code, cwd=copy, capture_output=True, text=True, check=True, env=environment())
    assert re.fullmatch(r"\d{6}\n", told.stdout)

    process.send_signal(signal.SIGINT)

    assert process.wait(60) == 0
    assert {pid for pid in family if is_alive(pid)} == set()
    assert not demo.answers(port)


def test_demo_stops_the_worker_when_the_web_server_dies(running):
    process, _ = running
    read_until(process, "Ctrl-C")
    family = descendants(process.pid)
    web = next(child for child in family if descendants(child))

    os.kill(web, signal.SIGKILL)

    assert process.wait(60) == 1
    assert process.stdout.read() == "Le serveur web s’est arrêté\xa0: la raison est dans var/journaux/web.log.\n"
    assert ended(family)


@pytest.mark.skipif(sys.platform != "linux", reason="no other system ends a process with its parent")
def test_demo_that_is_killed_takes_its_processes_with_it(running):
    process, port = running
    read_until(process, "Ctrl-C")
    family = descendants(process.pid)

    process.kill()

    assert ended(family)
    assert demo.read_port(str(port)) == port


def test_two_demos_started_together_prepare_one_after_the_other(copy):
    shutil.rmtree(copy / "var", ignore_errors=True)
    command = [sys.executable, "-m", "portail.demo"]
    ports = [free_port(), free_port()]
    both = [
        subprocess.Popen(
            command,
            cwd=copy,
            env=environment() | {"PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for port in ports
    ]
    try:
        for process in both:
            read_until(process, "Ctrl-C")
        assert [demo.answers(port) for port in ports] == [True, True]
    finally:
        for process in both:
            process.terminate()
        for process in both:
            process.communicate(timeout=60)


def test_demo_that_cannot_write_says_so(copy, tmp_path):
    shutil.copytree(copy / "portail", tmp_path / "portail")
    (tmp_path / "var" / "demo.lock").mkdir(parents=True)  # as closed to root as to anybody

    done = subprocess.run(
        [sys.executable, "-m", "portail.demo"],
        cwd=tmp_path,
        env=environment() | {"PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    why = f"{tmp_path}/var/demo.lock ne peut pas être ouvert (Is a directory)"
    assert done.stderr == f"La démonstration ne peut pas démarrer\xa0: {why}.\n"
