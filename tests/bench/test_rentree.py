"""The evening when a school year opens: three hundred parents log in within a minute, each from home (REL-04)."""

from __future__ import annotations

import json
import os
import random
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles

import pytest

from bench import processes
from bench.visitor import Visitor
from enfance.demo.contenu import MOT_DE_PASSE
from portail import demo
from tests.versions.bases import JOUR, ROOT, run, scratch

pytestmark = pytest.mark.django_db
PARENTS, MINUTE = 300, 60
MIB = 1024 * 1024


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def url(tmp_path_factory, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), scratch(tmp_path_factory.mktemp("base")) as url:
        yield url


@pytest.fixture
def portal(url, tmp_path, monkeypatch):
    """The portal as in production, web server and worker; its port, its web processes, the identifiants of parents."""
    port = free_port()
    for name, value in {
        "DJANGO_SETTINGS_MODULE": "tests.bench.rentree_settings",
        "DATABASE_URL": url,
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "s" * 50,
        "SITE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "TRUSTED_PROXIES": "127.0.0.1",
        "EMAIL_URL": f"filemail://{tmp_path / 'courriels'}",
        **demo.MEMORY,
    }.items():
        monkeypatch.setenv(name, value)
    settings = "tests.bench.rentree_settings"
    run(ROOT, url, "manage.py", "charger_demo", "--aujourd-hui", JOUR, settings=settings)
    parents = json.loads(run(ROOT, url, "tests/bench/parents.py", settings=settings))
    started = demo.start(port, tmp_path / "journaux")
    try:
        limit = time.monotonic() + demo.READY_WITHIN
        while not demo.answers(port):
            assert time.monotonic() < limit, (tmp_path / "journaux" / "web.log").read_text()
            time.sleep(0.1)
        yield port, processes.children(started["web"].pid), parents
    finally:
        demo.stop(started)


@pytest.mark.lent
def test_three_hundred_parents_log_in_within_a_minute(portal, capsys):  # REL-04
    port, workers, parents = portal
    hasard = random.Random(4)
    begin = time.perf_counter() + 1  # the time to start the threads

    def come(number: int, delay: float) -> float:
        """Open the login page, log in, read the home, as it comes; the seconds of the login."""
        visitor = Visitor(port)
        time.sleep(max(0, begin + delay - time.perf_counter()))
        visitor.get("/connexion/")
        asked = time.perf_counter()
        visitor.login(parents[number % len(parents)], MOT_DE_PASSE)
        taken = time.perf_counter() - asked
        visitor.get("/")
        return taken

    with ThreadPoolExecutor(PARENTS) as homes:
        coming = [homes.submit(come, n, hasard.uniform(0, MINUTE - 2)) for n in range(PARENTS)]
        taken = [parent.result() for parent in coming]
    elapsed = time.perf_counter() - begin
    memory = [size / MIB for pid in workers if (size := processes.memory(pid))]

    p50, p95 = quantiles(taken, n=20)[9], quantiles(taken, n=20)[18]
    with capsys.disabled():
        said = f"{PARENTS} connexions en {elapsed:.0f} s : médiane {p50:.3f} s, 95 sur 100 sous {p95:.3f} s"
        sys.stdout.write(f"\n{said}, {' et '.join(f'{size:.0f}' for size in memory)} Mio\n")
    assert elapsed < MINUTE + 2
    assert p95 < 1
    assert all(size < 130 for size in memory)
