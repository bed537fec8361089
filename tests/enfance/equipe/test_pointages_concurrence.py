"""Two phones at the same instant: they agree, nothing is doubled, a sheet is closed once."""

from __future__ import annotations

import pytest

from enfance.equipe.pointages import enregistrer, rouvrir, terminer
from enfance.models import Appel, Geste, Pointage
from tests.enfance.gate import JEUDI, NOW, at, state, tap
from tests.factories import AnneeFactory, StaffFactory, make_creneaux, make_enfant
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agents():
    AnneeFactory()
    make_creneaux()
    return [StaffFactory(), StaffFactory()]


def sending(agent, *gestes, now=NOW):
    return lambda: enregistrer(gestes, JEUDI, "soir", agent, now=now)


def test_same_child_is_one_row(agents):
    lea = make_enfant()
    bilans = at_once(*(sending(agents[n % 2], tap(lea, a=at(16, 30 + n))) for n in range(6)))
    assert [bilan.refus for bilan in bilans] == [[]] * 6
    assert (Pointage.objects.count(), Geste.objects.count(), state(lea)) == (1, 6, (True, at(16, 30), None))


def test_tap_sent_by_six_requests_at_once_counts_once(agents):
    geste = tap(make_enfant())
    bilans = at_once(*(sending(agents[0], geste) for _ in range(6)))
    assert [bilan.recus for bilan in bilans] == [[geste.id]] * 6
    assert Geste.objects.count() == 1


def test_tick_and_untick_at_once_leave_the_last_made(agents):
    lea = make_enfant()
    at_once(
        sending(agents[0], tap(lea, a=at(16, 40))),
        sending(agents[1], tap(lea, coche=False, a=at(16, 41))),
        sending(agents[0], tap(lea, "parti", a=at(16, 39))),
    )
    assert state(lea) == (False, None, None)


def test_whole_lists_at_once_lose_nothing(agents):
    enfants = [make_enfant(prenom=f"Enfant {n}") for n in range(12)]
    there = [tap(enfant, a=at(16, 31)) for enfant in enfants]
    gone = [tap(enfant, "parti", a=at(17, 31)) for enfant in reversed(enfants)]
    at_once(sending(agents[0], *there, now=at(18)), sending(agents[1], *gone, now=at(18)))
    assert {state(enfant) for enfant in enfants} == {(True, at(16, 31), at(17, 31))}
    assert Geste.objects.count() == 24


def test_sheet_is_closed_once(agents):
    appels = at_once(*(lambda agent=agent: terminer(JEUDI, "soir", agent, now=NOW) for agent in agents * 2))
    assert len({appel.pk for appel in appels}) == Appel.objects.count() == 1


def test_sheet_is_opened_again_once(agents):
    terminer(JEUDI, "soir", agents[0], now=NOW)
    opened = at_once(*(lambda agent=agent: rouvrir(JEUDI, "soir", agent, "Trop tôt", now=NOW) for agent in agents * 2))
    assert sorted(opened) == [False, False, False, True]
