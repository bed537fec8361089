"""The periods and rhythms that the page of the semaine type offers."""

from datetime import date, datetime

import pytest

from enfance.models import (
    AnneeScolaire,
)
from enfance.planning.periodes import fins, rythmes
from enfance.regles import Acteur
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.factories import AnneeFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.reading import plain

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
TODAY = NOW.date()
NOEL = date(2026, 12, 18)  # the last day before the holidays
ETE = date(2027, 7, 2)


@pytest.fixture
def famille():
    """Camille, her two children, three créneaux."""
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory(user__first_name="Camille")
    return camille, make_enfant(camille, prenom="Léa"), make_enfant(camille, prenom="Tom")


def situation_at(camille, jour, heure=20):
    now = datetime(jour.year, jour.month, jour.day, heure, tzinfo=PARIS)
    return load_situation(Acteur.semaine_type(camille), jour, jour, now=now)


@pytest.mark.parametrize(
    ("jour", "attendu"),
    [
        (TODAY, [("annee", TODAY, ETE), ("vacances", TODAY, NOEL)]),
        (date(2026, 8, 20), [("annee", date(2026, 9, 1), ETE), ("vacances", date(2026, 9, 1), date(2026, 10, 16))]),
        (date(2026, 12, 24), [("annee", date(2026, 12, 24), ETE), ("vacances", date(2026, 12, 24), date(2027, 2, 12))]),
        (date(2027, 6, 3), [("annee", date(2027, 6, 3), ETE), ("annee1", date(2027, 9, 1), date(2028, 7, 4))]),
        (date(2028, 8, 1), []),
    ],
)
def test_periods_offered_end_with_the_year_or_before_the_next_holidays(famille, jour, attendu):
    camille, *_ = famille
    AnneeScolaire.objects.create(debut=date(2027, 9, 1), fin=date(2028, 7, 4), ouverture=date(2027, 6, 1))
    assert [(fin.code, fin.debut, fin.fin) for fin in fins(situation_at(camille, jour))] == attendu


def test_rhythms_offered_say_the_next_weeks_and_pass_over_the_holidays(famille):
    camille, *_ = famille
    offerts = rythmes(situation_at(camille, TODAY), TODAY, ETE)
    assert [(rythme.code, plain(rythme.suite)) for rythme in offerts] == [
        ("1", ""),
        ("2026-12-07", "Puis 4 janvier, 18 janvier, 1er février…"),
        ("2026-12-14", "Puis 11 janvier, 25 janvier, 8 février…"),
    ]
