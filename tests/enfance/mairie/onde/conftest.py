"""The year into which the files of ONDE go."""

from __future__ import annotations

import pytest

from tests.factories import AnneeFactory


@pytest.fixture
def annee(db):
    return AnneeFactory()
