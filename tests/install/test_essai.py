"""The trial of the installer says why it cannot be, and what it asks of the installer is what the installer asks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from install.essai import racine

ROOT = Path(settings.BASE_DIR)

pytestmark = pytest.mark.une_fois


def test_trial_is_for_root(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(racine.TrialError, match="^Il faut être root"):
        racine.refuse_where_it_cannot_be()


def test_trial_names_the_packages_that_are_missing(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda tool: None if tool in ("mmdebstrap", "nsenter") else f"/bin/{tool}")

    with pytest.raises(racine.TrialError, match="sudo apt install mmdebstrap util-linux"):
        racine.refuse_where_it_cannot_be()


def test_trial_says_so_where_nothing_can_be_isolated(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda tool: f"/bin/{tool}")
    monkeypatch.setattr(racine, "cgroup_root", lambda: None)

    with pytest.raises(racine.TrialError, match="pas de cgroup v2"):
        racine.refuse_where_it_cannot_be()


def test_trial_ends_with_a_sentence_and_a_code(tmp_path):
    """With nothing on the PATH, whoever starts it."""
    result = subprocess.run(
        [sys.executable, "-B", "-m", "install.essai", "--dossier", str(tmp_path / "essai")],
        cwd=ROOT,
        env={"PATH": str(tmp_path), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("Essai arrêté")
    assert not (tmp_path / "essai").exists()


@pytest.mark.parametrize(("found", "sentence"), [(True, "Essai arrêté"), (False, "Il faut Python 3.12")])
def test_trial_asks_for_nothing_before(tmp_path, found, sentence):
    """From a clone where nothing was made, with a Python on the PATH and nothing else."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "install", tmp_path / "install", ignore=shutil.ignore_patterns("__pycache__"))
    commands = tmp_path / "bin"
    commands.mkdir()
    if found:
        (commands / "python3").symlink_to(Path(sys.executable).resolve())
    before = {*tmp_path.rglob("*")}

    result = subprocess.run(
        [str(shutil.which("make")), "--no-print-directory", "essai-installation"],
        cwd=tmp_path,
        env={"PATH": str(commands), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(sentence)
    assert {*tmp_path.rglob("*")} == before


def test_amorce_is_a_script_that_a_shell_reads():
    subprocess.run(["sh", "-n", racine.BOOT], check=True)


def test_two_trials_do_not_share_a_root(tmp_path):
    racine.hold(tmp_path / "trixie.lock")
    try:
        with pytest.raises(racine.TrialError, match="^Un autre essai"):
            racine.hold(tmp_path / "trixie.lock")
    finally:
        os.close(racine.HELD.pop())
