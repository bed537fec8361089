"""What taps amount to, in whichever order they came; the créneau of the hour; how late a child left."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enfance.equipe.appel import (
    Instant,
    PassageEnfant,
    decalage_retenu,
    heure_du,
    instant_retenu,
    moment_proche,
    rejouer,
    retard,
    vient_a_temps,
)
from portail.dates import PARIS
from tests.enfance.equipe.appel import DEMAIN, JEUDI, NOW, Heures, Tap, at, parti, present


def seen(hour, minute=0):
    return Instant(at(hour, minute), NOW)


@pytest.mark.parametrize(
    ("gestes", "passage"),
    [
        ([], PassageEnfant()),
        ([present(16, 31)], PassageEnfant(seen(16, 31))),
        ([present(16, 31), present(16, 40)], PassageEnfant(seen(16, 31))),  # the other phone had not seen it yet
        ([present(16, 31), present(16, 32, False)], PassageEnfant()),
        ([present(16, 31), present(16, 32, False), present(16, 50)], PassageEnfant(seen(16, 50))),
        ([present(16, 32, False)], PassageEnfant()),
        ([present(16, 31), parti(17, 5)], PassageEnfant(seen(16, 31), seen(17, 5))),
        ([parti(17, 5)], PassageEnfant(None, seen(17, 5))),  # gone and never there: it is asked
        ([parti(17, 5), present(17, 6, False)], PassageEnfant()),
        ([parti(17, 5), parti(17, 6, False)], PassageEnfant()),  # « n’est pas venu »
        ([parti(17, 5), parti(17, 6, False), present(17, 6)], PassageEnfant(seen(17, 6))),  # « est là »
        ([parti(17, 5), parti(17, 9)], PassageEnfant(None, seen(17, 5))),
        ([present(16, 31), parti(17, 5), parti(17, 6, False)], PassageEnfant(seen(16, 31))),
        ([parti(17, 6, False)], PassageEnfant()),
        ([present(16, 31), parti(17, 5), parti(17, 9)], PassageEnfant(seen(16, 31), seen(17, 5))),
        ([present(16, 31), parti(17, 5), present(17, 6, False)], PassageEnfant()),  # who was not there did not leave
        # « Présent » brushed after the departure: either box ticked again at once gives the former hours back
        (
            [present(16, 31), parti(17, 5), present(18, 49, False), present(18, 50)],
            PassageEnfant(seen(16, 31), seen(17, 5)),
        ),
        (
            [present(16, 31), parti(17, 5), present(18, 49, False), parti(18, 50)],
            PassageEnfant(seen(16, 31), seen(17, 5)),
        ),
        (
            [present(16, 31), parti(17, 5), present(18, 48, False), present(18, 49, False), parti(18, 50)],
            PassageEnfant(seen(16, 31), seen(17, 5)),
        ),
        (
            [present(16, 31), parti(17, 5), present(18, 48, False), parti(18, 49, False), present(18, 50)],
            PassageEnfant(seen(16, 31), seen(17, 5)),
        ),
        # more than ten minutes later the child comes, as one whose line was tapped for another's
        ([present(16, 31), parti(16, 32), present(16, 33, False), present(16, 44)], PassageEnfant(seen(16, 44))),
        (
            [present(16, 31), parti(16, 32), present(16, 33, False), present(16, 44), parti(18, 20)],
            PassageEnfant(seen(16, 44), seen(18, 20)),
        ),
        # unless « Parti » follows as soon: it was the finger, seen late
        (
            [present(16, 31), parti(17, 5), present(18, 30, False), present(18, 50), parti(18, 51)],
            PassageEnfant(seen(16, 31), seen(17, 5)),
        ),
        (
            [present(16, 31), parti(17, 5), present(18, 10, False), parti(18, 50)],
            PassageEnfant(seen(16, 31), seen(17, 5)),
        ),
        # one who is still there after all leaves at the hour when they do
        (
            [present(16, 31), parti(17, 5), parti(17, 6, False), parti(18, 50)],
            PassageEnfant(seen(16, 31), seen(18, 50)),
        ),
        (
            [present(16, 31), parti(17, 5), present(17, 6, False), present(17, 7), parti(17, 8, False), parti(18, 50)],
            PassageEnfant(seen(16, 31), seen(18, 50)),
        ),
        ([parti(17, 5), present(17, 30)], PassageEnfant(seen(17, 5), seen(17, 5))),
    ],
)
def test_rejouer_tells_the_state_whatever_the_order(gestes, passage):
    assert {rejouer(ordre, JEUDI) for ordre in permutations(gestes)} == {passage}


def written(quoi, heure=None, coche=True, a=DEMAIN, motif="Erreur"):
    return Tap(quoi, coche, a, heure=heure, motif=motif)


UNKNOWN = Instant(None, NOW)


@pytest.mark.parametrize(
    ("gestes", "passage"),
    [
        # what is written takes the place of what was tapped, earlier or later
        ([present(16, 31), parti(17, 50), written("parti", at(17, 20))], PassageEnfant(seen(16, 31), seen(17, 20))),
        ([present(16, 31), parti(17, 50), written("parti", at(18, 5))], PassageEnfant(seen(16, 31), seen(18, 5))),
        ([present(16, 31), written("present", at(16, 45))], PassageEnfant(seen(16, 45))),
        ([present(16, 31), written("parti", at(17, 20), motif="")], PassageEnfant(seen(16, 31), seen(17, 20))),
        (
            [parti(17, 50), written("parti", at(17, 20)), written("parti", at(17, 35), a=DEMAIN + timedelta(hours=1))],
            PassageEnfant(UNKNOWN, seen(17, 35)),
        ),
        # unticked by a finger, then written: what is written stands, nothing comes back with it
        (
            [present(16, 31), parti(17, 5), present(17, 6, False), written("present")],
            PassageEnfant(UNKNOWN),
        ),
        # ticked afterwards without an hour: it happened, nobody knows when
        ([written("present")], PassageEnfant(UNKNOWN)),
        ([written("parti")], PassageEnfant(UNKNOWN, UNKNOWN)),
        ([present(16, 31), written("parti")], PassageEnfant(seen(16, 31), UNKNOWN)),
        ([present(16, 31), written("parti", motif="")], PassageEnfant(seen(16, 31), UNKNOWN)),  # the next day
        ([present(16, 31), written("parti", a=at(19))], PassageEnfant(seen(16, 31), UNKNOWN)),  # the same evening
        # who leaves was there, nobody knows since when
        ([written("parti", at(17, 20))], PassageEnfant(UNKNOWN, seen(17, 20))),
        # the hour of the gate stands as long as nobody writes another one
        ([present(16, 31), parti(17, 50), written("parti")], PassageEnfant(seen(16, 31), seen(17, 50))),
        # unticked then ticked again, it is not known any more
        (
            [
                present(16, 31),
                parti(17, 50),
                written("parti", coche=False),
                written("parti", a=DEMAIN + timedelta(hours=1)),
            ],
            PassageEnfant(seen(16, 31), UNKNOWN),
        ),
        # a phone that had no network says that the child came after the hour written of its leaving
        ([present(17, 40), written("parti", at(17, 20))], PassageEnfant(seen(17, 20), seen(17, 20))),
    ],
)
def test_rejouer_takes_what_was_written_afterwards(gestes, passage):
    assert {rejouer(ordre, JEUDI) for ordre in permutations(gestes)} == {passage}


@pytest.mark.parametrize(
    ("gestes", "passage"),
    [
        ([parti(17, 5)], PassageEnfant(seen(16, 31))),
        ([present(17, 5, False)], PassageEnfant(seen(16, 31))),
        ([parti(17, 5), present(17, 6, False)], PassageEnfant(seen(16, 31), seen(17, 5))),
        ([parti(17, 5), parti(17, 6, False)], PassageEnfant(seen(16, 31), seen(17, 5))),
    ],
)
def test_rejouer_leaves_out_a_tap_that_another_one_undoes(gestes, passage):
    """The last one is undone, whichever of the two is heard first."""
    faits = [Tap(g.quoi, g.coche, g.fait_le, id=UUID(int=rang)) for rang, g in enumerate([present(16, 31), *gestes], 1)]
    annule = Tap("annule", True, at(18, 50), id=UUID(int=9), cible=faits[-1].id)
    assert {rejouer(ordre, JEUDI) for ordre in permutations([*faits, annule])} == {passage}
    autre = Tap("annule", True, at(18, 50), id=UUID(int=9), cible=UUID(int=8))  # of nobody’s tap
    assert rejouer([*faits, autre], JEUDI) == rejouer(faits, JEUDI)


def test_rejouer_settles_the_same_instant_by_receipt_then_number():
    first = Tap("present", True, at(16, 31), NOW, UUID(int=2))
    later = Tap("present", False, at(16, 31), NOW + timedelta(seconds=1), UUID(int=1))
    twin = Tap("present", False, at(16, 31), NOW, UUID(int=3))
    assert rejouer([later, first], JEUDI) == rejouer([twin, first], JEUDI) == PassageEnfant()


@pytest.mark.parametrize(
    ("fait_le", "recu_le", "retenu"),
    [
        (at(16, 31), at(17), at(16, 31)),
        (at(17), at(17), at(17)),
        (at(19), at(17), at(17)),  # a clock ahead
        (datetime(2026, 12, 9, 23, 59, tzinfo=PARIS), at(17), at(17)),  # a clock behind
        (datetime(2000, 1, 1, tzinfo=UTC), at(17), at(17)),
        (datetime(2026, 12, 10, tzinfo=PARIS), at(17), datetime(2026, 12, 10, tzinfo=PARIS)),
        (at(16, 31), at(17) + timedelta(days=3), at(16, 31)),  # it waited for the network
        (datetime(2026, 12, 9, 23, 59, tzinfo=PARIS), at(17) + timedelta(days=1), None),  # nobody knows the hour
    ],
)
def test_instant_retenu_is_bounded_by_the_day_and_by_receipt(fait_le, recu_le, retenu):
    assert instant_retenu(fait_le, JEUDI, recu_le) == retenu


def seconds(n):
    return timedelta(seconds=n)


@pytest.mark.parametrize(
    ("mesure", "connu", "retenu"),
    [
        (seconds(0.3), None, seconds(0.3)),
        (seconds(-420), None, seconds(-420)),  # seven minutes fast
        (seconds(-405), seconds(-420), seconds(-420)),  # the network was slow
        (seconds(30), seconds(0), seconds(0)),
        (seconds(31), seconds(0), seconds(31)),  # no sending waits so long: somebody set the clock
        (seconds(0), seconds(-420), seconds(0)),
    ],
)
def test_decalage_follows_the_clock_and_not_the_network(mesure, connu, retenu):
    assert decalage_retenu(mesure, connu) == retenu


SENDINGS = st.lists(
    st.tuples(
        st.lists(st.floats(0, 20), min_size=1, max_size=4),  # seconds from one tap to the next
        st.floats(0, 15),  # on the way: a phone gives up after that
    ),
    min_size=1,
    max_size=8,
)


@given(ecart=st.floats(-3600, 3600), envois=SENDINGS)
def test_wrong_clock_turns_no_taps_around_and_tells_their_hours(ecart, envois):
    """A phone `ecart` seconds slow, which taps while a sending is on its way: the next one leaves once it arrived."""
    vrai, recu, connu, retenus = at(17), at(17), None, []
    for pauses, trajet in envois:
        taps = [vrai := vrai + seconds(pause) for pause in pauses]
        recu = max(vrai, recu) + seconds(trajet)
        connu = decalage_retenu(recu - (recu - seconds(trajet) - seconds(ecart)), connu)
        retenus += [(tap, instant_retenu(tap - seconds(ecart) + connu, JEUDI, recu)) for tap in taps]
    assert [instant for _, instant in retenus] == sorted(instant for _, instant in retenus)
    assert max(abs(instant - tap) for tap, instant in retenus) <= seconds(15.001)


@pytest.mark.parametrize(
    ("fait_le", "recu_le", "a_temps"),
    [
        (at(18, 29), at(18, 31), True),  # it waited for the network
        (at(18, 30), at(18, 31), True),
        (at(18, 31), at(18, 32), False),  # made after the sheet was closed
        (at(18, 29), at(18, 30) + timedelta(hours=12), True),
        (at(18, 29), at(18, 30) + timedelta(hours=12, seconds=1), False),
    ],
)
def test_tap_on_a_closed_sheet_comes_in_time_half_a_day_at_most(fait_le, recu_le, a_temps):
    assert vient_a_temps(fait_le, recu_le, clos_le=at(18, 30)) == a_temps


@pytest.mark.parametrize(
    ("heure", "attendu"),
    [
        (time(0), time(7, 30)),
        (time(8, 30), time(7, 30)),
        (time(9, 59), time(7, 30)),
        (time(10), time(11, 30)),  # as near to one as to the other: the one that comes
        (time(12), time(11, 30)),
        (time(14, 59), time(11, 30)),
        (time(15), time(16, 30)),
        (time(18, 42), time(16, 30)),  # somebody is late
        (time(23, 59), time(16, 30)),
    ],
)
def test_moment_proche_is_the_one_of_the_hour(heure, attendu):
    jour = [Heures(time(7, 30), time(8, 30)), Heures(time(11, 30), time(13, 30)), Heures(time(16, 30), time(18, 30))]
    assert moment_proche(jour, heure).debut == attendu


def test_moment_proche_of_no_moment_is_none():
    assert moment_proche([], time(12)) is None


@pytest.mark.parametrize(
    ("depart", "phrase"),
    [
        (None, ""),
        (at(18, 30), ""),
        (at(18, 30) + timedelta(seconds=59), ""),
        (at(18, 31), "Départ à 18\u00a0h\u00a031, 1\u00a0minute après la fin"),
        (at(18, 42), "Départ à 18\u00a0h\u00a042, 12\u00a0minutes après la fin"),
        (at(18, 42) + timedelta(days=1), ""),  # tapped on another day, which tells no hour of this one
    ],
)
def test_retard_is_said_in_minutes(depart, phrase):
    assert retard(depart, JEUDI, time(18, 30)) == phrase


def test_heure_du_is_that_of_paris():
    assert heure_du(datetime(2026, 12, 10, 15, 55, tzinfo=UTC), JEUDI) == "16\u00a0h\u00a055"
