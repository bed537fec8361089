"""Custody in words: what a home reads of it from today on, what the town hall reads of a rule."""

from datetime import date

import pytest

from enfance.garde import chez_qui, garde_phrases, regle_phrase
from enfance.models import Garde
from tests.reading import plain

ICI, AILLEURS = 1, 2
JEUDI_3 = date(2026, 12, 3)
LUNDI_7, LUNDI_14 = date(2026, 12, 7), date(2026, 12, 14)
LUNDI_11_JANVIER = date(2027, 1, 11)
DIMANCHE_10_JANVIER = date(2027, 1, 10)


def toujours(foyer, debut=None, fin=None):
    return Garde(foyer_id=foyer, debut=debut, fin=fin)


def alternee(foyer, depuis, debut=None, fin=None, passage="lundi"):
    return Garde(foyer_id=foyer, rythme="alternee", depuis=depuis, debut=debut, fin=fin, passage=passage)


def read(gardes, today=JEUDI_3):
    return [plain(phrase) for phrase in garde_phrases("Léa", gardes, ICI, today)]


@pytest.mark.parametrize(
    ("gardes", "phrases"),
    [
        ([toujours(ICI)], ["Léa est chez vous tous les jours."]),
        ([toujours(AILLEURS)], ["Léa est chez l’autre parent."]),
        ([], ["Léa n’a aucun jour de garde noté par la mairie."]),
        (
            [toujours(ICI), toujours(AILLEURS)],
            [
                "Léa est dans deux foyers, le vôtre et l’autre : chacun peut inscrire tous les jours, tant que la "
                "mairie n’a pas noté de rythme."
            ],
        ),
        (
            [alternee(ICI, date(2026, 9, 7)), alternee(AILLEURS, date(2026, 9, 14))],
            ["Léa est chez vous une semaine sur deux, dont celle du lundi 30 novembre, changement le lundi matin."],
        ),
        (
            [alternee(ICI, LUNDI_7, passage="vendredi"), alternee(AILLEURS, LUNDI_14, passage="vendredi")],
            ["Léa est chez vous une semaine sur deux, dont celle du lundi 7 décembre, changement le vendredi soir."],
        ),
        (
            [
                toujours(ICI, fin=DIMANCHE_10_JANVIER),
                alternee(ICI, LUNDI_11_JANVIER, debut=LUNDI_11_JANVIER),
                alternee(AILLEURS, date(2027, 1, 18), debut=LUNDI_11_JANVIER),
            ],
            [
                "Jusqu’au dimanche 10 janvier, Léa est chez vous tous les jours.",
                "À partir du lundi 11 janvier, Léa est chez vous une semaine sur deux, "
                "dont celle du lundi 11 janvier, changement le lundi matin.",
            ],
        ),
        (
            [toujours(ICI, fin=DIMANCHE_10_JANVIER), toujours(AILLEURS, debut=LUNDI_11_JANVIER)],
            [
                "Jusqu’au dimanche 10 janvier, Léa est chez vous tous les jours.",
                "À partir du lundi 11 janvier, Léa est chez l’autre parent.",
            ],
        ),
        (
            [toujours(ICI, fin=date(2026, 11, 30)), toujours(AILLEURS, debut=date(2026, 12, 1))],
            ["Léa est chez l’autre parent."],
        ),
        (
            [toujours(ICI, fin=date(2028, 1, 2))],
            [
                "Jusqu’au dimanche 2 janvier 2028, Léa est chez vous tous les jours.",
                "À partir du lundi 3 janvier 2028, Léa n’a aucun jour de garde noté par la mairie.",
            ],
        ),
    ],
)
def test_home_reads_where_the_child_is_and_from_when(gardes, phrases):
    assert read(gardes) == phrases


def test_what_changes_in_the_other_home_alone_is_not_told():
    gardes = [
        alternee(ICI, LUNDI_7),
        alternee(AILLEURS, LUNDI_14, fin=DIMANCHE_10_JANVIER),
        alternee(3, LUNDI_14, debut=LUNDI_11_JANVIER),
    ]

    assert read(gardes) == [
        "Léa est chez vous une semaine sur deux, dont celle du lundi 7 décembre, changement le lundi matin."
    ]


def test_year_of_53_weeks_does_not_slip():
    assert read([alternee(ICI, LUNDI_7)], date(2027, 1, 5)) == [
        "Léa est chez vous une semaine sur deux, dont celle du lundi 4 janvier, changement le lundi matin."
    ]


@pytest.mark.parametrize(
    ("garde", "phrase"),
    [
        (toujours(ICI), "toujours"),
        (toujours(ICI, fin=date(2026, 12, 2)), "toujours, jusqu’au 2 décembre 2026"),
        (
            alternee(ICI, date(2026, 12, 9), date(2026, 9, 1), date(2027, 7, 2)),
            "une semaine sur deux à partir du lundi 7 décembre 2026, depuis le 1er septembre 2026, "
            "jusqu’au 2 juillet 2027",
        ),
        (
            alternee(ICI, LUNDI_7, passage="vendredi"),
            "une semaine sur deux à partir du lundi 7 décembre 2026, changement le vendredi soir",
        ),
    ],
)
def test_town_hall_reads_the_rule(garde, phrase):
    assert plain(regle_phrase(garde)) == phrase


@pytest.mark.parametrize(
    ("today", "passage", "phrase"),
    [
        (JEUDI_3, "lundi", "Anna et Jules sont chez l’autre parent jusqu’au lundi 7 au matin."),
        (JEUDI_3, "vendredi", "Anna et Jules sont chez l’autre parent jusqu’au vendredi 4 au soir."),
        (date(2026, 12, 4), "vendredi", "Anna et Jules sont chez l’autre parent jusqu’à ce soir."),
        (LUNDI_7, "lundi", "Anna et Jules sont chez vous jusqu’au lundi 14 au matin."),
        (date(2026, 12, 30), "lundi", "Anna et Jules sont chez l’autre parent jusqu’au lundi 4 janvier au matin."),
    ],
)
def test_home_reads_where_the_children_are_and_until_when(today, passage, phrase):
    gardes = [alternee(ICI, LUNDI_7, passage=passage), alternee(AILLEURS, LUNDI_14, passage=passage)]

    assert [plain(dit) for dit in chez_qui({"Anna": gardes, "Jules": gardes}, ICI, today)] == [phrase]


def test_home_reads_nothing_of_a_child_who_stays():
    gardes = [alternee(ICI, LUNDI_7), alternee(AILLEURS, LUNDI_14)]

    dits = chez_qui({"Anna": gardes, "Tom": [toujours(ICI)], "Zoé": []}, ICI, LUNDI_7)

    assert dits == ["Anna est chez vous jusqu’au lundi 14 au matin."]
