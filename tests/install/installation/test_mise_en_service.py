"""What must run is started once, what changed is taken in, and what a web server refuses is taken back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from install.installation import mise_en_service
from install.installation.chantier import Chantier, Skipped
from install.installation.fichiers import InstallError
from install.installation.machine import Done
from install.installation.reponses import Reponses
from install.installation.unites import TO_ENABLE, UNITS
from tests.install.installation.conftest import Played
from tests.reading import plain

pytestmark = pytest.mark.ci

NO = Done(3, "", "inactive")


class Here(Played):
    """The machine itself, with systemd; its files still go below the folder of the test."""

    elsewhere = False


class Portal(BaseHTTPRequestHandler):
    asked: list[tuple[str, str | None]] = []

    def do_GET(self):
        self.asked.append((self.headers["Host"], self.headers["X-Forwarded-Proto"]))
        self.send_response(200 if self.path == "/connexion/" else 404)
        self.end_headers()

    def log_message(self, *words):
        pass


@pytest.fixture
def portal() -> Iterator[str]:
    """Something that answers for the portal, and its address."""
    with HTTPServer(("127.0.0.1", 0), Portal) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def chantier(folder: Path, **changes: object) -> Chantier:
    (folder / "portail" / "var").mkdir(parents=True)
    r = Reponses(systeme_compte="root", dossier=folder / "portail", **changes)
    return Chantier(r, {}, Here(folder / "racine"))


@pytest.fixture
def work(tmp_path, portal) -> Chantier:
    work = chantier(tmp_path, adresse_locale=portal)
    work.machine.systemd = tmp_path
    return work


def orders(work: Chantier) -> list[str]:
    lines = [line.removeprefix("systemctl ") for line in work.machine.ran if line.startswith("systemctl ")]
    return [line for line in lines if not line.startswith("--quiet")]


def test_what_does_not_run_is_enabled_and_started(work):
    work.machine.said["systemctl --quiet is-active"] = NO

    assert mise_en_service.start(work) is True
    assert orders(work) == [f"enable --now {name}" for name in [*TO_ENABLE, "nginx.service"]]
    assert Portal.asked[-1] == ("portail.commune.fr", "https")


def test_what_runs_and_has_not_changed_is_left(work):
    assert mise_en_service.start(work) is False
    assert orders(work) == []


def test_unit_that_changed_is_read_again_and_restarted_alone(work):
    work.poses.changed = {UNITS / "portail.service", UNITS / "portail-sauvegarde.service"}
    assert mise_en_service.start(work) is True
    assert orders(work) == ["daemon-reload", "restart portail.service"]


def test_length_of_the_journal_that_changed_is_taken_in(work):
    work.poses.changed = {Path("/etc/systemd/journald@portail.conf")}
    mise_en_service.start(work)
    assert "restart systemd-journald@portail.service" in orders(work)


def test_site_that_changed_is_reloaded(work):
    work.poses.changed = {Path("/etc/nginx/conf.d/portail.conf")}
    mise_en_service.start(work)
    assert orders(work) == ["reload nginx.service"]


def test_unit_that_does_not_start_is_told_with_where_to_read_why(work):
    work.machine.said |= {"systemctl --quiet is-active": NO, "systemctl enable": Done(1, "", "Job failed.")}
    with pytest.raises(InstallError) as refusal:
        mise_en_service.start(work)
    said = plain(refusal.value)
    assert said.startswith("systemctl enable --now portail.socket a échoué (Job failed.).")
    assert "« journalctl --namespace=+portail -u portail.socket -n 30 »" in said


def test_portal_that_does_not_answer_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(mise_en_service, "ANSWERS_WITHIN", 0.2)
    work = chantier(tmp_path, adresse_locale=str(tmp_path / "absente.sock"))
    work.machine.systemd = tmp_path
    with pytest.raises(InstallError, match="Le portail ne sert pas .*No such file"):
        mise_en_service.start(work)


def test_nothing_is_started_without_systemd(work):
    work.machine.systemd = Path("/absent")
    with pytest.raises(Skipped, match="rien n’est démarré"):
        mise_en_service.start(work)
    assert work.machine.ran == []


def test_site_that_the_web_server_refuses_is_taken_back(work):
    work.machine.said["nginx -t"] = Done(1, "", "bind() to 0.0.0.0:80 failed")
    path = work.machine.racine / "etc/nginx/conf.d/portail.conf"

    with pytest.raises(InstallError, match="nginx refuse le site du portail, qui est donc retiré .*bind"):
        mise_en_service.site(work)
    assert not path.exists()

    work.machine.said = {}
    assert mise_en_service.site(work) is True
    ours = path.read_text("utf-8")

    work.machine.said["nginx -t"] = Done(1, "", "autre chose")
    path.write_text(ours)
    with pytest.raises(InstallError):
        mise_en_service.site(work)
    assert path.read_text("utf-8") == ours  # what served before
