"""Who came for a child: which adults a tap may name, which of them stands, what is refused and in which words."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from enfance.equipe.pointages import GesteRecu, encore_la, enregistrer, terminer
from enfance.equipe.remises import PAS_DES_SIENS, QuiVient, RemiseRecue, load_remis, noter_remises
from enfance.models import Creneau, PersonneAutorisee, Pointage, RemiseEnfant, Responsabilite
from tests.enfance.gate import JEUDI, NOW, at, state, tap
from tests.factories import (
    AnneeFactory,
    EnfantFactory,
    ResponsableFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    AnneeFactory()
    make_creneaux()
    return StaffFactory()


@pytest.fixture
def lea(agent):
    return make_enfant()


@pytest.fixture
def isabelle(lea):
    return Responsabilite.objects.create(enfant=lea, responsable=ResponsableFactory()).responsable


def personne(enfant, **fields):
    return PersonneAutorisee.objects.create(enfant=enfant, **({"nom": "Odile Morel"} | fields))


def dire(agent, enfant, qui, a=NOW, now=NOW, **options):
    recue = RemiseRecue(uuid4(), enfant.pk, QuiVient.parse(qui), a)
    bilan = noter_remises([recue], JEUDI, "soir", agent, now=now, **options)
    return [refus.phrase for refus in bilan.refus]


def remis():
    return load_remis(JEUDI, Creneau.objects.get(code="soir"))


def test_latest_said_of_a_departure_stands_until_a_box_is_unticked(agent, lea, isabelle):
    odile = personne(lea)
    a, b = f"parent::remis:{isabelle.pk}", f"autorisee:{odile.pk}:remis:"
    enregistrer([tap(lea, a=at(16, 31)), tap(lea, "parti", a=at(16, 50))], JEUDI, "soir", agent, now=NOW)
    assert dire(agent, lea, b, at(16, 52)) == dire(agent, lea, a, at(16, 51)) == []  # the second one waited
    assert remis() == {lea.pk: b}
    assert dire(agent, lea, "rien::remis:", at(16, 53)) == []
    assert remis() == {}
    assert dire(agent, lea, a, at(16, 54)) == []
    assert remis() == {lea.pk: a}
    enregistrer([tap(lea, "parti", False, a=at(16, 55))], JEUDI, "soir", agent, now=NOW)
    assert remis() == {}


def test_adults_who_may_not_come_that_day_are_refused(agent, lea, isabelle):
    """Of another child, suspended, over, withdrawn before, forbidden, or said to be forbidden and is not."""
    autre = personne(make_enfant(prenom="Tom"))
    finie = personne(lea, fin=JEUDI - timedelta(days=1))
    retiree = personne(lea, retiree_le=at(16, 40))
    interdite, odile = personne(lea, interdite=True), personne(lea)
    suspendu = Responsabilite.objects.create(enfant=lea, responsable=ResponsableFactory(), suspendue=True).responsable
    for qui in (
        *(f"autorisee:{une.pk}:remis:" for une in (autre, finie, retiree, interdite)),
        *(f"parent::remis:{pk}" for pk in (suspendu.pk, ResponsableFactory().pk)),
        *(f"interdite:{odile.pk}:non_remis:", f"inconnue::appel:{suspendu.pk}"),
    ):
        assert dire(agent, lea, qui) == [PAS_DES_SIENS], qui
    assert not RemiseEnfant.objects.exists()
    assert dire(agent, lea, f"autorisee:{retiree.pk}:remis:", at(16, 35)) == []  # withdrawn while the tap waited
    assert dire(agent, lea, f"inconnue::appel:{isabelle.pk}") == []


def test_unexpected_person_stands_before_the_town_hall_at_once(agent, lea, isabelle):
    gerard = personne(lea, nom="Gérard Dubreuil", interdite=True)
    assert dire(agent, lea, f"interdite:{gerard.pk}:non_remis:") == []
    assert dire(agent, lea, f"parent::remis:{isabelle.pk}", at(17, 40), now=at(17, 40)) == []
    [seule] = RemiseEnfant.objects.a_voir()
    assert (seule.personne, seule.suite, Pointage.objects.get().present) == (gerard, "non_remis", False)


def test_child_who_was_not_handed_over_is_still_there(agent, lea, isabelle):
    """Whether the arrival was tapped, or forgotten; in whichever order the taps came; until that tap is undone."""
    noa = make_enfant(prenom="Noa")
    enregistrer([tap(lea, a=at(16, 31)), tap(lea, "parti", a=at(16, 50))], JEUDI, "soir", agent, now=NOW)
    assert dire(agent, lea, f"parent::remis:{isabelle.pk}", at(16, 51)) == []
    assert dire(agent, lea, "inconnue::non_remis:", at(16, 52)) == []
    assert dire(agent, noa, "inconnue::non_remis:", at(16, 52)) == []  # heard before « Parti »
    enregistrer([tap(noa, "parti", a=at(16, 50))], JEUDI, "soir", agent, now=NOW)
    assert (state(lea), state(noa), remis()) == ((True, at(16, 31), None), (True, None, None), {})
    assert encore_la(JEUDI, "soir") == {lea.pk, noa.pk}
    assert not Pointage.objects.exclude(sans_arrivee=None).exists()

    dite = RemiseEnfant.objects.get(pointage__enfant=lea, suite="non_remis")
    undo = GesteRecu(uuid4(), lea.pk, "annule", coche=True, fait_le=at(16, 53), cible=dite.pk)
    enregistrer([undo], JEUDI, "soir", agent, now=NOW)
    assert state(lea) == (True, at(16, 31), at(16, 50))
    assert [seule.pointage.enfant for seule in RemiseEnfant.objects.a_voir()] == [noa]
    enregistrer([tap(noa, "parti", a=at(16, 55))], JEUDI, "soir", agent, now=NOW)
    assert state(noa) == (True, None, at(16, 55))


def test_what_a_box_would_be_refused_is_refused_in_the_same_words(agent, lea):
    ailleurs = EnfantFactory()
    assert dire(agent, ailleurs, "inconnue::non_remis:") == ["Cet enfant n’est pas à l’école ce jour-là."]
    terminer(JEUDI, "soir", agent, now=NOW)
    assert dire(agent, lea, "inconnue::non_remis:", at(17, 1), now=at(17, 2)) == [
        "L’appel est terminé depuis jeudi 10\u00a0décembre à 17\u00a0h\u00a0: la mairie peut encore le corriger."
    ]
    assert dire(agent, lea, "inconnue::non_remis:", at(16, 59), now=at(17, 2)) == []  # it waited for the network
    late = date(2026, 12, 11)
    assert noter_remises([], late, "soir", agent, now=NOW).refus == []
