"""A file put on the machine is whole, is its owner's, and is not touched when it is there already."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from install.installation.fichiers import Fichier, InstallError, poser

pytestmark = pytest.mark.ci

UNIT = Fichier(Path("/etc/systemd/system/portail.service"), "[Unit]\nDescription=Portail éphémère\n")


def test_poser_writes_below_the_root_that_is_given(tmp_path):
    assert poser(UNIT, tmp_path) is True
    path = tmp_path / "etc" / "systemd" / "system" / "portail.service"
    assert (path.read_text("utf-8"), path.stat().st_mode & 0o7777) == (UNIT.contenu, 0o644)
    assert [found.name for found in path.parent.iterdir()] == ["portail.service"]


def test_poser_again_touches_nothing(tmp_path):
    poser(UNIT, tmp_path)
    before = UNIT.below(tmp_path).stat()

    assert poser(UNIT, tmp_path) is False
    after = UNIT.below(tmp_path).stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )


def test_poser_mends_a_mode_alone(tmp_path):
    secret = Fichier(Path("/srv/.env"), "SECRET_KEY=x\n", 0o600)
    poser(secret, tmp_path)
    path = secret.below(tmp_path)
    path.chmod(0o644)
    inode = path.stat().st_ino

    assert poser(secret, tmp_path) is True
    assert (path.stat().st_mode & 0o7777, path.stat().st_ino) == (0o600, inode)


def test_poser_refuses_a_link(tmp_path):
    path = UNIT.below(tmp_path)
    path.parent.mkdir(parents=True)
    path.symlink_to(os.devnull)

    with pytest.raises(InstallError, match="est un lien vers /dev/null"):
        poser(UNIT, tmp_path)
    assert path.is_symlink()


def test_poser_that_fails_leaves_what_was_there_and_nothing_else(tmp_path, monkeypatch):
    poser(UNIT, tmp_path)
    monkeypatch.setattr(os, "fsync", lambda number: (_ for _ in ()).throw(OSError(28, "No space left on device")))

    with pytest.raises(InstallError, match="ne peut pas être écrit"):
        poser(Fichier(UNIT.chemin, "autre\n"), tmp_path)
    path = UNIT.below(tmp_path)
    assert path.read_text("utf-8") == UNIT.contenu
    assert [found.name for found in path.parent.iterdir()] == ["portail.service"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away")
def test_poser_gives_the_file_to_its_account(tmp_path):
    poser(Fichier(Path("/srv/.env"), "x\n", 0o600, "nobody"), tmp_path)
    assert (tmp_path / "srv" / ".env").owner() == "nobody"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away")
def test_poser_says_which_account_is_missing():
    with pytest.raises(InstallError, match="Le compte absent-d-ici n’existe pas"):
        poser(Fichier(Path("/tmp/portail-essai-poser"), "x\n", 0o600, "absent-d-ici"))  # noqa: S108
    assert not Path("/tmp/portail-essai-poser").exists()  # noqa: S108
