"""The school calendar: which days are school days, and what comes before and after."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enfance.calendrier import Calendrier, Periode, lundi
from tests.enfance.annees import ANNEE_2026, ANNEE_2027, CALENDRIER

JOURS = st.dates(date(2026, 7, 1), date(2028, 8, 31))


@pytest.mark.parametrize(
    ("jour", "is_ecole"),
    [
        (date(2026, 8, 31), False),  # the day before the first
        (date(2026, 9, 1), True),
        (date(2026, 9, 2), False),  # Wednesday
        (date(2026, 9, 5), False),  # Saturday
        (date(2026, 10, 16), True),  # Friday before the holidays
        (date(2026, 10, 17), False),
        (date(2026, 10, 30), False),
        (date(2026, 11, 2), True),
        (date(2026, 11, 11), False),  # public holiday
        (date(2027, 3, 29), False),  # Easter Monday
        (date(2027, 5, 6), False),  # Ascension, Thursday
        (date(2027, 5, 7), False),  # the bridge, Friday
        (date(2027, 7, 2), True),  # the last day
        (date(2027, 7, 5), False),  # between two years
        (date(2027, 9, 2), True),  # the next year
        (date(2028, 7, 6), False),  # past what is known
    ],
)
def test_is_ecole(jour, is_ecole):
    assert CALENDRIER.is_ecole(jour) is is_ecole


def test_is_ecole_follows_the_weekdays_of_the_year():
    with_mercredi = Calendrier((replace(ANNEE_2026, jours=frozenset({0, 1, 2, 3, 4})),))

    assert with_mercredi.is_ecole(date(2026, 9, 2))
    assert not with_mercredi.is_ecole(date(2026, 9, 5))


@pytest.mark.parametrize(
    ("jour", "is_ouvre"),
    [
        (date(2026, 11, 10), True),
        (date(2026, 11, 11), False),  # public holiday
        (date(2026, 11, 14), False),  # Saturday
        (date(2026, 11, 15), False),  # Sunday
        (date(2026, 12, 23), True),  # school holidays count
        (date(2026, 12, 25), False),
        (date(2026, 9, 2), True),  # Wednesday
    ],
)
def test_is_ouvre_counts_school_holidays_but_not_public_ones(jour, is_ouvre):
    assert CALENDRIER.is_ouvre(jour) is is_ouvre


@pytest.mark.parametrize(
    ("jour", "n", "attendu"),
    [
        (date(2026, 12, 8), 1, date(2026, 12, 7)),
        (date(2026, 12, 7), 1, date(2026, 12, 4)),  # over the week-end
        (date(2026, 12, 3), 1, date(2026, 12, 1)),  # over Wednesday
        (date(2027, 1, 4), 1, date(2026, 12, 18)),  # over the holidays
        (date(2027, 1, 4), 2, date(2026, 12, 17)),
        (date(2027, 1, 5), 2, date(2026, 12, 18)),  # the holidays in the middle
        (date(2026, 12, 25), 1, date(2026, 12, 18)),  # from within the holidays
        (date(2026, 11, 12), 1, date(2026, 11, 10)),  # over a public holiday
        (date(2027, 3, 30), 1, date(2027, 3, 26)),  # over Easter Monday
        (date(2027, 9, 1), 1, date(2027, 7, 2)),  # from one year into the one before
        (date(2026, 9, 3), 1, date(2026, 9, 1)),
        (date(2026, 9, 1), 1, date(2026, 8, 31)),  # before the first day known: calendar days
        (date(2026, 9, 1), 3, date(2026, 8, 29)),  # a Saturday
        (date(2026, 9, 3), 2, date(2026, 8, 31)),
        (date(2026, 9, 3), 4, date(2026, 8, 29)),
        (date(2026, 9, 3), 0, date(2026, 9, 3)),
    ],
)
def test_ecole_avant(jour, n, attendu):
    assert CALENDRIER.ecole_avant(jour, n) == attendu


@pytest.mark.parametrize(
    ("jour", "n", "attendu"),
    [
        (date(2026, 12, 8), 1, date(2026, 12, 7)),
        (date(2026, 12, 7), 1, date(2026, 12, 4)),
        (date(2026, 12, 7), 2, date(2026, 12, 3)),
        (date(2026, 12, 3), 1, date(2026, 12, 2)),  # Wednesday counts
        (date(2026, 11, 12), 1, date(2026, 11, 10)),
        (date(2027, 1, 4), 1, date(2026, 12, 31)),  # 1 January is a Friday
        (date(2026, 12, 28), 1, date(2026, 12, 24)),
        (date(2026, 9, 1), 2, date(2026, 8, 28)),
    ],
)
def test_ouvre_avant(jour, n, attendu):
    assert CALENDRIER.ouvre_avant(jour, n) == attendu


@pytest.mark.parametrize(
    ("jour", "attendu"),
    [
        (date(2026, 8, 1), date(2026, 9, 1)),
        (date(2026, 12, 7), date(2026, 12, 8)),
        (date(2026, 12, 18), date(2027, 1, 4)),
        (date(2027, 7, 2), date(2027, 9, 2)),  # 1 September 2027 is a Wednesday
        (date(2028, 7, 4), None),
    ],
)
def test_ecole_apres(jour, attendu):
    assert CALENDRIER.ecole_apres(jour) == attendu


def test_jours_ecole_of_a_week_and_of_the_year():
    assert list(CALENDRIER.jours_ecole(date(2026, 11, 9), date(2026, 11, 15))) == [
        date(2026, 11, 9),
        date(2026, 11, 10),
        date(2026, 11, 12),
        date(2026, 11, 13),
    ]
    assert len(list(CALENDRIER.jours_ecole(ANNEE_2026.debut, ANNEE_2026.fin))) == 139
    assert list(CALENDRIER.jours_ecole(date(2026, 11, 12), date(2026, 11, 9))) == []


def test_annee_holds_its_first_and_last_day():
    assert CALENDRIER.annee(date(2026, 9, 1)) == ANNEE_2026
    assert CALENDRIER.annee(date(2027, 7, 2)) == ANNEE_2026
    assert CALENDRIER.annee(date(2027, 7, 3)) is None
    assert CALENDRIER.annee(date(2027, 9, 1)) == ANNEE_2027


def test_vacances_holds_its_first_and_last_day():
    noel = Periode("Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3))

    assert CALENDRIER.vacances(date(2026, 12, 18)) is None
    assert CALENDRIER.vacances(date(2026, 12, 19)) == noel
    assert CALENDRIER.vacances(date(2027, 1, 3)) == noel
    assert CALENDRIER.vacances(date(2027, 1, 4)) is None
    assert CALENDRIER.vacances(date(2027, 8, 1)) is None


def test_is_open_from_the_very_day():
    assert not ANNEE_2026.is_open(date(2026, 5, 31))
    assert ANNEE_2026.is_open(date(2026, 6, 1))
    assert not ANNEE_2027.is_open(date(2027, 12, 1))  # the town hall has chosen no day


def test_calendrier_without_year_has_no_school_and_counts_calendar_days():
    vide = Calendrier(())

    assert not vide.is_ecole(date(2026, 12, 7))
    assert vide.annee(date(2026, 12, 7)) is None
    assert vide.ecole_avant(date(2026, 12, 7), 2) == date(2026, 12, 5)
    assert vide.ecole_apres(date(2026, 12, 7)) is None


@given(JOURS, st.integers(1, 60))
def test_ecole_avant_is_a_school_day_or_before_the_first_known(jour, n):
    avant = CALENDRIER.ecole_avant(jour, n)

    assert avant < jour
    assert CALENDRIER.is_ecole(avant) or avant < ANNEE_2026.debut


@given(JOURS, st.integers(1, 30), st.integers(1, 30))
def test_ecole_avant_and_ouvre_avant_add_up(jour, n, m):
    assert CALENDRIER.ecole_avant(CALENDRIER.ecole_avant(jour, n), m) == CALENDRIER.ecole_avant(jour, n + m)
    assert CALENDRIER.ouvre_avant(CALENDRIER.ouvre_avant(jour, n), m) == CALENDRIER.ouvre_avant(jour, n + m)


@given(JOURS, st.integers(1, 60))
def test_ouvre_avant_has_n_working_days_up_to_the_eve(jour, n):
    avant = CALENDRIER.ouvre_avant(jour, n)

    jours = [avant + timedelta(days=i) for i in range((jour - avant).days)]
    assert sum(CALENDRIER.is_ouvre(j) for j in jours) == n
    assert CALENDRIER.is_ouvre(avant)


@given(st.sampled_from(list(CALENDRIER.jours_ecole(ANNEE_2026.debut, ANNEE_2027.fin))[1:]))
def test_ecole_apres_and_ecole_avant_are_neighbours(jour):
    assert CALENDRIER.ecole_apres(CALENDRIER.ecole_avant(jour, 1)) == jour


@given(st.dates(date(2000, 1, 1)))
def test_lundi_is_the_monday_of_the_week(jour):
    assert lundi(jour).weekday() == 0
    assert 0 <= (jour - lundi(jour)).days < 7


@pytest.mark.parametrize(
    ("mois", "lundis"),
    [
        (date(2026, 8, 1), []),  # 31 August is before the first day
        (date(2026, 9, 1), [date(2026, 8, 31), *(date(2026, 9, jour) for jour in (7, 14, 21, 28))]),
        (date(2026, 12, 1), [date(2026, 11, 30), *(date(2026, 12, jour) for jour in (7, 14, 21, 28))]),
        (date(2027, 5, 1), [date(2027, 5, jour) for jour in (3, 10, 17, 24, 31)]),  # begins on a Saturday
        (date(2027, 7, 1), [date(2027, 6, 28)]),  # until the last day
        (date(2029, 1, 1), []),
    ],
)
def test_semaines_of_a_month_have_a_weekday_of_school_in_it(mois, lundis):
    semaines = list(CALENDRIER.semaines(mois))

    assert [semaine[0] for semaine in semaines] == lundis
    assert all([jour.weekday() for jour in semaine] == [0, 1, 3, 4] for semaine in semaines)
