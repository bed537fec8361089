"""Deadlines: the instant of six kinds of rule, as real communes set them, and each of their sentences."""

import csv
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enfance.calendrier import Calendrier
from enfance.delais import Delai, Genre, avant_phrase, delai_phrase, instant_phrase, is_proche, limite
from portail.dates import PARIS
from tests.enfance.annees import ANNEE_2026, CALENDRIER
from tests.reading import plain

LUN, MAR, MER, JEU, VEN, SAM, DIM = range(7)
MIDI, MINUIT = time(12), time(0)
VAILHAUQUES = {LUN: VEN, MAR: VEN, JEU: MAR, VEN: MAR}


def ecole(n, heure=MIDI):
    return Delai(Genre.JOURS_ECOLE, heure, nombre=n)


def ouvres(n, heure=MIDI):
    return Delai(Genre.JOURS_OUVRES, heure, nombre=n)


def jours(n, heure=MIDI):
    return Delai(Genre.JOURS, heure, nombre=n)


def semaine(n, jour, heure=MIDI):
    return Delai(Genre.SEMAINE, heure, nombre=n, jour_semaine=jour)


def mois(jour, heure=MIDI):
    return Delai(Genre.MOIS, heure, jour_mois=jour)


def groupes(par_jour, heure=MIDI):
    return Delai(Genre.GROUPES, heure, groupes=par_jour)


def paris(*args, fold=0):
    return datetime(*args, tzinfo=PARIS, fold=fold)


# --- The rules of real communes -------------------------------------------------------------------------------------

NOMS = {"lun": LUN, "mar": MAR, "mer": MER, "jeu": JEU, "ven": VEN, "sam": SAM, "dim": DIM}
with Path(__file__).with_name("regles-communes.csv").open(encoding="utf-8", newline="") as lignes:
    COMMUNES = list(csv.DictReader(lignes, delimiter=";"))


def commune_delai(genre: str, parametres: str) -> Delai:
    champs = dict(parametre.split("=") for parametre in parametres.split())
    if genre == Genre.GROUPES:
        limites = {NOMS[jour]: voulu.split("@") for jour, voulu in champs.items()}
        (heure,) = {heure for _, heure in limites.values()}
        return groupes({jour: NOMS[voulu] for jour, (voulu, _) in limites.items()}, time.fromisoformat(heure))
    jour = champs.get("jour", "1")
    return Delai(
        Genre(genre),
        time.fromisoformat(champs["h"]),
        nombre=int(champs.get("n", 0)),
        jour_semaine=NOMS.get(jour, 0),
        jour_mois=int(jour) if jour.isdecimal() else 1,
    )


@pytest.mark.parametrize("ligne", COMMUNES, ids=[f"{ligne['commune']}, {ligne['regle']}" for ligne in COMMUNES])
def test_limite_is_that_of_the_commune(ligne):
    fin = limite(date.fromisoformat(ligne["jour"]), commune_delai(ligne["genre"], ligne["parametres"]), CALENDRIER)

    assert fin == datetime.fromisoformat(ligne["limite"]).replace(tzinfo=PARIS)
    assert datetime.fromisoformat(ligne["ouvert_a"]).replace(tzinfo=PARIS) < fin  # open strictly before
    assert not datetime.fromisoformat(ligne["ferme_a"]).replace(tzinfo=PARIS) < fin


def test_communes_cover_every_kind():
    assert {ligne["genre"] for ligne in COMMUNES} == set(Genre), "a kind has no line in regles-communes.csv"


