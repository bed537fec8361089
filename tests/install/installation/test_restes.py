"""What the installer leaves to do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from install.installation import saisie
from install.installation.restes import online
from tests.install.installation.conftest import ANSWERS

pytestmark = pytest.mark.ci


@pytest.mark.parametrize(
    ("reglages", "left"),
    [
        ({"ENCAISSEMENT": "regie"}, ["PAYFIP_NUMCLI et PAYFIP_SAISIE, dans .env"]),
        ({"ENCAISSEMENT": "regie", "PAYFIP_NUMCLI": "090909"}, []),
        ({"ENCAISSEMENT": "titre"}, []),
    ],
)
def test_paying_on_line_is_left_to_open_where_the_town_receives(reglages, left):
    chantier: Any = SimpleNamespace(r=SimpleNamespace(reglages=reglages))
    assert [line for _, lines in online(chantier) for line in lines] == left


@pytest.mark.parametrize(("said", "kept"), [("", "regie"), ("1", "regie"), ("2", "titre"), ("titre", "titre")])
def test_who_receives_is_asked_and_is_the_town_unless_it_says_otherwise(said, kept):
    values, faults = saisie.find(ANSWERS | {"ENCAISSEMENT": said}, {})
    assert (values["ENCAISSEMENT"], faults) == (kept, [])
