"""An erasure while others work: all or nothing for each, and nobody of the family comes back by a save under way."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from enfance.famille.effacement import effacer_famille
from enfance.models import Enfant, Enregistrement, Foyer, Inscription, Responsable
from portail.effacements import EffacementRefuse
from tests.clients import Client
from tests.factories import AnneeFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]
LUNDI = date(2026, 12, 7)


@pytest.fixture(autouse=True)
def ecole(time_machine):
    time_machine.move_to("2026-12-03 09:00:00+01:00", tick=False)
    AnneeFactory()
    make_creneaux()


def erase(user: User):
    def work() -> str:
        try:
            effacer_famille(user.pk, now=timezone.now())
        except EffacementRefuse:
            return "refused"
        return "erased"

    return work


def left() -> list[int]:
    return [model.objects.count() for model in (User, Responsable, Foyer, Enfant, Inscription, Enregistrement)]


@pytest.mark.parametrize("fois", [3, pytest.param(20, marks=pytest.mark.lent)])
def test_parent_who_saves_meanwhile_does_not_bring_the_family_back(fois):
    for _ in range(fois):
        camille = ResponsableFactory()
        lea = make_enfant(camille)
        client = Client()
        client.force_login(camille.user)
        boxes = [f"{lea.pk}:{LUNDI + timedelta(days=n)}:soir" for n in (0, 1, 3, 4)]
        data = {"avant": "", "enregistrer": "1", "r": boxes}

        def save(client=client, data=data) -> int:
            return client.post("/planning/2026-12/", data).status_code

        saved, erased = at_once(save, erase(camille.user))
        assert saved in {200, 302, 303, 400, 404}  # 400: its session has ended while it worked
        assert erased == "erased"
        assert left() == [0] * 6


def test_family_is_erased_once_however_many_ask():
    camille = ResponsableFactory()
    make_enfant(camille)
    assert sorted(at_once(*[erase(camille.user)] * 3)) == ["erased", "refused", "refused"]
    assert left() == [0] * 6


def test_two_homes_of_a_child_erased_at_once_leave_nothing():
    camille, sacha = ResponsableFactory(), ResponsableFactory()
    make_enfant(camille, sacha)
    assert at_once(erase(camille.user), erase(sacha.user)) == ["erased", "erased"]
    assert left() == [0] * 6
