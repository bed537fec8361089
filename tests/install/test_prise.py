"""The holder of the address: one version takes over from another, and nobody who comes meanwhile is turned away."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from tests.install.versions_essai import PATIENCE, ROOT, environment, free_port, holder, is_open, page, wait_until
from tests.processus import descendants, ended
from tests.reading import plain

pytestmark = [pytest.mark.une_fois, pytest.mark.ci]

PRISE = ROOT / "install" / "prise.py"
SITE = """
import os, time
def application(environ, start_response):
    time.sleep(float(environ.get("QUERY_STRING") or 0))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"NAME " + os.environ.get("COMMUNE", "").encode()]
"""
WORKER = """
import pathlib, signal, sys, time
name = pathlib.Path.cwd().name
if sys.argv[1] == "check":
    fault = pathlib.Path("../../reglage")
    sys.exit(fault.read_text() if fault.exists() else 0)
signal.signal(signal.SIGTERM, lambda *_: exit(print(name, "fini", file=open("../../taches", "a"))))
print(name, "commence", file=open("../../taches", "a"))
while True: time.sleep(0.1)
"""


@pytest.fixture
def portal(tmp_path):
    """A portal of two versions, the first of which serves."""
    portal = tmp_path / "portail"
    for name in ("une", "deux"):
        folder = portal / "var" / "versions" / name
        (folder / "portail").mkdir(parents=True)
        (folder / "portail" / "wsgi.py").write_text(SITE.replace("NAME", name))
        (folder / "manage.py").write_text(WORKER)
        (folder / ".venv" / "bin").mkdir(parents=True)
        (folder / ".venv" / "bin" / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        (folder / ".venv" / "bin" / "python").chmod(0o755)
    (portal / "manage.py").touch()
    (portal / "var" / "actuelle").symlink_to(portal / "var" / "versions" / "une")
    return portal


@pytest.fixture
def served(portal):
    port = free_port()
    with holder(portal, port) as process:
        yield portal, port, process


def order(portal: Path, **words: object) -> dict[str, object]:
    here = os.open(".", os.O_RDONLY)
    os.chdir(portal)  # the path of a socket has 107 bytes at most
    try:
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect("var/prise.sock")
            peer.sendall(json.dumps(words).encode() + b"\n")
            return json.loads(peer.makefile("rb").readline())
    finally:
        os.fchdir(here)
        os.close(here)


def serve(portal: Path, name: str, before: str | None = None) -> dict[str, object]:
    versions = portal / "var" / "versions"
    return order(portal, ordre="servir", dossier=str(versions / name), avant=before and str(versions / before))


def test_nobody_is_turned_away_while_versions_take_over(served):
    portal, port, _ = served
    seen: Counter[str] = Counter()
    stop = threading.Event()

    def come() -> None:
        while not stop.wait(0.02):
            try:
                seen[page(port).split()[0]] += 1
            except Exception as error:
                seen[repr(error)] += 1

    visitors = [threading.Thread(target=come) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    try:
        for name, before in [("deux", "une"), ("une", "deux"), ("deux", "une")]:
            assert serve(portal, name, before)["dossier"] == str(portal / "var" / "versions" / name)
            assert page(port).split()[0] == name
    finally:
        stop.set()
        for visitor in visitors:
            visitor.join()

    assert set(seen) <= {"une", "deux"}
    assert (portal / "var" / "actuelle").resolve().name == "deux"
    assert (portal / "var" / "precedente").resolve().name == "une"


def test_request_begun_is_ended_by_the_version_that_began_it(served):
    portal, port, _ = served
    page(port)
    answers: list[str] = []
    slow = threading.Thread(target=lambda: answers.append(page(port, "/?2").split()[0]))
    slow.start()
    wait_until(lambda: slow.is_alive())

    serve(portal, "deux", "une")
    slow.join()

    assert answers == ["une"]
    assert page(port).split()[0] == "deux"


def test_tasks_are_handed_over_with_one_signal(served):
    portal, _, _ = served
    said = portal / "var" / "taches"
    wait_until(lambda: said.exists() and "commence" in said.read_text())

    serve(portal, "deux", "une")

    wait_until(lambda: "une fini" in said.read_text() and "deux commence" in said.read_text())


@pytest.mark.parametrize("fault", ["raise SystemError", "import absent"])
def test_version_that_does_not_start_leaves_the_other_serving(served, fault):
    portal, port, _ = served
    (portal / "var" / "versions" / "deux" / "portail" / "wsgi.py").write_text(fault)

    answer = serve(portal, "deux", "une")

    assert "son serveur web n’est pas prêt" in str(answer["erreur"])
    assert page(port).split()[0] == "une"
    assert (portal / "var" / "actuelle").resolve().name == "une"
    assert not (portal / "var" / "precedente").exists()


def test_version_that_is_not_there_is_refused(served):
    portal, port, _ = served
    assert "No such file" in str(serve(portal, "trois", "une")["erreur"])
    assert page(port).split()[0] == "une"


@pytest.mark.parametrize("words", [{"ordre": "servir"}, {}, {"ordre": "danser"}])
def test_order_that_means_nothing_changes_nothing(served, words):
    portal, port, _ = served
    order(portal, **words)
    assert page(port).split()[0] == "une"


def test_what_ends_by_itself_is_started_again(served):
    portal, port, process = served
    page(port)
    os.kill(int(str(order(portal, ordre="etat")["web"])), signal.SIGKILL)
    assert page(port).split()[0] == "une"
    assert order(portal, ordre="etat")["dossier"] == str(portal / "var" / "versions" / "une")


def test_reload_reads_the_settings_again(served):
    portal, port, process = served
    before = order(portal, ordre="etat")["web"]
    process.send_signal(signal.SIGHUP)
    wait_until(lambda: order(portal, ordre="etat").get("web") not in {before, None})
    assert page(port).split()[0] == "une"


def test_reload_of_settings_that_will_not_do_says_which_and_nothing_else(served):
    portal, port, process = served
    before = order(portal, ordre="etat")["web"]
    log = portal.parent / "prise.log"
    said = log.stat().st_size
    (portal / "var" / "reglage").write_text("SITE_URL : il faut https.\nSECRET_KEY : trop courte.")
    process.send_signal(signal.SIGHUP)
    wait_until(lambda: "rien n’a changé" in log.read_text("utf-8"))
    lines = plain(log.read_text("utf-8")[said:]).splitlines()
    assert [line for line in lines if line.startswith("prise")] == [  # a web process may say meanwhile that it starts
        "prise : rien n’a changé : SITE_URL : il faut https. SECRET_KEY : trop courte."
    ]
    assert "Traceback" not in log.read_text("utf-8")
    assert order(portal, ordre="etat")["web"] == before
    assert page(port).split()[0] == "une"


def test_end_leaves_no_process(served):
    portal, port, process = served
    page(port)
    wait_until(lambda: len(descendants(process.pid)) == 4)  # gunicorn and its two processes, the tasks
    family = descendants(process.pid)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    assert ended(family)
    assert not (portal / "var" / "prise.sock").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="no other system ends a process with its parent")
def test_holder_that_is_killed_starts_again_on_the_version_that_served(portal):
    port = free_port()
    with holder(portal, port) as process:
        serve(portal, "deux", "une")
        family = descendants(process.pid)
        process.kill()
        assert ended(family)
    with holder(portal, port):
        assert page(port).split()[0] == "deux"


def test_second_holder_of_a_folder_is_refused(served):
    portal, _, _ = served
    done = start(portal, f"127.0.0.1:{free_port()}")
    assert (done.returncode, plain(done.stderr)) == (1, "Une autre prise sert déjà ce dossier : arrêtez-la d’abord.\n")


def test_address_already_taken_is_refused(portal):
    program = portal.parent / "prise.py"
    for beside in ("places.py", "gunicorn_hooks.py"):
        shutil.copy(PRISE.with_name(beside), portal.parent)
    program.write_text(PRISE.read_text("utf-8").replace("OPENS_WITHIN = 5", "OPENS_WITHIN = 0.3"), "utf-8")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = start(portal, f"127.0.0.1:{other.getsockname()[1]}", program)
    assert done.returncode == 1
    assert "un portail y répond-il déjà ?" in plain(done.stderr)


def test_address_that_a_killed_holder_still_gives_back_is_waited_for(portal):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        given_back = threading.Timer(0.7, other.close)
        given_back.start()
        process = subprocess.Popen(
            [sys.executable, str(PRISE), f"127.0.0.1:{port}"], cwd=portal, env=environment(), stderr=subprocess.DEVNULL
        )
        given_back.join()
    try:
        wait_until(lambda: is_open(port) or process.poll() is not None)
        assert page(port).split()[0] == "une"
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.mark.parametrize("address", ["", "8000", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:http"])
def test_address_that_is_none_is_refused(portal, address):
    done = start(portal, address)
    assert done.returncode == 1
    assert "n’est pas une adresse" in plain(done.stderr)


def test_folder_of_no_portal_is_refused(tmp_path):
    done = start(tmp_path, "127.0.0.1:8000")
    assert (done.returncode, plain(done.stderr).split(" : ")[0]) == (1, "Le portail n’est pas ici")


def start(folder: Path, address: str, program: Path = PRISE, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(program), address],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_socket_of_systemd_is_taken_as_it_is(portal):
    """As `portail.socket` gives it: the third descriptor, and two variables."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        process = subprocess.Popen(
            [
                "bash",
                "-c",
                f'LISTEN_PID=$$ exec "{sys.executable}" "{ROOT / "install" / "prise.py"}" 3<&{held.fileno()}',
            ],
            cwd=portal,
            env=environment(LISTEN_FDS="1"),
            pass_fds=[held.fileno()],
            stderr=subprocess.DEVNULL,
        )
        try:
            assert page(port).split()[0] == "une"
        finally:
            process.terminate()
            process.wait(PATIENCE)


