"""What needs the version before, where git was cut: it fails, and says how to have it. Without git, it is skipped."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.versions import precedente
from tests.versions.precedente import need_history

ME = ["-c", "user.name=Essai", "-c", "user.email=essai@courriel.example", "-c", "commit.gpgsign=false"]


@pytest.fixture
def clones(tmp_path: Path, monkeypatch) -> tuple[str, Path]:
    """A commit that another one follows, in « whole » and « shallow », not in « archive »."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    git("init", "-q", "whole")
    for name in ("first", "second"):
        git("-C", "whole", *ME, "commit", "-q", "--allow-empty", "-m", name)
    git("clone", "-q", "--depth", "1", f"file://{tmp_path}/whole", "shallow")
    (tmp_path / "archive").mkdir()
    return git("-C", "whole", "rev-parse", "HEAD^"), tmp_path


@pytest.mark.parametrize(
    ("name", "outcome", "said"),
    [
        ("shallow", pytest.fail.Exception, "git fetch --unshallow"),
        ("archive", pytest.skip.Exception, "sans l’historique de git"),
    ],
)
def test_what_needs_history_says_that_it_is_not_there(clones, monkeypatch, name, outcome, said):
    commit, folder = clones
    monkeypatch.setattr(precedente, "ROOT", folder / name)

    with pytest.raises(outcome, match=said):
        need_history(commit)


def test_what_needs_history_goes_on_where_it_is(clones, monkeypatch):
    commit, folder = clones
    monkeypatch.setattr(precedente, "ROOT", folder / "whole")
    need_history(commit)
