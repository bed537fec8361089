"""The keys of boxes, and what they stand for: values only, no database."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enfance.models import Inscription
from enfance.regles import Cle, cles
from tests.enfance.situations import LUNDI_7, SOIR_7, make_situation


@given(st.integers(1, 10**18 - 1), st.dates(date(1000, 1, 1)), st.from_regex(r"[-a-zA-Z0-9_]{1,20}", fullmatch=True))
def test_a_key_is_read_as_it_is_written(enfant, jour, creneau):
    cle = Cle(enfant, jour, creneau)

    assert Cle.parse(str(cle)) == cle


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1:2026-12-07",
        "0:2026-12-07:soir",
        "000:2026-12-07:soir",
        "1:2026-12-07:",
        ":2026-12-07:soir",
        "1:2026-02-30:soir",
        "1:0000-01-01:soir",
        "1:20261207:soir",
        "1:2026-W50-1:soir",
        "1:2026-12-07T10:soir",
        "-1:2026-12-07:soir",
        "1.0:2026-12-07:soir",
        "１:2026-12-07:soir",
        "1:２026-12-07:soir",
        f"{10**18}:2026-12-07:soir",
        "1:2026-12-07:so\x00ir",
        "1:2026-12-07:soir\n",
        "1:2026-12-07:soir:1",
        "1:2026-12-07:été",
        "1:2026-12-07:" + "a" * 21,
        " 1:2026-12-07:soir",
    ],
)
def test_what_is_not_a_key_is_none(text):
    assert Cle.parse(text) is None


@pytest.mark.parametrize(
    ("text", "parts", "values"),
    [
        ("12:1:soir", [cles.pk, cles.jour_semaine, cles.code], (12, 0, "soir")),
        ("12:7:soir", [cles.pk, cles.jour_semaine, cles.code], (12, 6, "soir")),
        ("12:8:soir", [cles.pk, cles.jour_semaine, cles.code], None),
        ("12:present", [cles.pk, cles.code], (12, "present")),
        ("12:present:1", [cles.pk, cles.code], None),
        ("12:3", [cles.pk, cles.rang], (12, 3)),
        ("12:1234567", [cles.pk, cles.rang], None),
        (str(cles.PK_MAX), [cles.pk], (cles.PK_MAX,)),
        (str(cles.PK_MAX + 1), [cles.pk], None),
        ("1" * 5000, [cles.pk], None),
        ("²", [cles.pk], None),
    ],
)
def test_keys_of_all_kinds_have_the_same_bounds(text, parts, values):
    assert cles.parse_key(text, *parts) == values


@given(st.text())
def test_any_text_is_a_key_or_none(text):
    cle = Cle.parse(text)

    assert cle is None or isinstance(cle, Cle)


def test_etat_of_a_box_without_inscription_is_annulee():
    attente = Inscription(etat="attente")
    situation = make_situation(inscriptions={SOIR_7: attente})

    assert situation.etat(SOIR_7) == "attente"
    assert situation.etat(Cle(1, LUNDI_7, "matin")) == "annulee"


def test_today_is_the_date_in_paris():
    assert make_situation(now=datetime(2026, 12, 3, 23, 30, tzinfo=UTC)).today == date(2026, 12, 4)
    assert make_situation(now=datetime(2026, 7, 3, 22, 30, tzinfo=UTC)).today == date(2026, 7, 4)
