"""The version released before this one, as `install/version-precedente` names it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
FILE = ROOT / "install" / "version-precedente"


@dataclass(frozen=True)
class Precedente:
    """A released version: its number, its commit, the last migration of each of its apps."""

    numero: str
    commit: str
    migrations: dict[str, str]


def read(text: str) -> Precedente:
    (numero, commit), *migrations = [line.split() for line in text.splitlines() if line and line[0] != "#"]
    return Precedente(numero, commit, dict(migrations))


PRECEDENTE = read(FILE.read_text("utf-8"))


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)


def need_history(commit: str = PRECEDENTE.commit) -> None:
    """Fail where this commit was cut off, by a shallow clone; skip where there never was one, in an archive."""
    try:
        if git("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0:
            return
        is_shallow = git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
    except FileNotFoundError:
        is_shallow = False
    if is_shallow:
        pytest.fail(
            f"ce clone est tronqué, sans le commit {commit[:12]}\u00a0: « git fetch --unshallow »", pytrace=False
        )
    pytest.skip(f"sans l’historique de git, où est le commit {commit[:12]}")


def checkout(folder: Path) -> Path:
    """The code of that version, in this folder."""
    folder.mkdir()
    archive = git("archive", PRECEDENTE.commit)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder
