"""The version released before this one serves a day of school on the database of this one (REL-02)."""

from __future__ import annotations

import json

import pytest

from tests.versions.bases import fill, run, scratch
from tests.versions.precedente import ROOT, checkout, need_history

# The suite then has its database, which this copies.
pytestmark = [pytest.mark.django_db, pytest.mark.ci]
ESSAI = ROOT / "tests" / "versions" / "essai.py"


@pytest.fixture(scope="module")
def url(tmp_path_factory, django_db_setup, django_db_blocker):
    """The DATABASE_URL of a school, on the schema of today."""
    with django_db_blocker.unblock(), scratch(tmp_path_factory.mktemp("base")) as url:
        fill(url)
        yield url


def test_version_before_serves_a_day_on_the_schema_of_today(url, tmp_path):  # REL-02
    need_history()
    before = checkout(tmp_path / "avant")

    steps = json.loads(run(before, url, str(ESSAI)).splitlines()[-1])

    assert [step for step in steps if step[1] >= 400] == []
    assert len(steps) > 80
