"""Which foyer has garde on a day, and who may then edit: values only, no database."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enfance.models import Garde
from enfance.regles import Action, Cle, obstacles_for
from tests.enfance.situations import (
    AUTRE_PARENT,
    FOYER_AUTRE,
    FOYER_LEA,
    LUNDI_7,
    MATIN,
    SOIR,
    SOIR_7,
    alternee,
    codes,
    make_situation,
    toujours,
)

DEUX_FOYERS = (alternee(FOYER_LEA, date(2026, 11, 30)), alternee(FOYER_AUTRE, date(2026, 12, 7)))
DEUX_FOYERS_VENDREDI = (
    alternee(FOYER_LEA, date(2026, 11, 30), "vendredi"),
    alternee(FOYER_AUTRE, date(2026, 12, 7), "vendredi"),
)


@pytest.mark.parametrize(
    ("gardes", "jour", "creneau", "foyers"),
    [
        (DEUX_FOYERS, date(2026, 11, 30), SOIR, [10]),
        (DEUX_FOYERS, date(2026, 12, 4), SOIR, [10]),
        (DEUX_FOYERS, date(2026, 12, 7), MATIN, [20]),
        (DEUX_FOYERS, date(2026, 12, 14), MATIN, [10]),
        (DEUX_FOYERS, date(2026, 11, 23), MATIN, [20]),  # before the day it is counted from
        # 2026 has 53 ISO weeks: by parity, weeks 53 and 1 would both be odd
        (DEUX_FOYERS, date(2026, 12, 21), MATIN, [20]),
        (DEUX_FOYERS, date(2026, 12, 28), MATIN, [10]),
        (DEUX_FOYERS, date(2027, 1, 4), MATIN, [20]),
        (DEUX_FOYERS, date(2027, 1, 11), MATIN, [10]),
        # handed over on Friday evening: that evening is the next holder's
        (DEUX_FOYERS_VENDREDI, date(2026, 12, 3), SOIR, [10]),
        (DEUX_FOYERS_VENDREDI, date(2026, 12, 4), MATIN, [10]),
        (DEUX_FOYERS_VENDREDI, date(2026, 12, 4), SOIR, [20]),
        (DEUX_FOYERS_VENDREDI, date(2026, 12, 5), MATIN, [20]),
        (DEUX_FOYERS_VENDREDI, date(2026, 12, 7), MATIN, [20]),
        (DEUX_FOYERS_VENDREDI, date(2026, 12, 11), MATIN, [20]),
        (DEUX_FOYERS_VENDREDI, date(2026, 12, 11), SOIR, [10]),
        # several at once, none, between dates
        ((toujours(FOYER_AUTRE), toujours(FOYER_LEA)), LUNDI_7, SOIR, [10, 20]),
        ((toujours(FOYER_LEA), *DEUX_FOYERS), LUNDI_7, SOIR, [10, 20]),
        ((), LUNDI_7, SOIR, []),
        ((toujours(FOYER_LEA, fin=date(2026, 12, 6)), toujours(FOYER_AUTRE, debut=LUNDI_7)), LUNDI_7, SOIR, [20]),
        ((toujours(FOYER_LEA, debut=LUNDI_7, fin=LUNDI_7),), LUNDI_7, SOIR, [10]),
        ((toujours(FOYER_LEA, debut=date(2026, 12, 8)),), LUNDI_7, SOIR, []),
    ],
)
def test_foyers_that_have_garde(gardes, jour, creneau, foyers):
    assert make_situation(gardes={1: gardes}).foyers(1, jour, creneau) == foyers


@pytest.mark.parametrize(
    ("depuis", "passage"),
    [
        (jour, passage)
        for passage in Garde.Passage
        for jour in [date(2026, 12, 7), date(2026, 12, 11), date(2026, 12, 12), date(2026, 12, 13)]
    ],
)
def test_the_day_that_weeks_are_counted_from_is_spent_in_that_foyer(depuis, passage):
    assert alternee(FOYER_LEA, depuis, passage).holds(depuis)


@given(
    st.dates(date(2026, 9, 1), date(2028, 7, 1)),
    st.dates(date(2026, 9, 1), date(2028, 7, 1)),
    st.sampled_from(Garde.Passage),
    st.booleans(),
)
def test_one_week_in_two_is_one_foyer_or_the_other_never_both(depuis, jour, passage, soir):
    premier = alternee(FOYER_LEA, depuis, passage)
    second = alternee(FOYER_AUTRE, date.fromordinal(depuis.toordinal() + 7), passage)

    assert premier.holds(jour, soir) is not second.holds(jour, soir)
    assert premier.holds(jour, soir) is premier.holds(date.fromordinal(jour.toordinal() + 14), soir)


def test_each_foyer_edits_only_its_own_days():
    jours = [date(2026, 12, 14), date(2026, 12, 21 - 14)]
    lea = make_situation(gardes={1: DEUX_FOYERS})
    autre = replace(lea, acteur=AUTRE_PARENT)

    assert [codes(lea, Cle(1, jour, "soir")) for jour in jours] == [[], ["garde"]]
    assert [codes(autre, Cle(1, jour, "soir")) for jour in jours] == [["garde"], []]
    assert codes(autre, Cle(1, jours[0], "soir"), Action.ANNULER) == ["garde"]


def test_two_foyers_that_both_have_garde_may_both_edit():
    situation = make_situation(gardes={1: (toujours(FOYER_LEA), toujours(FOYER_AUTRE))})

    assert codes(situation) == []
    assert codes(replace(situation, acteur=AUTRE_PARENT)) == []


def test_an_obstacle_of_garde_never_names_the_other_foyer():
    situation = make_situation(gardes={1: (toujours(FOYER_AUTRE),)})

    (obstacle,) = obstacles_for(situation, SOIR_7, Action.INSCRIRE)
    assert obstacle.message == "Léa est chez l’autre parent ce jour-là."
