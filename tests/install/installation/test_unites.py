"""The units say what systemd understands, close what the portal does not need, and keep its journal as long as said."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from install.installation import unites
from install.installation.reponses import Reponses

HIGHEST = 2.0  # of `systemd-analyze security`, where 10 is open to everything
ANALYZE = shutil.which("systemd-analyze")

pytestmark = [pytest.mark.une_fois, pytest.mark.ci]
with_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze n’est pas installé")


def texts(r: Reponses) -> dict[str, str]:
    return {fichier.chemin.name: fichier.contenu for fichier in unites.fichiers(r)}


@pytest.fixture
def installed(tmp_path):
    """The units in a folder, and a checkout whose Python they can name."""
    (tmp_path / "portail" / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / "portail" / ".venv" / "bin" / "python").symlink_to("/bin/sh")
    for name, text in texts(Reponses(dossier=tmp_path / "portail", python=Path("/bin/sh"))).items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def analyze(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ANALYZE), *arguments], cwd=folder, capture_output=True, text=True, check=False, env={"LC_ALL": "C"}
    )


@with_systemd
def test_systemd_has_nothing_to_say_against_the_units(installed):
    result = analyze(installed, "verify", "--man=no", *(f"./{name}" for name in unites.NAMES))

    ours = [line for line in (result.stdout + result.stderr).splitlines() if "portail" in line]
    assert (result.returncode, ours) == (0, [])


@with_systemd
@pytest.mark.parametrize("name", unites.CONFINED)
def test_services_are_closed_to_what_they_do_not_need(installed, name):
    result = analyze(installed, "security", "--offline=yes", "--no-pager", f"./{name}")

    note = re.search(r"Overall exposure level for \S+: ([\d.]+)", result.stdout)
    assert note
    assert float(note[1]) <= HIGHEST


def test_service_opens_the_address_that_its_socket_holds():
    files = texts(Reponses(adresse_locale="127.0.0.1:8123"))

    assert "\nListenStream=127.0.0.1:8123\n" in files["portail.socket"]
    assert "\nExecStart=/usr/bin/python3 -B install/prise.py 127.0.0.1:8123\n" in files["portail.service"]
    assert "SocketMode" not in files["portail.socket"]


@pytest.mark.parametrize(("server", "group"), [("nginx", "www-data"), ("caddy", "caddy")])
def test_socket_of_the_file_system_is_for_the_web_server_and_the_portal(server, group):
    files = texts(Reponses(serveur=server, adresse_locale="/run/portail.sock"))

    rights = f"SocketUser=portail\nSocketGroup={group}\nSocketMode=0660\n"
    assert f"ListenStream=/run/portail.sock\nBacklog=2048\n{rights}" in files["portail.socket"]
    assert "\nExecStart=/usr/bin/python3 -B install/prise.py\n" in files["portail.service"]


@pytest.mark.parametrize("name", unites.CONFINED)
def test_each_service_is_the_accounts_own_and_writes_in_two_places(name):
    text = texts(Reponses(systeme_compte="garderie", dossier=Path("/srv/g/g"), sauvegardes=Path("/mnt/s")))[name]

    assert "\nUser=garderie\n" in text
    assert re.findall(r"^ReadWritePaths=(.*)", text, re.MULTILINE) == ["/srv/g/g/var -/mnt/s"]
    assert "\nWorkingDirectory=/srv/g/g\n" in text
    assert "§" not in text


def test_journal_is_kept_as_long_as_is_said_and_apart():
    files = texts(Reponses(journal_mois=6))

    assert "\nMaxRetentionSec=6month\n" in files["journald@portail.conf"]  # LOG-03
    assert all("\nLogNamespace=portail\n" in files[name] for name in unites.CONFINED)


def test_what_is_to_be_enabled_is_what_can_be():
    files = texts(Reponses())

    assert sorted(unites.TO_ENABLE) == sorted(name for name, text in files.items() if "\n[Install]\n" in text)
