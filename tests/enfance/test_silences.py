"""A deadline that fell while the portal did not answer: by how much it moves, how far, and the words."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enfance.silences import Silence, duree_texte, report, reunis
from portail.dates import PARIS
from tests.reading import plain

JOUR = datetime(2026, 12, 1, tzinfo=PARIS).date()
LOIN = datetime(2027, 1, 1, tzinfo=PARIS)


def at(heure, minute=0, jour=1):
    return datetime(2026, 12, jour, heure, minute, tzinfo=PARIS)


PANNE = Silence(at(11, 20), at(12, 10))


@pytest.mark.parametrize(
    ("limite", "devient"),
    [
        (at(12), at(12, 50)),
        (at(12, 10), at(13)),  # its last minute was lost
        (at(11, 20), None),  # the portal answered until then
        (at(12, 11), None),
        (at(11), None),
    ],
)
def test_deadline_moves_by_the_length_of_the_silence(limite, devient):
    moved = report(limite, [PANNE], jamais_apres=LOIN)

    assert (moved and moved.apres) == devient


def test_never_past_the_beginning_nor_an_order_that_has_left():
    assert report(at(12), [PANNE], jamais_apres=at(12, 30)).apres == at(12, 30)
    assert report(at(12), [PANNE], jamais_apres=min(at(16), at(12))) is None
    assert report(at(12), [PANNE], jamais_apres=at(9)) is None  # it was later already: it stays


def test_several_silences_in_a_row():
    encore = Silence(at(12, 30), at(13))

    moved = report(at(12), reunis([encore, PANNE]), jamais_apres=LOIN)

    assert (moved.apres, moved.silences) == (at(13, 20), (PANNE, encore))


def test_no_minute_counts_twice():
    assert reunis([Silence(at(11, 40), at(12)), PANNE, Silence(at(12, 10), at(12, 20))]) == (
        Silence(at(11, 20), at(12, 20)),
    )


def test_night_when_the_hour_changes():
    panne = Silence(datetime(2026, 10, 24, 23, tzinfo=PARIS), datetime(2026, 10, 25, 4, tzinfo=PARIS))

    assert panne.duree == timedelta(hours=6)
    limite = datetime(2026, 10, 25, 0, tzinfo=PARIS)
    assert report(limite, [panne], jamais_apres=LOIN).apres == datetime(2026, 10, 25, 5, tzinfo=PARIS)


def test_in_words():
    moved = report(at(12), [PANNE], jamais_apres=LOIN)

    assert plain(moved.phrase_on(JOUR)) == (
        "limite reportée à 12 h 50 : le portail n’a pas répondu de 11 h 20 à 12 h 10"
    )
    assert plain(moved.phrase_on(JOUR + timedelta(days=1))) == (
        "limite reportée au mardi 1er décembre, 12 h 50 : le portail n’a pas répondu mardi 1er décembre de 11 h 20 à "
        "12 h 10"
    )
    assert plain(Silence(at(23), at(1, jour=2)).phrase) == "du mardi 1er décembre, 23 h, au mercredi 2 décembre, 1 h"
    assert [plain(duree_texte(timedelta(minutes=n))) for n in (1, 50, 65, 120)] == [
        "1 minute",
        "50 minutes",
        "1 h 05",
        "2 h",
    ]


INSTANTS = st.integers(0, 14 * 24 * 60).map(
    lambda minutes: datetime(2026, 10, 20, tzinfo=UTC) + timedelta(minutes=minutes)
)
SILENCES = st.lists(
    st.tuples(INSTANTS, st.integers(1, 3000)).map(lambda dit: Silence(dit[0], dit[0] + timedelta(minutes=dit[1]))),
    max_size=6,
)


@given(INSTANTS, SILENCES, st.integers(-2000, 9000))
def test_no_deadline_gets_earlier_nor_passes_its_bound(limite, silences, apres):
    borne = limite + timedelta(minutes=apres)

    moved = report(limite.astimezone(PARIS), reunis(silences), jamais_apres=borne)

    devient = moved.apres if moved else limite
    assert limite <= devient <= max(limite, borne)
    assert devient - limite <= sum((silence.duree for silence in reunis(silences)), timedelta())
    inside = any(silence.du < limite <= silence.au for silence in silences)
    assert (devient > limite) == (inside and borne > limite)


@given(INSTANTS, SILENCES, SILENCES)
def test_one_silence_more_makes_no_deadline_earlier(limite, silences, autres):
    avant = report(limite, reunis(silences), jamais_apres=LOIN)
    apres = report(limite, reunis([*silences, *autres]), jamais_apres=LOIN)

    assert (apres.apres if apres else limite) >= (avant.apres if avant else limite)
