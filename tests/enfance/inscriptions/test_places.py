"""Places and the waiting list, as a save finds and leaves them."""

from datetime import timedelta

import pytest

from enfance.models import Inscription
from enfance.regles import Acteur, Cle
from enfance.situation import load_situation
from tests.enfance.boxes import LUNDI_7, NOW, box, etats, save, set_places
from tests.enfance.inscriptions.conftest import fill, refused, traces
from tests.factories import (
    ResponsableFactory,
    make_enfant,
)

pytestmark = pytest.mark.django_db


def test_two_siblings_on_the_last_place_in_one_save(parent, lea, tom, creneaux):
    set_places(2)
    fill(creneaux["soir"])

    resultat = save(parent, {box(tom): "inscrit", box(lea): "inscrit"})

    assert refused(resultat) == {box(tom): ["complet"]}
    assert [evenement.enfant_id for evenement in resultat.evenements] == [lea.pk]


def test_a_sibling_may_choose_the_list_while_the_other_takes_the_last_place(parent, lea, tom):
    set_places(1)

    resultat = save(parent, {box(lea): "attente", box(tom): "attente"})

    assert resultat.refus == ()
    assert etats() == {("Léa", LUNDI_7, "soir"): "inscrit", ("Tom", LUNDI_7, "soir"): "attente"}


@pytest.mark.parametrize("first", ["Léa", "Tom"])
def test_a_place_given_up_serves_the_sibling_in_the_same_save(parent, lea, tom, first):
    set_places(1)
    giver, taker = (lea, tom) if first == "Léa" else (tom, lea)
    save(parent, {box(giver): "inscrit"})

    resultat = save(parent, {box(taker): "inscrit", box(giver): "annulee"})

    assert resultat.refus == ()
    assert etats() == {(giver.prenom, LUNDI_7, "soir"): "annulee", (taker.prenom, LUNDI_7, "soir"): "inscrit"}


def test_a_full_box_is_refused_and_never_queued(parent, lea, creneaux):
    set_places(1)
    fill(creneaux["soir"])

    assert refused(save(parent, {box(lea): "inscrit"})) == {box(lea): ["complet"]}
    assert ("Léa", LUNDI_7, "soir") not in etats()


def test_one_who_waits_takes_a_place_that_has_come_free(parent, lea, creneaux):
    set_places(1)
    (other,) = fill(creneaux["soir"])
    save(parent, {box(lea): "attente"})
    assert refused(save(parent, {box(lea): "inscrit"})) == {box(lea): ["complet"]}
    Inscription.objects.filter(pk=other.pk).update(etat="annulee")

    save(parent, {box(lea): "inscrit"})

    inscription = Inscription.objects.get(enfant=lea)
    assert (inscription.etat, inscription.attente_depuis) == ("inscrit", None)
    assert traces()[-1][3:5] == ("attente", "inscrit")


def test_the_list_does_not_take_a_place_back(parent, lea):
    save(parent, {box(lea): "inscrit"})

    assert save(parent, {box(lea): "attente"}).enregistrement is None
    assert etats() == {("Léa", LUNDI_7, "soir"): "inscrit"}


def test_a_full_day_past_its_limit_has_no_list(parent, lea, creneaux):
    set_places(1)
    fill(creneaux["soir"])

    assert refused(save(parent, {box(lea): "attente"}, now=NOW + timedelta(days=1))) == {box(lea): ["limite"]}


def test_one_may_leave_the_list_at_any_time(parent, lea, creneaux):
    set_places(1)
    fill(creneaux["soir"])
    save(parent, {box(lea): "attente"})

    resultat = save(parent, {box(lea): "annulee"}, now=NOW + timedelta(days=2))

    assert resultat.refus == ()
    inscription = Inscription.objects.get(enfant=lea)
    assert (inscription.etat, inscription.attente_depuis) == ("annulee", None)


def test_ranks_are_dense_and_a_rank_given_up_is_not_given_back(parent, lea, creneaux):
    set_places(1)
    fill(creneaux["soir"])
    autres = [ResponsableFactory() for _ in range(3)]
    enfants = [make_enfant(autre) for autre in autres]

    def ranks():
        mairie = Acteur.mairie(parent.user_id)
        pks = [lea.pk, *(enfant.pk for enfant in enfants)]
        situation = load_situation(mairie, LUNDI_7, LUNDI_7, now=NOW, enfants=pks)
        return [
            situation.rangs.get(getattr(situation.inscriptions.get(Cle(pk, LUNDI_7, "soir")), "pk", 0)) for pk in pks
        ]

    save(parent, {box(lea): "attente"}, now=NOW)
    for minutes, (autre, enfant) in enumerate(zip(autres, enfants, strict=True), start=1):
        save(autre, {box(enfant): "attente"}, now=NOW + timedelta(minutes=minutes))
    assert ranks() == [1, 2, 3, 4]

    save(autres[0], {box(enfants[0]): "annulee"}, now=NOW + timedelta(minutes=8))
    assert ranks() == [1, None, 2, 3]

    save(parent, {box(lea): "annulee"}, now=NOW + timedelta(minutes=9))
    save(parent, {box(lea): "attente"}, now=NOW + timedelta(minutes=10))
    assert ranks() == [3, None, 1, 2]


def test_result_shows_the_rank_that_was_taken(parent, lea, creneaux):
    set_places(1)
    fill(creneaux["soir"])

    resultat = save(parent, {box(lea): "attente"})

    inscription = resultat.situation.inscriptions[box(lea)]
    assert (inscription.etat, resultat.situation.rangs[inscription.pk]) == ("attente", 1)


def test_fewer_places_remove_nobody(parent, lea, tom):
    save(parent, {box(lea): "inscrit", box(tom): "inscrit"})
    set_places(1)

    assert save(parent, {box(lea, "matin"): "inscrit"}).refus == ()
    assert refused(save(parent, {box(lea): "annulee"})) == {}
    assert refused(save(parent, {box(lea): "inscrit"})) == {box(lea): ["complet"]}
