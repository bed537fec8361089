"""A whole family erased: nothing names it any more, in any table (RGP-08)."""

import pytest

from enfance.famille.effacement import effacer_famille
from tests.conservation.famille_entiere import NOW
from tests.conservation.traces import in_tables

pytestmark = pytest.mark.django_db


def test_no_table_names_the_family(scene):  # RGP-08
    words = scene.mots
    effacer_famille(scene.adulte("Ysolde").user_id, now=NOW)
    assert in_tables(words) == {}
