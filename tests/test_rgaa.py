"""docs/rgaa.md: every criterion once, in its theme, with a proof that exists, and the rate that its tables make."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from django.conf import settings

from tests.navigateur.echantillon import SAMPLE

ROOT = Path(settings.BASE_DIR)
DOCUMENT = (ROOT / "docs" / "rgaa.md").read_text("utf-8")
CRITERIA = {1: 9, 2: 2, 3: 3, 4: 13, 5: 8, 6: 2, 7: 5, 8: 10, 9: 4, 10: 14, 11: 13, 12: 11, 13: 12}  # by theme: 106
ROW = re.compile(r"^\| (\d+\.\d+) \| ([^|]+) \| ([^|]+) \| (.+) \|$", re.MULTILINE)
THEME = re.compile(r"^## Thème (\d+)[^\n]*\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
RATE = re.compile(r"\*\*(\d+)\u00a0%\*\*[^\n]*?(\d+) critères conformes sur (\d+)")
QUOTED = re.compile(r"`((?:tests/)?[\w/]+\.py)(?:::(\w+))?`")


def states() -> list[str]:
    return [state for _, _, state, _ in ROW.findall(DOCUMENT)]


def file_of(name: str) -> Path:
    """A test that is quoted by its file alone is of the browser."""
    return ROOT / name if "/" in name else ROOT / "tests" / "navigateur" / name


def test_each_criterion_is_judged_once_in_its_theme():
    told = {int(theme): [row[0] for row in ROW.findall(text)] for theme, text in THEME.findall(DOCUMENT)}

    assert told == {theme: [f"{theme}.{n}" for n in range(1, count + 1)] for theme, count in CRITERIA.items()}
    assert sum(map(len, told.values())) == len(states()) == 106


def test_each_criterion_is_judged_by_one_of_three_words():
    assert {*states()} <= {"conforme", "non conforme", "non applicable"}


def test_rate_is_that_of_the_tables():
    met, missed = states().count("conforme"), states().count("non conforme")

    [told] = RATE.findall(DOCUMENT)

    assert tuple(map(int, told)) == (100 * met // (met + missed), met, met + missed)  # rounded down: 100 is whole


def test_each_test_that_is_quoted_exists():
    quoted = QUOTED.findall(DOCUMENT)
    missing = []

    for name, function in quoted:
        path = file_of(name)
        nodes = ast.walk(ast.parse(path.read_text("utf-8"))) if path.is_file() else ()
        if (
            function not in {"", *(node.name for node in nodes if isinstance(node, ast.FunctionDef))}
            or not path.is_file()
        ):
            missing.append(f"{name}::{function}")

    assert quoted
    assert missing == []


def test_sample_is_that_of_the_tests():
    told = re.findall(r"^\| (\d+) \| [^|]+ \| `([\w-]+)` \| [^|]+ \|$", DOCUMENT, re.MULTILINE)

    assert told == [(str(n), etat.name) for n, etat in enumerate(SAMPLE, 1)]
