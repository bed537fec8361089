"""The steps look before they do: an environment that an upgrade shares, folders that are somebody's already."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from install.installation import etapes
from install.installation.chantier import Chantier
from install.installation.fichiers import InstallError
from install.installation.machine import Done, Machine
from install.installation.reponses import Agent, Reponses
from tests.install.installation.conftest import Played

pytestmark = pytest.mark.ci


def chantier(folder: Path, machine: Machine, **changes: object) -> Chantier:
    (folder / "portail").mkdir(exist_ok=True)
    r = Reponses(dossier=folder / "portail", sauvegardes=folder / "sauvegardes" / "portail", **changes)
    return Chantier(r, {}, machine)


class Here(Played):
    elsewhere = False


# --- The environment --------------------------------------------------------------------------------------------------


@pytest.fixture
def upgraded(tmp_path, machine) -> Chantier:
    """A portal that `install/mettre-a-jour` has brought to another version: it shares its environment."""
    work = chantier(tmp_path, machine)
    shared = work.r.dossier / "var/environnements/abc"
    (shared / ".venv").mkdir(parents=True)
    (shared / ".venv/.complete").write_text("…")
    (work.r.dossier / ".venv").symlink_to(shared / ".venv")
    for folder in (work.r.dossier, shared):
        (folder / "requirements.txt").write_text("django==6.1.3\n")
    return work


def places(work: Chantier, monkeypatch) -> list[Path]:
    seen: list[Path] = []
    monkeypatch.setattr(work.machine, "run", lambda *words, who="", cwd, **more: seen.append(cwd) or Done(0, "", ""))
    etapes.environment(work)
    return seen


def test_environment_of_an_upgrade_is_looked_at_where_it_is(upgraded, monkeypatch):
    [place] = places(upgraded, monkeypatch)
    assert place == upgraded.r.dossier / "var/environnements/abc"


def test_environment_of_another_version_is_made_in_the_folder_of_the_portal(upgraded, monkeypatch):
    (upgraded.r.dossier / "requirements.txt").write_text("django==6.1.4\n")
    assert places(upgraded, monkeypatch) == [upgraded.r.dossier]


def test_environment_that_cannot_be_made_says_why(tmp_path, machine):
    work = chantier(tmp_path, machine)
    (work.r.dossier / "requirements.txt").touch()
    machine.said["sh"] = Done(1, "", "L’installation n’a pas abouti : le réseau ne répond pas.\n")
    with pytest.raises(InstallError, match="le réseau ne répond pas"):
        etapes.environment(work)


# --- Account and folders ----------------------------------------------------------------------------------------------


def test_account_is_made_once(tmp_path):
    work = chantier(tmp_path, Here(tmp_path), systeme_compte="absent-d-ici")
    assert etapes.account(work) is True
    [line] = work.machine.ran
    assert line == (
        f"useradd --system --user-group --home-dir {tmp_path} --no-create-home --shell /usr/sbin/nologin absent-d-ici"
    )
    assert etapes.account(chantier(tmp_path, Here(tmp_path), systeme_compte="nobody")) is False


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away")
def test_checkout_is_given_to_the_account_and_no_link_is_followed(tmp_path):
    outside = tmp_path / "dehors"
    outside.write_text("")
    tree = tmp_path / "portail" / "a" / "b"
    tree.mkdir(parents=True)
    (tree / "fichier").write_text("")
    (tree / "lien").symlink_to(outside)
    machine = Machine()

    assert etapes.give(tmp_path / "portail", machine, "nobody") is True
    assert {path.owner() for path in (tmp_path / "portail", tree, tree / "fichier")} == {"nobody"}
    assert (tree / "lien").lstat().st_uid == tree.stat().st_uid
    assert outside.owner() == "root"
    assert etapes.give(tmp_path / "portail", machine, "nobody") is False


def test_folder_of_backups_that_holds_something_keeps_its_mode(tmp_path, machine):
    work = chantier(tmp_path, machine)
    work.r.sauvegardes.mkdir(parents=True, mode=0o750)
    (work.r.sauvegardes / "portail.tar").write_text("")

    assert etapes.make_folder(work.r.sauvegardes, work) is False
    assert work.r.sauvegardes.stat().st_mode & 0o777 == 0o750


def test_folder_that_the_account_cannot_write_is_told(tmp_path, machine):
    work = chantier(tmp_path, machine)
    for folder, sentence in ((work.r.dossier / "var", "n’entre pas dans"), (work.r.sauvegardes, "ne peut pas écrire")):
        machine.said = {f"test -w {folder}": Done(1, "", "")}
        with pytest.raises(InstallError, match=sentence):
            etapes.folders(work)


def test_folder_that_cannot_be_made_is_told(tmp_path, machine):
    (tmp_path / "sauvegardes").write_text("")
    with pytest.raises(InstallError, match="ne peut pas être préparé"):
        etapes.folders(chantier(tmp_path, machine))


# --- What the portal says ---------------------------------------------------------------------------------------------


def test_warnings_of_the_portal_wait_for_the_end(tmp_path, machine):
    work = chantier(tmp_path, machine)
    machine.said[f"{work.python} manage.py check"] = Done(
        0, "", "System check identified some issues:\n\nWARNINGS:\n?: (portail.W005) ENVOIS_RETENUS : aucun e-mail.\n"
    )
    assert etapes.checks(work) == "bon"
    assert work.warnings == ["ENVOIS_RETENUS : aucun e-mail."]


def test_password_of_the_agent_is_kept_for_the_end_alone(tmp_path, machine):
    work = chantier(tmp_path, machine, agent=Agent("1000033", "Informatique", "Durand", "Inès", "ines@villard.fr"))
    opened = (
        "{}\nCompte 1000033 ouvert.\nMot de passe temporaire, bon une fois et 24\u00a0heures\u00a0: abcd-efgh-jkmn\n"
    )
    machine.said[f"{work.python} manage.py create_staff"] = Done(0, opened, "")
    assert etapes.agent(work) is True
    assert work.password == "abcd-efgh-jkmn"

    machine.said = {f"{work.python} manage.py create_staff": Done(0, "Compte 1000033\u00a0: déjà ouvert.\n", "")}
    again = chantier(tmp_path, machine, agent=work.r.agent)
    assert (etapes.agent(again), again.password) == (False, "")


def test_failure_is_told_by_its_end_and_kept_whole(tmp_path, machine):
    work = chantier(tmp_path, machine)
    machine.said[f"{work.python} manage.py migrate --noinput"] = Done(1, "un\n", "deux\ntrois\n\nquatre\ncinq\n")
    machine.said[f"{work.python} manage.py migrate --check"] = Done(1, "", "")
    with pytest.raises(InstallError, match="faites\u00a0: trois quatre cinq"):
        etapes.migrations(work)
    log = work.r.dossier / "var/installateur.log"
    assert log.read_text() == "un\n\ndeux\ntrois\n\nquatre\ncinq\n\n"
    assert log.stat().st_mode & 0o777 == 0o600
