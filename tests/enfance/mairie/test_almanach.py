"""The twelve months of a year, day by day."""

from datetime import date

import pytest

from enfance.mairie.almanach import GenreJour, load_almanach
from enfance.models import Fermeture, Inscription
from tests.factories import AnneeFactory, CreneauFactory, make_enfant

pytestmark = pytest.mark.django_db


def days(almanach):
    return {jour.jour: jour for mois in almanach.mois for semaine in mois.semaines for jour in semaine if jour}


def test_year_goes_from_september_to_august():
    almanach = load_almanach(AnneeFactory())

    assert [mois.titre for mois in almanach.mois][::11] == ["Septembre 2026", "Août 2027"]
    assert (len(almanach.mois), len(days(almanach))) == (12, 365)
    assert {len(semaine) for mois in almanach.mois for semaine in mois.semaines} == {7}


@pytest.mark.parametrize(
    ("jour", "genre", "signe", "detail"),
    [
        (date(2026, 9, 1), GenreJour.ECOLE, "", "école"),
        (date(2026, 9, 2), GenreJour.SANS_ECOLE, "–", "pas d’école ce jour"),
        (date(2026, 9, 5), GenreJour.WEEKEND, "", "week-end"),
        (date(2026, 10, 17), GenreJour.VACANCES, "V", "Vacances de la Toussaint"),
        (date(2026, 11, 11), GenreJour.FERIE, "F", "Armistice 1918"),
        (date(2026, 12, 15), GenreJour.FERMETURE, "×", "fermeture, grève"),
        (date(2027, 7, 5), GenreJour.HORS, "", "hors de l’année"),
    ],
)
def test_each_day_says_what_it_is_without_its_colour(jour, genre, signe, detail):
    Fermeture.objects.create(debut=date(2026, 12, 12), fin=date(2026, 12, 15), motif="grève")

    vu = days(load_almanach(AnneeFactory()))[jour]

    assert (vu.genre, vu.signe, vu.detail) == (genre, signe, detail)


def test_children_booked_on_a_day_without_school_are_flagged():
    annee, enfant, creneau = AnneeFactory(), make_enfant(), CreneauFactory()
    for jour, etat in [
        (date(2026, 12, 7), "inscrit"),
        (date(2026, 12, 21), "inscrit"),
        (date(2026, 12, 22), "annulee"),
    ]:
        Inscription.objects.create(enfant=enfant, jour=jour, creneau=creneau, etat=etat)

    almanach = load_almanach(annee)

    assert [(jour.jour, jour.inscriptions) for jour in almanach.a_voir] == [(date(2026, 12, 21), 1)]


def test_days_of_school_are_counted():
    almanach = load_almanach(AnneeFactory())

    assert [mois.ecole for mois in almanach.mois][:4] == [17, 10, 17, 11]
    assert almanach.ecole == sum(mois.ecole for mois in almanach.mois)


def test_twelve_months_are_read_in_three_queries(django_assert_num_queries):
    annee = AnneeFactory()
    for n in (1, 3):
        Fermeture.objects.create(debut=date(2026, 12, n), fin=date(2026, 12, n), motif="grève")
        with django_assert_num_queries(3):
            load_almanach(annee)