# --- Each kind ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delai", "jour", "attendu"),
    [
        # School days: over Wednesday, week-ends, holidays and public holidays.
        (ecole(2), date(2027, 1, 5), paris(2026, 12, 18, 12)),
        (ecole(1), date(2026, 11, 12), paris(2026, 11, 10, 12)),
        (ecole(1), date(2027, 5, 10), paris(2027, 5, 4, 12)),  # over the bridge and Wednesday
        (ecole(1), date(2026, 9, 1), paris(2026, 8, 31, 12)),  # before the first known, calendar days
        (ecole(5), date(2026, 9, 1), paris(2026, 8, 27, 12)),
        (ecole(1), date(2027, 9, 2), paris(2027, 7, 2, 12)),  # the last of the year before
        # Working days: holidays count, public holidays do not.
        (ouvres(1), date(2027, 1, 4), paris(2026, 12, 31, 12)),
        (ouvres(1), date(2027, 3, 30), paris(2027, 3, 26, 12)),
        (ouvres(3), date(2026, 11, 13), paris(2026, 11, 9, 12)),
        # Calendar days: nothing is skipped.
        (jours(1), date(2026, 11, 30), paris(2026, 11, 29, 12)),
        (jours(0, time(7)), date(2026, 11, 30), paris(2026, 11, 30, 7)),
        (jours(3), date(2027, 1, 4), paris(2027, 1, 1, 12)),
        (jours(1, MINUIT), date(2026, 12, 1), paris(2026, 11, 30)),
        # A weekday of an earlier week, in the holidays if need be.
        (semaine(1, JEU), date(2027, 1, 4), paris(2026, 12, 31, 12)),
        (semaine(1, DIM), date(2026, 12, 7), paris(2026, 12, 6, 12)),
        (semaine(1, LUN), date(2026, 12, 11), paris(2026, 11, 30, 12)),
        (semaine(2, VEN), date(2026, 12, 7), paris(2026, 11, 27, 12)),
        (semaine(1, MAR, time(23, 59)), date(2026, 12, 7), paris(2026, 12, 1, 23, 59)),
        # A day of the month before, its last when it is shorter.
        (mois(31), date(2027, 3, 1), paris(2027, 2, 28, 12)),
        (mois(29), date(2028, 3, 31), paris(2028, 2, 29, 12)),
        (mois(30), date(2027, 3, 15), paris(2027, 2, 28, 12)),
        (mois(31), date(2026, 12, 31), paris(2026, 11, 30, 12)),
        (mois(31), date(2027, 1, 31), paris(2026, 12, 31, 12)),
        (mois(1), date(2027, 1, 4), paris(2026, 12, 1, 12)),
        # The last given weekday before.
        (groupes(VAILHAUQUES), date(2026, 12, 7), paris(2026, 12, 4, 12)),
        (groupes(VAILHAUQUES), date(2026, 12, 10), paris(2026, 12, 8, 12)),
        (groupes({LUN: LUN}), date(2026, 12, 7), paris(2026, 11, 30, 12)),  # never the day itself
        (groupes({LUN: DIM}), date(2026, 12, 7), paris(2026, 12, 6, 12)),
        (groupes({LUN: MAR}), date(2026, 12, 7), paris(2026, 12, 1, 12)),
        (groupes(VAILHAUQUES), date(2026, 12, 9), paris(2026, 12, 4, 12)),  # Wednesday, not named: as Tuesday
    ],
)
def test_limite_of_each_kind(delai, jour, attendu):
    fin = limite(jour, delai, CALENDRIER)

    assert fin == attendu
    assert fin.tzinfo == PARIS


