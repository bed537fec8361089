"""Separated parents: who may write on a day, and who pays."""

from datetime import date

import pytest

from enfance.models import Garde, Inscription
from enfance.regles import Acteur
from tests.enfance.boxes import LUNDI_7, box, etats, save, set_places
from tests.enfance.inscriptions.conftest import refused
from tests.factories import (
    ResponsableFactory,
    make_enfant,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def alternance(creneaux):
    """Léa one week in two with each of two parents, the week of 7 December with the first."""
    mere, pere = ResponsableFactory(), ResponsableFactory()
    enfant = make_enfant(mere, pere)
    for adulte, depuis in ((mere, LUNDI_7), (pere, date(2026, 12, 14))):
        Garde.objects.filter(foyer=adulte.foyer).update(rythme="alternee", depuis=depuis)
    return enfant, mere, pere


def test_each_foyer_writes_and_pays_its_own_days(alternance):
    enfant, mere, pere = alternance
    lundi_14 = date(2026, 12, 14)
    voulus = {box(enfant): "inscrit", box(enfant, jour=lundi_14): "inscrit"}

    assert refused(save(mere, voulus)) == {box(enfant, jour=lundi_14): ["garde"]}
    assert refused(save(pere, voulus)) == {}  # the first is already as wanted

    foyers = dict(Inscription.objects.values_list("jour", "foyer"))
    assert foyers == {LUNDI_7: mere.foyer_id, lundi_14: pere.foyer_id}
    assert refused(save(pere, {box(enfant): "annulee"})) == {box(enfant): ["garde"]}


def test_of_two_foyers_that_have_garde_the_one_that_books_pays(creneaux):
    mere, pere = ResponsableFactory(), ResponsableFactory()
    enfant = make_enfant(mere, pere)

    save(pere, {box(enfant): "inscrit"})
    save(mere, {box(enfant, "matin"): "inscrit"})

    foyers = dict(Inscription.objects.values_list("creneau__code", "foyer"))
    assert foyers == {"soir": pere.foyer_id, "matin": mere.foyer_id}

    save(mere, {box(enfant): "annulee"})
    assert Inscription.objects.get(creneau__code="soir").foyer == pere.foyer
    save(mere, {box(enfant): "inscrit"})
    assert Inscription.objects.get(creneau__code="soir").foyer == mere.foyer


def test_the_town_hall_books_for_whoever_has_garde(alternance, secretaire):
    enfant, mere, pere = alternance
    lundi_14 = date(2026, 12, 14)

    save(Acteur.mairie(secretaire.pk), {box(enfant): "inscrit", box(enfant, jour=lundi_14): "inscrit"})

    assert dict(Inscription.objects.values_list("jour", "foyer")) == {LUNDI_7: mere.foyer_id, lundi_14: pere.foyer_id}


def test_the_foyer_that_chose_the_list_pays_when_the_town_hall_gives_the_place(creneaux, secretaire):
    mere, pere = ResponsableFactory(), ResponsableFactory()
    enfant = make_enfant(mere, pere)
    set_places(0)
    save(pere, {box(enfant): "attente"})

    save(Acteur.mairie(secretaire.pk, "place ajoutée"), {box(enfant): "inscrit"})

    inscription = Inscription.objects.get()
    assert (inscription.etat, inscription.foyer, inscription.origine) == ("inscrit", pere.foyer, "mairie")


def test_a_place_never_goes_to_a_foyer_that_did_not_ask_for_it(parent, lea, creneaux):
    set_places(1)
    save(parent, {box(lea): "inscrit"})
    mere, pere = ResponsableFactory(), ResponsableFactory()
    zoe, noe = make_enfant(mere, pere, prenom="Zoé"), make_enfant(pere, prenom="Noé")
    save(mere, {box(zoe): "attente"})
    save(pere, {box(noe): "attente"})
    Garde.objects.filter(enfant=zoe, foyer=mere.foyer).update(fin=date(2026, 12, 6))

    save(parent, {box(lea): "annulee"})

    assert {prenom: etat for (prenom, *_), etat in etats().items()} == {
        "Léa": "annulee",
        "Zoé": "attente",
        "Noé": "inscrit",
    }
