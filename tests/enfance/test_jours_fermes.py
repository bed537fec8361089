"""Which days a closure takes from the garderie, in words that leave out those without garderie."""

from datetime import date

import pytest

from enfance.jours_fermes import fermes_phrase, jours_fermes, sans_garderie
from enfance.models import Creneau
from tests.enfance.annees import CALENDRIER
from tests.reading import plain

ORDINAIRE = dict.fromkeys(["lundi", "mardi", "jeudi", "vendredi"], True)


def creneau(**jours) -> Creneau:
    return Creneau(code="soir", **(dict.fromkeys(["lundi", "mardi", "mercredi", "jeudi", "vendredi"], False) | jours))


def said(debut, fin, *creneaux):
    fermes = jours_fermes(CALENDRIER, creneaux or [creneau(**ORDINAIRE)], debut, fin)
    autres = sans_garderie(CALENDRIER, fermes, debut, fin)
    return plain(fermes_phrase(fermes)), [plain(phrase) for phrase in autres]


@pytest.mark.parametrize(
    ("debut", "fin", "fermes", "autres"),
    [
        (date(2026, 12, 15), date(2026, 12, 15), "mardi 15 décembre", []),
        (date(2026, 12, 17), date(2026, 12, 18), "du jeudi 17 décembre au vendredi 18 décembre", []),
        (
            date(2026, 12, 14),
            date(2026, 12, 18),
            "du lundi 14 décembre au vendredi 18 décembre",
            ["mercredi 16 décembre"],
        ),
        (
            date(2026, 12, 11),
            date(2026, 12, 14),
            "du vendredi 11 décembre au lundi 14 décembre",
            ["du samedi 12 décembre au dimanche 13 décembre"],
        ),
        (
            date(2026, 12, 18),
            date(2027, 1, 5),
            "vendredi 18 décembre, du lundi 4 janvier au mardi 5 janvier",
            ["du samedi 19 décembre au dimanche 3 janvier (Vacances de Noël)"],
        ),
        (
            date(2027, 3, 26),
            date(2027, 3, 30),
            "du vendredi 26 mars au mardi 30 mars",
            ["du samedi 27 mars au lundi 29 mars (Lundi de Pâques)"],
        ),
        (date(2026, 12, 16), date(2026, 12, 16), "", ["mercredi 16 décembre"]),
        (
            date(2027, 5, 4),
            date(2027, 5, 10),
            "mardi 4 mai, lundi 10 mai",
            ["du mercredi 5 mai au dimanche 9 mai (Pont de l’Ascension)"],
        ),
    ],
)
def test_days_closed_and_days_without_garderie(debut, fin, fermes, autres):
    assert said(debut, fin) == (fermes, autres)


def test_a_slot_is_closed_on_its_own_weekdays():
    assert said(date(2026, 12, 14), date(2026, 12, 18), creneau(mardi=True)) == (
        "mardi 15 décembre",
        ["lundi 14 décembre", "du mercredi 16 décembre au vendredi 18 décembre"],
    )
    assert said(date(2026, 12, 14), date(2026, 12, 15)) == ("du lundi 14 décembre au mardi 15 décembre", [])


def test_a_closure_of_months_is_not_a_litany():
    assert said(date(2026, 12, 15), date(2027, 6, 30))[0] == "du mardi 15 décembre au mardi 29 juin"


def test_a_closure_to_the_end_of_time_ends_with_the_last_year_known():
    fermes = jours_fermes(CALENDRIER, [creneau(**ORDINAIRE)], date(2028, 7, 3), date.max)

    assert fermes == [date(2028, 7, 3), date(2028, 7, 4)]