@pytest.mark.parametrize(
    ("heure", "jour", "instant"),
    [
        # VAL-03: the night that has two 2 o'clock: the first
        (time(1, 59), date(2026, 10, 25), datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),
        (time(2), date(2026, 10, 25), datetime(2026, 10, 25, 0, 0, tzinfo=UTC)),
        (time(2, 30), date(2026, 10, 25), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (time(3), date(2026, 10, 25), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
        (MIDI, date(2026, 10, 24), datetime(2026, 10, 24, 10, 0, tzinfo=UTC)),
        (MIDI, date(2026, 10, 25), datetime(2026, 10, 25, 11, 0, tzinfo=UTC)),
        # the night that has none: one hour later
        (time(1, 59), date(2027, 3, 28), datetime(2027, 3, 28, 0, 59, tzinfo=UTC)),
        (time(2), date(2027, 3, 28), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        (time(2, 30), date(2027, 3, 28), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        (time(3), date(2027, 3, 28), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        (MIDI, date(2027, 3, 27), datetime(2027, 3, 27, 11, 0, tzinfo=UTC)),
        (MIDI, date(2027, 3, 28), datetime(2027, 3, 28, 10, 0, tzinfo=UTC)),
    ],
)
def test_limite_on_the_days_that_change_time(heure, jour, instant):
    assert limite(jour, jours(0, heure), CALENDRIER).astimezone(UTC) == instant
    assert limite(jour + timedelta(days=1), jours(1, heure), CALENDRIER).astimezone(UTC) == instant


def test_limite_of_a_missing_hour_is_read_one_hour_later():
    assert limite(date(2027, 3, 28), jours(0, time(2, 30)), CALENDRIER).time() == time(3, 30)


def test_limite_without_any_year_known_counts_calendar_days():
    assert limite(date(2026, 12, 7), ecole(1), Calendrier(())) == paris(2026, 12, 6, 12)


def test_limite_of_every_kind_for_any_date_even_without_school():
    delais = [ecole(1), ouvres(1), jours(0), semaine(1, JEU), mois(20), groupes(VAILHAUQUES)]
    assert {delai.genre for delai in delais} == set(Genre), "a kind is not tried here; see DELAIS and its sentence too"
    for delai in delais:
        for jour in (date(2026, 7, 14), date(2026, 12, 26), date(2027, 8, 15), date(2030, 2, 28)):
            assert limite(jour, delai, CALENDRIER) < paris(jour.year, jour.month, jour.day, 23, 59)


# --- Properties -----------------------------------------------------------------------------------------------------

HEURES = st.times(max_value=time(23, 59))
DELAIS = st.one_of(
    st.builds(ecole, st.integers(1, 60), HEURES),
    st.builds(ouvres, st.integers(1, 60), HEURES),
    st.builds(jours, st.integers(0, 60), HEURES),
    st.builds(semaine, st.integers(1, 8), st.integers(0, 6), HEURES),
    st.builds(mois, st.integers(1, 31), HEURES),
)
GROUPES = st.builds(
    groupes, st.dictionaries(st.integers(0, 4), st.integers(0, 6), min_size=1), HEURES
)  # monotone only when the town writes them so
JOURS = st.dates(date(2026, 8, 1), date(2028, 7, 31))


@given(JOURS, st.one_of(DELAIS, GROUPES))
def test_limite_is_never_after_the_end_of_the_day(jour, delai):
    lendemain = datetime.combine(jour + timedelta(days=1), MINUIT, tzinfo=PARIS)

    assert limite(jour, delai, CALENDRIER).astimezone(UTC) < lendemain.astimezone(UTC)


@given(JOURS, st.one_of(DELAIS, GROUPES))
def test_limite_says_the_hour_of_the_rule_unless_it_is_missing(jour, delai):
    fin = limite(jour, delai, CALENDRIER)

    attendu = delai.heure
    if fin.date() == date(2027, 3, 28) and delai.heure.hour == 2:
        attendu = delai.heure.replace(hour=3)
    assert fin.time() == attendu


@pytest.mark.ci
@given(JOURS, st.integers(0, 40), DELAIS)
def test_limite_of_a_later_day_is_not_earlier(jour, ecart, delai):
    assert limite(jour, delai, CALENDRIER) <= limite(jour + timedelta(days=ecart), delai, CALENDRIER)


@given(JOURS, GROUPES)
def test_limite_of_a_named_weekday_is_one_to_seven_days_before(jour, delai):
    fin = limite(jour, delai, CALENDRIER).date()

    if jour.weekday() in delai.groupes:
        assert 1 <= (jour - fin).days <= 7
        assert fin.weekday() == delai.groupes[jour.weekday()]
    else:
        assert 2 <= (jour - fin).days <= 13


@given(JOURS, st.integers(1, 60), HEURES)
def test_limite_in_school_days_falls_on_one_or_before_the_first_known(jour, n, heure):
    fin = limite(jour, ecole(n, heure), CALENDRIER).date()

    assert CALENDRIER.is_ecole(fin) or fin < ANNEE_2026.debut


@given(JOURS, st.integers(1, 8), st.integers(0, 6))
def test_limite_by_week_is_the_same_for_the_whole_week(jour, n, jour_semaine):
    fins = {limite(jour - timedelta(days=jour.weekday() - i), semaine(n, jour_semaine), CALENDRIER) for i in range(7)}

    assert len(fins) == 1
    assert fins.pop().weekday() == jour_semaine


@given(JOURS, st.integers(1, 31))
def test_limite_by_month_is_in_the_month_before(jour, jour_mois):
    fin = limite(jour, mois(jour_mois), CALENDRIER)

    assert (fin.year * 12 + fin.month) == jour.year * 12 + jour.month - 1
    assert fin.day == jour_mois or (fin + timedelta(days=1)).day == 1


# --- In words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fin", "phrase"),
    [
        (paris(2026, 12, 4, 12), "vendredi 4 décembre, 12 h"),
        (paris(2026, 12, 1, 9), "mardi 1er décembre, 9 h"),
        (paris(2026, 12, 1, 23, 59), "mardi 1er décembre, 23 h 59"),
        (paris(2026, 12, 20), "samedi 19 décembre, minuit"),
        (paris(2027, 1, 1), "jeudi 31 décembre, minuit"),
        (paris(2026, 12, 1, 7, 30), "mardi 1er décembre, 7 h 30"),
        (datetime(2026, 12, 3, 11, tzinfo=UTC), "jeudi 3 décembre, 12 h"),
        (datetime(2026, 12, 3, 23, tzinfo=UTC), "jeudi 3 décembre, minuit"),
    ],
)
def test_instant_phrase(fin, phrase):
    assert plain(instant_phrase(fin)) == phrase


@pytest.mark.parametrize(
    ("fin", "phrase"),
    [
        (paris(2026, 12, 3, 12), "aujourd’hui, 12 h"),
        (paris(2026, 12, 4, 12), "demain, 12 h"),
        (paris(2026, 12, 5, 12), "samedi 5, 12 h"),
        (paris(2026, 12, 9, 12), "mercredi 9, 12 h"),
        (paris(2026, 12, 10, 12), "jeudi 10 décembre, 12 h"),  # a week away: the weekday alone would mislead
        (paris(2027, 1, 4, 12), "lundi 4 janvier, 12 h"),
        (paris(2026, 12, 4), "ce soir, minuit"),
        (paris(2026, 12, 5), "demain soir, minuit"),
        (paris(2026, 12, 6), "samedi 5, minuit"),
        (paris(2026, 12, 20), "samedi 19 décembre, minuit"),
        (paris(2026, 12, 2, 12), "mercredi 2 décembre, 12 h"),  # past
    ],
)
def test_avant_phrase_on_3_december(fin, phrase):
    assert plain(avant_phrase(fin, date(2026, 12, 3))) == phrase


@pytest.mark.parametrize(
    ("fin", "phrase"),
    [
        (paris(2026, 12, 1, 12), "demain, 12 h"),
        (paris(2026, 12, 2, 12), "mercredi 2 décembre, 12 h"),  # another month is named
        (paris(2026, 12, 1), "ce soir, minuit"),
    ],
)
def test_avant_phrase_at_the_end_of_a_month(fin, phrase):
    assert plain(avant_phrase(fin, date(2026, 11, 30))) == phrase


@pytest.mark.parametrize(
    ("fin", "proche"),
    [
        (paris(2026, 12, 3, 12), True),
        (paris(2026, 12, 4, 23, 59), True),
        (paris(2026, 12, 5), True),  # tomorrow at midnight
        (paris(2026, 12, 5, 0, 1), False),
        (paris(2026, 12, 9, 12), False),
    ],
)
def test_is_proche_today_or_tomorrow(fin, proche):
    assert is_proche(fin, date(2026, 12, 3)) is proche


@pytest.mark.parametrize(
    ("delai", "phrase"),
    [
        (ecole(1), "jusqu’au jour d’école précédent, 12 h"),
        (ecole(2, time(9, 30)), "jusqu’à 2 jours d’école avant, 9 h 30"),
        (ecole(1, MINUIT), "jusqu’à un jour d’école entier avant, minuit"),
        (ecole(3, MINUIT), "jusqu’à 3 jours d’école entiers avant, minuit"),
        (ouvres(1), "jusqu’à la veille, 12 h (le vendredi pour le lundi)"),
        (ouvres(2), "jusqu’à 2 jours avant, 12 h, week-ends et jours fériés non comptés"),
        (ouvres(1, MINUIT), "jusqu’à l’avant-veille, minuit (le jeudi pour le lundi)"),
        (ouvres(2, MINUIT), "jusqu’à 2 jours entiers avant, minuit, week-ends et jours fériés non comptés"),
        (jours(0, time(7)), "jusqu’au jour même, 7 h"),
        (jours(1, time(18)), "jusqu’à la veille, 18 h"),
        (jours(3), "jusqu’à 3 jours avant, 12 h"),
        (jours(0, MINUIT), "jusqu’à la veille, minuit"),
        (jours(1, MINUIT), "jusqu’à 2 jours avant, minuit"),
        (semaine(1, JEU), "jusqu’au jeudi de la semaine précédente, 12 h"),
        (semaine(1, MAR, time(23, 59)), "jusqu’au mardi de la semaine précédente, 23 h 59"),
        (semaine(2, JEU), "jusqu’au jeudi 2 semaines avant, 12 h"),
        (semaine(1, JEU, MINUIT), "jusqu’au mercredi de la semaine précédente, minuit"),
        (semaine(1, LUN, MINUIT), "jusqu’au dimanche 2 semaines avant, minuit"),
        (mois(20), "jusqu’au 20 du mois précédent, 12 h"),
        (mois(20, MINUIT), "jusqu’au 19 du mois précédent, minuit"),
        (mois(1), "jusqu’au 1er du mois précédent, 12 h"),
        (mois(2, MINUIT), "jusqu’au 1er du mois précédent, minuit"),
        (mois(1, MINUIT), "jusqu’à la veille du 1er du mois précédent, minuit"),
        (mois(31), "jusqu’au dernier jour du mois précédent, 12 h"),
        (mois(31, MINUIT), "jusqu’à l’avant-dernier jour du mois précédent, minuit"),
        (
            groupes(VAILHAUQUES, time(9)),
            "pour lundi et mardi, jusqu’au vendredi précédent, 9 h ; "
            "pour jeudi et vendredi, jusqu’au mardi précédent, 9 h",
        ),
        (groupes({LUN: JEU, MAR: JEU, JEU: JEU}), "pour lundi, mardi et jeudi, jusqu’au jeudi précédent, 12 h"),
        (groupes({LUN: VEN}, MINUIT), "pour lundi, jusqu’au jeudi précédent, minuit"),
        (groupes({JEU: LUN}, MINUIT), "pour jeudi, jusqu’au dimanche précédent, minuit"),
    ],
)
def test_delai_phrase(delai, phrase):
    assert plain(delai_phrase(delai)) == phrase


def test_phrases_keep_together_what_must_not_break():
    assert delai_phrase(ouvres(1)) == "jusqu’à la veille, 12\u00a0h (le vendredi pour le lundi)"
    assert instant_phrase(paris(2026, 12, 4, 9, 30)) == "vendredi 4\u00a0décembre, 9\u00a0h\u00a030"
    assert "9\u00a0h\u202f; pour" in delai_phrase(groupes(VAILHAUQUES, time(9)))