def test_unix_socket_outlives_the_versions_that_served_it(portal, monkeypatch):
    """gunicorn removes the file of a Unix socket as it leaves: the next one would serve nobody."""
    monkeypatch.chdir(portal)  # the path of a socket has 107 bytes at most
    with socket.socket(socket.AF_UNIX) as held:
        held.bind("var/web.sock")
        held.listen()
        process = subprocess.Popen(
            [
                "bash",
                "-c",
                f'LISTEN_PID=$$ exec "{sys.executable}" "{ROOT / "install" / "prise.py"}" 3<&{held.fileno()}',
            ],
            env=environment(LISTEN_FDS="1"),
            pass_fds=[held.fileno()],
            stderr=subprocess.DEVNULL,
        )
        try:
            assert page("var/web.sock").split()[0] == "une"
            assert serve(portal, "deux", "une")["adresse"] == "var/web.sock"
            wait_until(lambda: order(portal, ordre="etat")["partants"] == 0)
            assert page("var/web.sock").split()[0] == "deux"
        finally:
            process.terminate()
            process.wait(PATIENCE)


def test_several_portals_of_one_folder_have_each_their_holder(portal):
    for name in ("izeron", "saint-pierre"):
        (portal / "var" / "communes" / name).mkdir(parents=True)
    (portal / "var" / "communes" / "izeron" / "actuelle").symlink_to(portal / "var" / "versions" / "deux")
    (portal / "izeron.env").write_text("SECRET_KEY=x\nINSTANCE='izeron'\n")
    ports = free_port(), free_port(), free_port()
    with (
        holder(portal, ports[0]),
        holder(portal, ports[1], ENV_FILE=str(portal / "izeron.env")),
        holder(portal, ports[2], INSTANCE="saint-pierre"),
    ):
        assert page(ports[0]).split()[0] == "une"
        assert page(ports[1]).split()[0] == "deux"
        assert (portal / "var" / "communes" / "saint-pierre" / "prise.sock").exists()
        again = start(portal, f"127.0.0.1:{free_port()}", INSTANCE="izeron")
    assert plain(again.stderr) == "Une autre prise sert déjà ce dossier : arrêtez-la d’abord.\n"


@pytest.mark.parametrize("name", ["..", "Izeron", "a/b"])
def test_name_that_is_no_folder_is_refused(portal, name):
    done = start(portal, "127.0.0.1:8000", INSTANCE=name)
    assert (done.returncode, plain(done.stderr).split(" : ")[0]) == (1, "INSTANCE")


def test_portal_without_versions_serves_its_own_folder(portal):
    (portal / "var" / "actuelle").unlink()
    shutil.copytree(portal / "var" / "versions" / "une", portal, dirs_exist_ok=True, symlinks=True)
    port = free_port()
    with holder(portal, port):
        assert page(port).split()[0] == "une"
        serve(portal, "deux")
        assert page(port).split()[0] == "deux"
