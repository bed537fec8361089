"""What the tests of the secretary's pages share where there are several schools."""

from __future__ import annotations

import pytest

from tests.ville import Ville, make_ville


@pytest.fixture
def ville(db) -> Ville:
    return make_ville()
