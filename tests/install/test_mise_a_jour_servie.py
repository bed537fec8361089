"""`install/mettre-a-jour` while `install/prise.py` serves: what visitors see, whatever is cut short."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.install.play import Play
from tests.install.versions_essai import (
    ROOT,
    commit,
    environment,
    free_port,
    git,
    holder,
    kill_all,
    page,
    wait_for_a_step,
    wait_until,
)
from tests.reading import plain

pytestmark = [pytest.mark.une_fois, pytest.mark.ci]


@pytest.fixture
def play(tmp_path) -> Play:
    return Play(tmp_path)


@pytest.fixture
def port(play) -> Iterator[int]:
    port = free_port()
    with holder(play.portal, port, PLAY=str(play.folder)):
        yield port


@contextmanager
def visitors(port: int) -> Iterator[Counter[str]]:
    """What they see of /connexion/, forty times a second."""
    seen: Counter[str] = Counter()
    stop = threading.Event()

    def come() -> None:
        while not stop.wait(0.05):
            try:
                seen[page(port, "/connexion/").split()[-1]] += 1
            except Exception as error:
                seen[repr(error)] += 1

    threads = [threading.Thread(target=come) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def start(play: Play, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["sh", str(ROOT / "install" / "mettre-a-jour"), *arguments],
        cwd=play.portal,
        env=environment(PLAY=str(play.folder)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def cut(play: Play, *arguments: str) -> None:
    """The same command, killed somewhere."""
    with start(play, *arguments) as process:
        wait_for_a_step(process, pause=0.5)
        process.kill()


def cut_after_the_relay(play: Play) -> None:
    """The upgrade, killed while the new version keeps it waiting for the page that it checks at the public address."""
    gate = play.folder / "public-1.2.0-connexion-"
    os.mkfifo(gate)
    with start(play) as process:
        opened: list[int] = []

        def asks() -> bool:
            with suppress(OSError):  # nobody reads there yet
                opened.append(os.open(gate, os.O_WRONLY | os.O_NONBLOCK))
            return bool(opened)

        try:
            wait_until(asks)
        finally:
            process.kill()
    gate.unlink()
    os.close(opened.pop())


def test_upgrade_and_return_are_seen_by_nobody(play, port):
    # REL-07
    with visitors(port) as seen:
        there = play.type()
        assert (there.returncode, play.serving()) == (0, play.new[:12])
        assert page(port, "/connexion/").endswith("1.2.0")
        back = play.type("--retour")
        assert (back.returncode, play.serving()) == (0, play.old[:12])
        assert page(port, "/connexion/").endswith("1.1.0")
    assert set(seen) == {"1.1.0", "1.2.0"}
    assert git(play.portal, "rev-parse", "HEAD") == play.new  # commands go with the database
    assert ": c’est fait." in plain(there.stdout)
    assert "Aucune prise" not in there.stdout + back.stdout


def test_upgrade_killed_again_and_again_leaves_a_version_that_serves(play, port):
    # REL-07
    with visitors(port) as seen:
        for _ in range(4):
            cut(play)
        assert play.type().returncode == 0
        for _ in range(2):
            cut(play, "--retour")
    assert set(seen) <= {"1.1.0", "1.2.0"}


def test_holder_killed_during_the_relay_serves_one_version_or_the_other(play):
    port = free_port()
    for _ in range(3):
        with holder(play.portal, port, PLAY=str(play.folder)) as process:
            page(port, "/connexion/")
            with start(play, "--sans-sauvegarde") as upgrade:
                wait_for_a_step(upgrade, pause=0.5)
                kill_all(process)
                upgrade.communicate()
        with holder(play.portal, port, PLAY=str(play.folder)):
            assert page(port, "/connexion/").split()[-1] in {"1.1.0", "1.2.0"}


GESTURES = "Ce qui demande un geste :\n  - 1.2.0 : Changer `TEL` dans `.env`."


def test_gestures_are_told_by_the_next_run_when_one_was_cut_after_the_relay(play, port):
    cut_after_the_relay(play)
    again = play.type()
    assert again.returncode == 0
    assert f"La version 1.2.0 ({play.new[:12]}) sert déjà." in plain(again.stdout)
    assert f"De 1.1.0 ({play.old[:12]}) à 1.2.0 ({play.new[:12]}) : c’est fait." in plain(again.stdout)
    assert GESTURES in plain(again.stdout)
    assert GESTURES not in plain(play.type().stdout)  # once it has ended


def test_gestures_of_a_version_that_was_cut_are_told_with_those_of_the_next(play, port):
    cut_after_the_relay(play)
    play.write("1.3.0", "- Un autre geste.")
    path = play.origin / "CHANGELOG.md"
    path.write_text(
        path.read_text() + "\n## 1.2.0 — 1er mars 2027\n\n### Ce qui demande un geste\n\n- Changer `TEL`.\n"
    )
    commit(play.origin, "1.3.0, entière")
    said = plain(play.type().stdout)
    assert f"De 1.1.0 ({play.old[:12]}) à 1.3.0 (" in said
    assert "Ce qui demande un geste :\n  - 1.2.0 : Changer `TEL`.\n  - 1.3.0 : Un autre geste." in said


def test_failure_says_what_serves(play, port):
    play.tell(fails="migrate")
    done = play.type()
    assert f"Ce qui sert : la version 1.1.0 ({play.old[:12]})." in plain(done.stderr)
    assert page(port, "/connexion/").endswith("1.1.0")


def test_version_that_fails_at_the_public_address_is_undone(play, port):
    """The trial passes, on its socket; the page that visitors are given does not."""
    play.tell(**{"public-1.2.0-sante-": '{"database": "read-only"}'})
    done = play.type()
    assert done.returncode == 1
    assert "La relève a été défaite." in done.stderr
    assert page(port, "/connexion/").endswith("1.1.0")
    assert play.serving() == play.old[:12]
    assert (play.portal / "var" / "versions" / play.new[:12]).exists()


def test_settings_of_the_holder_are_those_of_the_commands(play):
    """A variable that the service alone is given reaches the commands of the upgrade."""
    port = free_port()
    with holder(play.portal, port, PLAY=str(play.folder), COMMUNE_NOM="Ici"):
        [python] = (play.portal / "var" / "environnements").glob("*/.venv/bin/python")
        python.write_text(python.read_text().replace("exit 0\n", 'echo "$COMMUNE_NOM" >> "$PLAY/commune"; exit 0\n'))
        assert play.type().returncode == 0
    assert "Ici" in Path(play.folder, "commune").read_text()


def test_interruption_is_said_and_leaves_what_serves(play, port):
    process = subprocess.Popen(
        ["sh", str(ROOT / "install" / "mettre-a-jour")],
        cwd=play.portal,
        env=environment(PLAY=str(play.folder)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in said
    assert "interrompu" in said
    assert "Relancez : la commande reprend." in plain(said)
    assert "Réparez" not in said
    assert page(port, "/connexion/").endswith("1.1.0")
