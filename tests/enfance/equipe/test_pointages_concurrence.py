"""Two phones at the same instant: they agree, nothing is doubled, a sheet is closed once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import transaction

from enfance.changement_ecole import changer_place
from enfance.equipe.pointages import enregistrer, rouvrir, terminer
from enfance.models import Appel, Creneau, Geste, Pointage
from tests.enfance.ecoles import make_ville, share
from tests.enfance.gate import JEUDI, NOW, at, state, tap
from tests.factories import AnneeFactory, StaffFactory, make_creneaux, make_enfant
from tests.races import at_once, during

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]


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


def test_hours_written_at_once_leave_one_of_them_and_both_traces(agents):
    lea = make_enfant()
    enregistrer([tap(lea, a=at(16, 31)), tap(lea, "parti", a=at(16, 50))], JEUDI, "soir", agents[0], now=NOW)
    heures = [at(16, 40), at(16, 45)]
    gestes = [replace(tap(lea, "parti"), heure=heure) for heure in heures]
    at_once(
        *(
            lambda agent=agent, geste=geste: enregistrer(
                [geste], JEUDI, "soir", agent, now=NOW, correction="Partie plus tôt"
            )
            for agent, geste in zip(agents * 2, gestes * 2, strict=True)  # each sent twice
        )
    )
    assert state(lea) in [(True, at(16, 31), heure) for heure in heures]
    assert sorted(Geste.objects.exclude(heure=None).values_list("heure", flat=True)) == heures


def test_sheet_is_closed_once(agents):
    appels = at_once(*(lambda agent=agent: terminer(JEUDI, "soir", agent, now=NOW) for agent in agents * 2))
    assert len({appel.pk for appel in appels}) == Appel.objects.count() == 1


def test_sheet_is_opened_again_once(agents):
    terminer(JEUDI, "soir", agents[0], now=NOW)
    opened = at_once(*(lambda agent=agent: rouvrir(JEUDI, "soir", agent, "Trop tôt", now=NOW) for agent in agents * 2))
    assert sorted(opened) == [False, False, False, True]


# --- A sheet of two schools -------------------------------------------------------------------------------------------


@pytest.fixture
def ville():
    """The evening is both schools', each with its animator."""
    AnneeFactory()
    ville = make_ville()
    share("soir", ville.bourg, ville.hameau)
    return ville


def test_animators_of_two_schools_keep_one_sheet(ville):
    """Each takes the children of its own, some those of the other, on one sheet of one state."""
    bourg, hameau = (ville.assign(StaffFactory(), ecole) for ecole in (ville.bourg, ville.hameau))
    ici = [ville.eleve(ville.bourg, prenom=f"Enfant {n}") for n in range(6)]
    ailleurs = [ville.eleve(ville.hameau, prenom=f"Enfant {n}", nom="Roche") for n in range(6)]
    there = [tap(enfant, a=at(16, 31)) for enfant in ici]
    others = [tap(enfant, a=at(16, 32)) for enfant in ailleurs]
    gone = [tap(enfant, "parti", a=at(17, 30)) for enfant in (*ailleurs[::-1], *ici[::-1])]

    bilans = at_once(
        sending(bourg, *there, now=at(18)),
        sending(hameau, *others, now=at(18)),
        sending(hameau, *gone, now=at(18)),
        sending(bourg, *there, now=at(18)),  # sent again
    )

    assert [bilan.refus for bilan in bilans] == [[]] * 4
    assert {state(enfant) for enfant in ici} == {(True, at(16, 31), at(17, 30))}
    assert {state(enfant) for enfant in ailleurs} == {(True, at(16, 32), at(17, 30))}
    assert (Pointage.objects.count(), Geste.objects.count()) == (12, 24)


def test_tap_of_a_pupil_who_changes_school_is_taken_or_refused(ville):
    """At both gates as it moves from the hamlet to the village: by the school that it was in, and then seen there."""
    agent = StaffFactory()
    Creneau.objects.get(code="soir").ecoles.set([ville.bourg])
    for _ in range(4):
        lea = ville.eleve(ville.hameau)

        def move(lea=lea):
            with transaction.atomic():
                changer_place(lea.scolarites.get(), ville.bourg, JEUDI)

        _, avant, apres = at_once(
            move,
            lambda lea=lea: enregistrer([tap(lea)], JEUDI, "soir-hameau", agent, now=NOW),
            lambda lea=lea: enregistrer([tap(lea)], JEUDI, "soir", agent, now=NOW),
        )

        pris = {pointage.creneau.code for pointage in Pointage.objects.filter(enfant=lea).select_related("creneau")}
        assert pris == {code for code, bilan in (("soir-hameau", avant), ("soir", apres)) if bilan.recus}
        assert len(avant.recus) + len(avant.refus) == len(apres.recus) + len(apres.refus) == 1


def test_sheet_of_two_schools_is_closed_once(ville):
    agents = [ville.assign(StaffFactory(), ecole) for ecole in (ville.bourg, ville.hameau)]
    appels = at_once(*(lambda agent=agent: terminer(JEUDI, "soir", agent, now=NOW) for agent in agents * 2))
    assert len({appel.pk for appel in appels}) == Appel.objects.count() == 1


@pytest.mark.postgresql
def test_sheets_of_two_schools_do_not_wait_for_each_other(ville):
    """SQLite has one writer: there they take turns."""
    Creneau.objects.get(code="soir").ecoles.set([ville.bourg])
    lea, tom, agent = ville.eleve(ville.bourg), ville.eleve(ville.hameau), StaffFactory()

    (bilan,) = during(sending(agent, tap(lea)), lambda: enregistrer([tap(tom)], JEUDI, "soir-hameau", agent, now=NOW))

    assert (len(bilan.recus), bilan.refus) == (1, [])
