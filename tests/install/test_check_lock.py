"""DEP-01: what gets installed is pinned, with its hashes, and is what the lock holds."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.reading import plain

ROOT = Path(settings.BASE_DIR)
FILES = ["pyproject.toml", "uv.lock", "requirements.txt", "requirements-dev.txt", "requirements-pdf.txt"]


def check_lock(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "install" / "check_lock.py")],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_lock_is_what_gets_installed():
    assert check_lock(ROOT).stderr == ""


@pytest.mark.parametrize("name", FILES[2:])
def test_every_package_is_pinned_with_its_hashes(name):
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    loose = [line for line in text.splitlines() if re.match(r"\w", line) and not re.search(r"==.+--hash=sha256:", line)]
    assert loose == []


@pytest.mark.parametrize(
    ("name", "before", "after", "sentence"),
    [
        ("pyproject.toml", '"segno>=', '"segno>=99.', "uv.lock ne suit pas pyproject.toml"),
        ("pyproject.toml", '"pytest>=', '"autre>=', "uv.lock ne suit pas pyproject.toml"),
        ("requirements.txt", "\nsegno==", "\nsegno==99.", "requirements.txt et uv.lock diffèrent sur segno==99."),
        ("pyproject.toml", '"weasyprint>=', '"weasyprint>=99.', "uv.lock ne suit pas pyproject.toml (pdf)"),
        (
            "requirements-pdf.txt",
            "\npydyf==",
            "\npydyf==99.",
            "requirements-pdf.txt et uv.lock diffèrent sur pydyf==99.",
        ),
        ("requirements-dev.txt", "--hash=sha256:0", "--hash=sha256:f", "n’ont pas les mêmes empreintes"),
    ],
)
def test_difference_is_seen(tmp_path, name, before, after, sentence):
    for file in FILES:
        shutil.copy(ROOT / file, tmp_path)
    text = (tmp_path / name).read_text("utf-8")
    assert before in text
    (tmp_path / name).write_text(text.replace(before, after, 1), encoding="utf-8")

    result = check_lock(tmp_path)

    assert result.returncode == 1
    assert sentence in plain(result.stderr)
