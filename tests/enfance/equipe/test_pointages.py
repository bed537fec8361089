"""The writer of the gate: each tap counts once, in any order; what is refused; sheets closed and opened again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enfance.equipe.appel import rejouer
from enfance.equipe.feuille import load_feuille
from enfance.equipe.pointages import GesteRecu, encore_la, enregistrer, rouvrir, terminer
from enfance.models import Appel, Enfant, Geste, Pointage, Scolarite
from tests.enfance.gate import JEUDI, NOW, at, state, tap
from tests.factories import AnneeFactory, EnfantFactory, StaffFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
HEURE_FAUSSE = "L’heure de cet appareil est fausse\u00a0: ce pointage est d’un autre jour."


@pytest.fixture
def agent():
    AnneeFactory()
    make_creneaux()
    return StaffFactory(first_name="Alix", last_name="Durand")


@pytest.fixture
def lea(agent):
    return make_enfant()


def pointer(agent, *gestes, now=NOW, jour=JEUDI, creneau="soir", **options):
    return enregistrer(gestes, jour, creneau, agent, now=now, **options)


def phrases(bilan):
    return [refus.phrase for refus in bilan.refus]


def test_tap_keeps_its_instant_and_that_of_receipt(agent, lea):
    geste = tap(lea, a=at(16, 31))
    bilan = pointer(agent, geste, now=at(16, 45))
    assert (bilan.recus, bilan.refus, bilan.avis) == ([geste.id], [], [])
    pointage = Pointage.objects.get()
    assert (pointage.arrivee, pointage.arrivee_recue) == (at(16, 31), at(16, 45))
    assert (Geste.objects.get().auteur, Geste.objects.get().pointage) == (agent, pointage)


def test_tap_sent_again_changes_nothing(agent, lea):
    geste = tap(lea, a=at(16, 31))
    pointer(agent, geste)
    pointer(agent, tap(lea, coche=False, a=at(16, 40)))
    bilan = pointer(agent, geste, geste, now=at(18))
    assert bilan.recus == [geste.id, geste.id]
    assert (state(lea), Geste.objects.count()) == ((False, None, None), 2)


def test_tap_twice_in_one_sending_counts_once(agent, lea):
    geste = tap(lea)
    assert pointer(agent, geste, geste).recus == [geste.id]
    assert Geste.objects.count() == 1


def test_leaving_without_having_come_is_asked_and_the_child_is_there_until_it_is_answered(agent, lea):
    pointer(agent, tap(lea, "parti", a=at(16, 50)))
    assert (state(lea), Pointage.objects.get().sans_arrivee) == ((True, None, None), at(16, 50))
    assert encore_la(JEUDI, "soir") == {lea.pk}
    pointer(agent, tap(lea, "present", a=at(16, 55)))  # « est venue, est repartie »
    assert (state(lea), Pointage.objects.get().sans_arrivee) == ((True, at(16, 50), at(16, 50)), None)
    assert encore_la(JEUDI, "soir") == set()


def test_arrival_that_waited_for_the_network_answers_what_was_asked_meanwhile(agent, lea):
    pointer(agent, tap(lea, "parti", a=at(16, 50)))
    pointer(agent, tap(lea, "present", a=at(16, 31)))
    assert (state(lea), Pointage.objects.get().sans_arrivee) == ((True, at(16, 31), at(16, 50)), None)


def test_state_told_by_the_version_before_leaves_nothing_in_question(agent, lea):
    """It does not know the column, which stays as it was."""
    pointer(agent, tap(lea, "parti", a=at(16, 50)))
    Pointage.objects.update(arrivee=at(16, 50), depart=at(16, 50), depart_recu=NOW)
    [ligne] = load_feuille(JEUDI, "soir", now=NOW).lignes
    assert (ligne.present, ligne.parti, ligne.suite) == (True, True, "")


def test_arrival_brushed_after_the_departure_gives_its_hours_back_and_no_late_one(agent, lea):
    pointer(agent, tap(lea, a=at(16, 31)), tap(lea, "parti", a=at(17, 5)), now=at(17, 5))
    pointer(agent, tap(lea, "present", False, a=at(18, 49)), now=at(18, 49))
    assert state(lea) == (False, None, None)
    pointer(agent, tap(lea, "parti", a=at(18, 50)), now=at(18, 50))
    assert state(lea) == (True, at(16, 31), at(17, 5))


def test_tap_that_undoes_leaves_the_state_that_was_before(agent, lea):
    brushed = tap(lea, "present", False, a=at(18, 49))
    pointer(agent, tap(lea, a=at(16, 31)), tap(lea, "parti", a=at(17, 5)), brushed, now=at(18, 49))
    undo = replace(tap(lea, "annule", a=at(18, 50)), cible=brushed.id)
    assert pointer(agent, undo, now=at(18, 50)).recus == [undo.id]
    assert (state(lea), Geste.objects.count()) == ((True, at(16, 31), at(17, 5)), 4)
    assert pointer(agent, undo, now=at(18, 51)).recus == [undo.id]
    assert Geste.objects.count() == 4


def test_late_tap_of_the_past_does_not_undo_a_newer_one(agent, lea):
    pointer(agent, tap(lea, a=at(16, 50)))
    pointer(agent, tap(lea, coche=False, a=at(16, 40)), now=at(16, 59))  # the phone had no network
    assert state(lea) == (True, at(16, 50), None)


def test_taps_of_a_wrong_clock_keep_their_order(agent, lea):
    """Ahead by two hours, all of them become the instant of receipt."""
    ahead = [tap(lea, "present", a=at(18, 50)), tap(lea, "parti", a=at(18, 51)), tap(lea, "parti", False, a=at(18, 52))]
    bilan = pointer(agent, *ahead)
    assert bilan.avis == ["L’heure de cet appareil est fausse\u00a0: le pointage est noté à 17\u00a0h."]
    assert state(lea) == (True, NOW, None)


@pytest.mark.parametrize("minutes", [7, -7])
def test_taps_of_a_clock_known_to_be_wrong_get_their_true_hours(agent, lea, minutes):
    slow = timedelta(minutes=minutes)
    gestes = [tap(lea, "present", a=at(16, 31) - slow), tap(lea, "parti", a=at(16, 50) - slow)]
    bilan = pointer(agent, *gestes, decalage=slow)
    assert (bilan.avis, state(lea)) == ([], (True, at(16, 31), at(16, 50)))


def test_tap_sent_again_is_put_right_once(agent, lea):
    geste = tap(lea, a=at(16, 31))
    pointer(agent, geste, decalage=timedelta(minutes=7))
    pointer(agent, geste, decalage=timedelta(minutes=9), now=at(18))
    assert (state(lea), Geste.objects.count()) == ((True, at(16, 38), None), 1)


def test_clock_a_few_seconds_ahead_is_not_said_to_be_wrong(agent, lea):
    bilan = pointer(agent, tap(lea, a=NOW + timedelta(seconds=40)))
    assert (bilan.avis, state(lea)) == ([], (True, NOW, None))


def test_tap_of_a_clock_that_was_never_set_is_kept_the_same_day_alone(agent, lea):
    never = datetime(2000, 1, 1, tzinfo=UTC)
    assert phrases(pointer(agent, tap(lea, a=never), now=NOW + timedelta(days=1))) == [HEURE_FAUSSE]
    assert pointer(agent, tap(lea, a=never)).refus == []
    assert state(lea) == (True, NOW, None)


@pytest.mark.parametrize(
    ("jour", "phrase"),
    [
        (date(2026, 12, 11), "Cette feuille est celle du vendredi 11\u00a0décembre\u00a0: elle s’ouvrira ce jour-là."),
        (date(2026, 12, 9), "Il n’y a pas de garderie ce jour-là."),  # a Wednesday
        (date(2026, 11, 11), "Il n’y a pas de garderie ce jour-là."),
        (date(2026, 10, 22), "Il n’y a pas de garderie ce jour-là."),  # holidays
    ],
)
def test_tap_on_a_day_without_sheet_is_refused(agent, lea, jour, phrase):
    bilan = pointer(agent, tap(lea), jour=jour)
    assert (phrases(bilan), bilan.recus, Geste.objects.count()) == ([phrase], [], 0)


def gone() -> Enfant:
    enfant = make_enfant()
    Scolarite.objects.update(depart=JEUDI)
    return enfant


@pytest.mark.parametrize("make", [EnfantFactory, gone, lambda: Enfant(pk=987_654_321)])
def test_tap_of_a_child_of_another_school_is_refused(agent, make):
    bilan = pointer(agent, tap(make()))
    assert phrases(bilan) == ["Cet enfant n’est pas à l’école ce jour-là."]
    assert not Pointage.objects.exists()


def test_refused_tap_lets_the_others_through(agent, lea):
    bad, good = tap(EnfantFactory()), tap(lea)
    bilan = pointer(agent, bad, good)
    assert ([refus.id for refus in bilan.refus], bilan.recus) == ([bad.id], [good.id])


def test_sending_costs_the_same_queries_whatever_the_taps(agent, django_assert_num_queries):
    enfants = [make_enfant(prenom=f"Enfant {n}") for n in range(40)]
    for some in ([enfants[0]], enfants):
        with django_assert_num_queries(14):
            pointer(agent, *(tap(enfant) for enfant in some))
    assert Pointage.objects.filter(present=True).count() == 40


# --- Closed, corrected, opened again ----------------------------------------------------------------------------------


def test_closed_sheet_takes_no_tap_made_after_it_was(agent, lea):
    terminer(JEUDI, "soir", agent, now=NOW)
    bilan = pointer(agent, tap(lea, a=at(17, 1)), now=at(17, 2))
    assert phrases(bilan) == [
        "L’appel est terminé depuis jeudi 10\u00a0décembre à 17\u00a0h\u00a0: la mairie peut encore le corriger."
    ]
    assert state(lea) == (False, None, None)


def test_closed_sheet_still_takes_a_tap_that_waited_for_the_network(agent, lea):
    terminer(JEUDI, "soir", agent, now=NOW)
    bilan = pointer(agent, tap(lea, a=at(16, 40)), now=at(19))
    assert (bilan.refus, state(lea)) == ([], (True, at(16, 40), None))


def test_other_sheets_of_the_day_stay_open(agent, lea):
    terminer(JEUDI, "midi", agent, now=NOW)
    assert pointer(agent, tap(lea, a=at(17, 1)), now=at(17, 2)).refus == []


def test_correction_leaves_its_reason(agent, lea):
    pointer(agent, tap(lea))
    terminer(JEUDI, "soir", agent, now=at(18, 30))
    mairie = StaffFactory()
    demain = NOW + timedelta(days=1)
    bilan = pointer(mairie, tap(lea, coche=False, a=demain), now=demain, correction="Léa était malade")
    assert (bilan.refus, state(lea)) == ([], (False, None, None))
    geste = Geste.objects.get(coche=False)
    assert (geste.motif, geste.auteur, geste.fait_le) == ("Léa était malade", mairie, demain)


def test_hour_that_is_written_takes_the_place_of_the_one_that_was_tapped(agent, lea):
    pointer(agent, tap(lea, a=at(16, 31)), tap(lea, "parti", a=at(17, 50)), now=at(17, 50))
    terminer(JEUDI, "soir", agent, now=at(18, 30))
    demain = NOW + timedelta(days=1)
    ecrit = replace(tap(lea, "parti", a=demain), heure=at(17, 20))
    assert pointer(agent, ecrit, now=demain, correction="Partie à 17 h 20").refus == []
    assert state(lea) == (True, at(16, 31), at(17, 20))
    assert (Geste.objects.get(pk=ecrit.id).heure, Pointage.objects.get().depart_recu) == (at(17, 20), demain)
    late = tap(lea, "parti", a=at(17, 10))  # of a phone that had no network until then
    assert pointer(agent, late, now=at(18, 30) + timedelta(hours=11)).refus == []
    assert state(lea) == (True, at(16, 31), at(17, 20))


def test_ticked_afterwards_it_happened_and_nobody_knows_when(agent, lea):
    demain = NOW + timedelta(days=1)
    pointer(agent, tap(lea, "parti", a=demain), now=demain)
    pointage = Pointage.objects.get()
    assert (state(lea), pointage.arrivee_recue, pointage.depart_recu) == ((True, None, None), demain, demain)
    assert encore_la(JEUDI, "soir") == set()


@pytest.mark.parametrize(
    ("heure", "phrase"),
    [
        (at(17, 1), "Cette heure n’est pas encore passée."),
        (at(17) - timedelta(days=1), "Cette heure n’est pas du jour de la feuille."),
        (at(17) + timedelta(days=1), "Cette heure n’est pas du jour de la feuille."),
    ],
)
def test_hour_of_another_day_or_to_come_is_not_written(agent, lea, heure, phrase):
    assert phrases(pointer(agent, replace(tap(lea), heure=heure))) == [phrase]
    assert not Geste.objects.exists()


def test_terminer_twice_is_once(agent):
    first = terminer(JEUDI, "soir", agent, now=NOW)
    assert terminer(JEUDI, "soir", StaffFactory(), now=at(19)) == first
    assert (Appel.objects.get().clos_par, Appel.objects.get().clos_le) == (agent, NOW)


@pytest.mark.parametrize("jour", [date(2026, 12, 9), date(2026, 12, 11)])
def test_terminer_refuses_a_day_without_sheet(agent, jour):
    with pytest.raises(ValueError, match=r"pas de garderie|s’ouvrira"):
        terminer(jour, "soir", agent, now=NOW)
    assert not Appel.objects.exists()


def test_rouvrir_keeps_the_trace_and_lets_the_team_tap(agent, lea):
    terminer(JEUDI, "soir", agent, now=NOW)
    mairie = StaffFactory()
    assert rouvrir(JEUDI, "soir", mairie, "Terminé trop tôt", now=at(17, 10))
    assert not rouvrir(JEUDI, "soir", mairie, "Terminé trop tôt", now=at(17, 11))
    appel = Appel.objects.get()
    assert (appel.rouvert_par, appel.rouvert_le, appel.motif) == (mairie, at(17, 10), "Terminé trop tôt")
    assert pointer(agent, tap(lea, a=at(17, 12)), now=at(17, 12)).refus == []
    terminer(JEUDI, "soir", agent, now=at(18, 30))
    assert Appel.objects.clos().get().clos_le == at(18, 30)


# --- Two phones -------------------------------------------------------------------------------------------------------

TAPS = st.tuples(
    st.uuids(version=4),
    st.sampled_from([0, 1]),  # which child
    st.sampled_from(["present", "parti"]),
    st.booleans(),
    st.integers(-40, 100),  # minutes around five o'clock, some of them ahead of the server
)


@pytest.mark.une_fois
@pytest.mark.ci
@given(phones=st.tuples(st.lists(TAPS, max_size=6), st.lists(TAPS, max_size=6)), data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_two_phones_agree_with_the_taps_told_in_order(agent, phones, data):
    """Each sends its taps in lots, some twice as its answers are lost, at any time; then the state is that of the taps
    told in the order in which they were made."""
    Pointage.objects.all().delete()
    enfants = list(Enfant.objects.order_by("pk")) or [make_enfant(), make_enfant(prenom="Tom")]
    queues = [
        [
            GesteRecu(key, enfants[n].pk, quoi, coche, NOW + timedelta(minutes=minutes))
            for key, n, quoi, coche, minutes in phone
        ]
        for phone in phones
    ]
    now = NOW
    while any(queues):
        queue = data.draw(st.sampled_from([queue for queue in queues if queue]))
        lot = data.draw(st.integers(1, len(queue)))
        bilan = pointer(agent, *queue[:lot], now=now)
        assert bilan.refus == []
        if data.draw(st.booleans()):  # the answer came through
            del queue[:lot]
        now += timedelta(minutes=data.draw(st.integers(0, 30)))
    assert set(Geste.objects.values_list("id", flat=True)) == {key for phone in phones for key, *_ in phone}
    for enfant in enfants:
        expected = rejouer(Geste.objects.filter(pointage__enfant=enfant), JEUDI)
        if expected.en_question:
            assert (state(enfant), Pointage.objects.get(enfant=enfant).sans_arrivee) == (
                (True, None, None),
                expected.depart.heure,
            )
            continue
        arrivee, depart = expected.arrivee, expected.depart
        assert state(enfant) == (arrivee is not None, arrivee and arrivee.heure, depart and depart.heure)
