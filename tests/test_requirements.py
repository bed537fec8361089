"""From each requirement of docs/confiance.md to the tests that hold it, and back."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ROW = re.compile(r"(?m)^\| ([A-Z]{3}-\d\d) \|.*\| (tenue|organisation|à venir) \|$")
QUOTED = re.compile(r"\b(?:AUT|TMP|LIM|SES|ACC|VAL|HDR|LOG|ADM|RGP|LEG|RGA|REL|DEP)-\d\d\b")

REQUIREMENTS = dict(ROW.findall((ROOT / "docs" / "confiance.md").read_text("utf-8")))


def quoted_in_tests() -> set[str]:
    paths = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    return {found for path in paths for found in QUOTED.findall(path.read_text("utf-8"))}


def test_requirement_is_stated_once():
    rows = re.findall(r"(?m)^\| ([A-Z]{3}-\d\d) \|", (ROOT / "docs" / "confiance.md").read_text("utf-8"))
    assert sorted(rows) == sorted(REQUIREMENTS)


def test_requirement_said_to_be_held_is_quoted_by_a_test():
    held = {name for name, state in REQUIREMENTS.items() if state == "tenue"}
    assert sorted(held - quoted_in_tests()) == []


def test_requirement_quoted_by_a_test_is_stated():
    assert sorted(quoted_in_tests() - set(REQUIREMENTS)) == []
