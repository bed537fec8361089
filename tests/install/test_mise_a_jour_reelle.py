"""The real portal brought to another version and back while families use it: nobody sees it, whatever is killed.

The same with small versions, for every run of the tests: test_mise_a_jour_servie.py.
"""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time
from collections import Counter
from http.client import HTTPException
from pathlib import Path

import pytest

from bench.visitor import Refused, Visitor
from tests.install.reelle import copy_sources, database
from tests.install.versions_essai import (
    PATIENCE,
    ROOT,
    borrow_packages,
    commit,
    environment,
    free_port,
    git,
    holder,
    kill_all,
    wait_for_a_step,
)
from tests.versions.precedente import need_history

THE_VERSION_BEFORE = "cc61572"  # the last of 0.3.0, that knew nothing of upgrades
PARENTS = [("3816238", "Velo-nuage-7"), ("4512778", "Velo-nuage-7")]


# --- A town -----------------------------------------------------------------------------------------------------------


class Town:
    """A portal of the demonstration's school, served at one version, while its origin is at the next."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.origin, self.portal = folder, folder / "origine", folder / "portail"
        self.url, self.port = url, free_port()
        self.origin.mkdir()

    def from_today(self) -> Town:
        """From a version that differs by its number and its sheet."""
        git(self.folder, "init", "-q", "-b", "main", "origine")
        copy_sources(self.origin)
        sheet = self.origin / "styles" / "portail" / "impression.css"
        sheet.write_text(f"{sheet.read_text('utf-8')}\n.avant {{ color: black; }}\n", encoding="utf-8")
        commit(self.origin, "avant")
        git(self.folder, "clone", "-q", "origine", "portail")
        copy_sources(self.origin)
        return self.open()

    def from_history(self, name: str) -> Town:
        git(self.folder, "clone", "-q", str(ROOT), "origine")
        git(self.origin, "checkout", "-q", "-B", "main", name)
        git(self.folder, "clone", "-q", "origine", "portail")
        git(self.origin, "checkout", "-q", "-B", "main", git(ROOT, "rev-parse", "HEAD"))
        copy_sources(self.origin)
        return self.open()

    def open(self) -> Town:
        commit(self.origin, "après")
        git(self.portal, "remote", "set-head", "origin", "main")
        (self.portal / "var").mkdir(mode=0o700)
        site = f"SITE_URL=http://127.0.0.1:{self.port}\nALLOWED_HOSTS=127.0.0.1,localhost\nDIRECT_ACCESS=1\n"
        (self.portal / ".env").write_text(site + self.url)
        (self.portal / ".env").chmod(0o600)
        venv = borrow_packages(self.portal, self.portal / "requirements.txt")
        (self.portal / ".venv").symlink_to(venv)
        if (self.portal / "requirements.txt").read_bytes() != (self.origin / "requirements.txt").read_bytes():
            borrow_packages(self.portal, self.origin / "requirements.txt")
        for command in (["migrate"], ["sync_groups"], ["charger_demo"], ["collectstatic", "--noinput"]):
            self.run([str(venv / "bin" / "python"), "manage.py", *command])
        return self

    def run(self, command: list[str]) -> str:
        done = subprocess.run(
            command, cwd=self.portal, env=environment(), capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def upgrade(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["sh", str(ROOT / "install" / "mettre-a-jour"), *arguments],
            cwd=self.portal,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def upgraded(self, *arguments: str) -> str:
        process = self.upgrade(*arguments)
        said, _ = process.communicate(timeout=600)
        assert process.returncode == 0, said
        return said

    def serving(self) -> str:
        return (self.portal / "var" / "actuelle").resolve().name


@pytest.fixture
def town(tmp_path):
    with database() as url:
        yield Town(tmp_path, url)


# --- Those who use it -------------------------------------------------------------------------------------------------


def come_in(port: int, identifiant: str, password: str) -> Visitor:
    visitor = Visitor(port)
    visitor.login(identifiant, password)
    return visitor


class Crowd:
    """About so many requests a second, each on a connection of its own: a visit asks for a page and its files, five
    requests or so. What was not as it should be is in `faults`."""

    def __init__(self, port: int, rate: float, parents: list[Visitor] | None = None) -> None:
        self.port, self.rate = port, rate / 5
        self.faults: list[str] = []
        self.seen: Counter[str] = Counter()
        self.sheets: set[str] = set()
        self.parents = parents or [come_in(port, *account) for account in PARENTS]
        self.stopping = threading.Event()
        self.leader = threading.Thread(target=self.come)

    def __enter__(self) -> Crowd:
        self.leader.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.stopping.set()
        self.leader.join()

    def come(self) -> None:
        visitors = []
        number, began = 0, time.monotonic()
        while not self.stopping.wait(max(0, began + number / self.rate - time.monotonic())):
            visitors.append(threading.Thread(target=self.visit, args=(number,)))
            visitors[-1].start()
            number += 1
        for visitor in visitors:
            visitor.join()

    def visit(self, number: int) -> None:
        kinds = [self.home, self.planning, self.login_page, self.account, self.put_away, self.health]
        kind = kinds[number % len(kinds)]
        try:
            kind(self.parents[number % 2])
            self.seen[kind.__name__] += 1
        except (Refused, OSError, HTTPException, AssertionError) as error:
            self.faults.append(f"{kind.__name__} : {type(error).__name__} {error}")

    def home(self, parent: Visitor) -> None:
        self.files(parent, parent.get("/").text, "Déconnexion|déconnecter")

    def planning(self, parent: Visitor) -> None:
        self.files(parent, parent.get("/planning/2027-01/").text, "data-planning|Planning")

    def login_page(self, parent: Visitor) -> None:
        stranger = Visitor(self.port)
        self.files(stranger, stranger.get("/connexion/").text, 'name="identifiant"')

    def account(self, parent: Visitor) -> None:
        self.files(parent, parent.get("/compte/").text, "identifiant")

    def put_away(self, parent: Visitor) -> None:
        """A form that writes when the home page offers it; else one about nothing, which is answered as such."""
        found = re.search(r'name="fermeture" value="(\d+)"', parent.get("/").text)
        parent.post("/fermetures/masquer/", {"fermeture": found[1] if found else "999999"}, 303 if found else 404)

    def health(self, parent: Visitor) -> None:
        assert '"database": "ok", "migrations": "ok"' in parent.get("/sante/").text

    def files(self, visitor: Visitor, page: str, mark: str) -> None:
        """The page is the one that was asked, and all that it asks for is there."""
        assert re.search(mark, page), mark
        names = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
        assert names
        self.sheets |= {name for name in names if "/portail." in name}
        for name in names:
            assert visitor.get(name).body, name


# --- What must hold ---------------------------------------------------------------------------------------------------


@pytest.mark.lent
def test_upgrade_cut_short_then_done_then_undone_is_seen_by_nobody(town):
    # REL-07
    town.from_today()
    with holder(town.portal, town.port), Crowd(town.port, rate=20) as crowd:
        killed = town.upgrade()
        wait_for_a_step(killed, pause=1)
        killed.kill()
        killed.communicate()
        old = git(town.portal, "rev-parse", "--short=12", "HEAD")

        said = town.upgraded()
        assert town.serving() == git(town.origin, "rev-parse", "--short=12", "HEAD")
        assert git(town.portal, "rev-parse", "--short=12", "HEAD") == town.serving()
        assert "c’est fait" in said

        town.upgraded("--retour")
        assert town.serving() == old
    assert crowd.faults == []
    assert len(crowd.sheets) == 2  # each version served its own, and both stayed
    assert len(crowd.seen) == 6
    assert len(list((town.portal / "var" / "sauvegardes").glob("portail-*.tar"))) >= 1


@pytest.mark.lent
def test_upgrade_from_the_last_version_without_it_and_back_under_twenty_requests_a_second(town):
    # REL-07
    need_history(THE_VERSION_BEFORE)
    town.from_history(THE_VERSION_BEFORE)
    old = git(town.portal, "rev-parse", "--short=12", "HEAD")
    with holder(town.portal, town.port), Crowd(town.port, rate=20) as crowd:
        town.upgraded()
        assert town.serving() == git(town.origin, "rev-parse", "--short=12", "HEAD")
        town.upgraded("--retour")
        assert town.serving() == old
        town.upgraded("--retour")
    assert crowd.faults == []
    assert min(crowd.seen[kind] for kind in ("home", "planning", "login_page", "account", "put_away", "health")) > 20


@pytest.mark.lent
def test_fifty_kills_leave_the_old_version_or_the_new_one(town):
    # REL-07
    town.from_today()
    old, new = (git(folder, "rev-parse", "--short=12", "HEAD") for folder in (town.portal, town.origin))
    town_holder = holder(town.portal, town.port)
    process = town_holder.__enter__()
    try:
        parents = [come_in(town.port, *account) for account in PARENTS]
        for number in range(50):
            back = (town.portal / "var" / "actuelle").exists() and town.serving() == new
            killed = town.upgrade(*(["--retour"] if back else []))
            wait_for_a_step(killed, pause=3)
            if number % 5 == 4:  # the holder itself, as when the machine stops
                kill_all(process)
                town_holder = holder(town.portal, town.port)
                process = town_holder.__enter__()
            killed.kill()
            killed.communicate()
            with Crowd(town.port, rate=20, parents=parents) as crowd:
                time.sleep(2)
            assert crowd.faults == [], number
            assert not (town.portal / "var" / "actuelle").exists() or town.serving() in {old, new}
        if town.serving() != new:
            town.upgraded()
        assert town.serving() == new
        assert "sert déjà" in town.upgraded()
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
