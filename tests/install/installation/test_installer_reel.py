"""The installer with the real portal, below another root: it serves, and a second run touches nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.install.installation.conftest import ANSWERS
from tests.install.reelle import copy_sources, database
from tests.install.versions_essai import ROOT, environment
from tests.reading import plain

pytestmark = pytest.mark.ci


@pytest.fixture
def portal(tmp_path) -> Path:
    """The portal as it is here, with the packages of the tests for its own."""
    portal = tmp_path / "portail"
    portal.mkdir()
    copy_sources(portal)
    shutil.copy(ROOT / ".env.example", portal)
    mine, venv = Path(sys.prefix), portal / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to((mine / "bin" / "python").resolve())
    (venv / "pyvenv.cfg").write_bytes((mine / "pyvenv.cfg").read_bytes())
    (venv / "lib").symlink_to(mine / "lib")
    pinned = (portal / "requirements.txt").read_text()
    sums = subprocess.run(["cksum"], input=pinned, capture_output=True, text=True, check=True).stdout
    (venv / ".complete").write_text(f"{portal} requirements.txt {sums}")
    (tmp_path / "racine").mkdir()
    return portal


@pytest.fixture
def answers(portal, tmp_path) -> Iterator[Path]:
    path = tmp_path / "reponses"
    with database() as address:
        said = ANSWERS | {"SAUVEGARDES": str(tmp_path / "sauvegardes" / "portail")}
        path.write_text("".join(f"{nom}={value}\n" for nom, value in said.items()) + address, "utf-8")
        path.chmod(0o600)
        yield path


def install(portal: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [portal / "install" / "installer", "--racine", portal.parent / "racine", "--oui", *arguments],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def touched(folder: Path) -> dict[str, tuple[int, int, int]]:
    files = [path for path in folder.rglob("*") if path.is_file() and "lib" not in path.parts]
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_ctime_ns, path.stat().st_size) for path in files}


@pytest.mark.lent
def test_real_portal_is_installed_and_a_second_run_touches_nothing(portal, answers, tmp_path):
    first = install(portal, "--reponses", str(answers))

    assert (first.returncode, first.stderr) == (0, "")
    assert "mot de passe temporaire" in plain(first.stdout)
    manage = [sys.executable, "manage.py"]
    for command in (["check", "--deploy", "--fail-level", "WARNING"], ["migrate", "--check"], ["sauvegarder"]):
        done = subprocess.run([*manage, *command], cwd=portal, env=environment(), capture_output=True, text=True)
        assert (done.returncode, plain(done.stderr)) == (0, ""), command
    before = touched(tmp_path)

    again = install(portal)

    assert (again.returncode, again.stderr) == (0, "")
    assert touched(tmp_path) == before
    assert os.listdir(tmp_path / "sauvegardes" / "portail")
