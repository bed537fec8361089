"""Small versions of a portal, to try what serves them and what changes them: the files of the real one that matter, a
Python that answers what it is told, or a site of one page."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path

from django.conf import settings

from tests.processus import descendants, is_alive

ROOT = Path(settings.BASE_DIR)
PATIENCE = 90  # seconds: gunicorn gives a worker that was told to stop while it booted sixty


def environment(**more: str) -> dict[str, str]:
    """What a town's terminal holds, and not what the tests were started with."""
    left_out = ("DJANGO_", "DATABASE_URL", "ENV_FILE", "INSTANCE", "MAKE", "GIT_", "PYTEST", "LISTEN_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return kept | {"PYTHONUTF8": "1", "GIT_CONFIG_GLOBAL": os.devnull} | more


def git(folder: Path, *arguments: str) -> str:
    identity = {
        f"GIT_{who}_{what}": "essai@commune.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True, env=environment(**identity)
    )
    return done.stdout.strip()


def commit(folder: Path, subject: str) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--no-gpg-sign", "-m", subject)
    return git(folder, "rev-parse", "HEAD")


def borrow_packages(portal: Path, requirements: Path) -> Path:
    """Let the portal find installed what this file pins: the packages of the tests. The folder of the environment."""
    folder = portal / "var" / "environnements" / sha256(requirements.read_bytes()).hexdigest()[:12]
    venv = folder / ".venv"
    (venv / "bin").mkdir(parents=True)
    mine = Path(sys.prefix)
    (venv / "bin" / "python").symlink_to((mine / "bin" / "python").resolve())
    (venv / "pyvenv.cfg").write_bytes((mine / "pyvenv.cfg").read_bytes())
    (venv / "lib").symlink_to(mine / "lib")
    sums = subprocess.run(["cksum"], input=requirements.read_text(), capture_output=True, text=True, check=True).stdout
    (venv / ".complete").write_text(f"{folder} requirements.txt {sums}")
    return venv


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class UnixConnection(HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.host)


def page(where: int | str, path: str = "/") -> str:
    """What answers at this port of the loopback, or at this Unix socket."""
    connection = (
        UnixConnection(where) if isinstance(where, str) else HTTPConnection("127.0.0.1", where, timeout=PATIENCE)
    )
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == 200
        return answer.read().decode()
    finally:
        connection.close()


def wait_until(condition: Callable[[], object]) -> None:
    limit = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < limit, "it did not come"
        time.sleep(0.05)


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """Kill a holder as systemd or the end of a machine does: what it started is gone before another begins."""
    family = descendants(process.pid)
    process.kill()
    process.wait()
    wait_until(lambda: not any(map(is_alive, family)))


def wait_for_a_step(process: subprocess.Popen[str], pause: float) -> None:
    """Read what the upgrade says up to some step of it, perhaps to its end, then wait a little more: where it is cut
    depends on no clock, however slow the machine.
    """
    for _ in range(random.randint(0, 14)):
        if not process.stdout or not process.stdout.readline():
            return
    time.sleep(random.uniform(0, pause))


@contextmanager
def holder(portal: Path, port: int, *options: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """`install/prise.py` of the tests, in this folder; what it says is beside it, in `prise.log`."""
    with (portal.parent / "prise.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "install" / "prise.py"), f"127.0.0.1:{port}", *options],
            cwd=portal,
            env=environment(**more),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait_until(lambda: is_open(port) or process.poll() is not None)
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
