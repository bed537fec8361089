"""The month so far, and what is planned: the closing, seen from any day."""

from datetime import date

import pytest

from facturation.arrete.cloture import arreter
from facturation.arrete.estimations import estimer
from facturation.arrete.seances import seances_of
from facturation.models import Facture, Partage
from facturation.payeurs.comptes import compte_of
from tests.factories import FoyerFactory, ResponsableFactory, make_enfant
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, clore, inscrire, pointer

pytestmark = pytest.mark.django_db
MARDI, JEUDI = date(2026, 11, 3), date(2026, 11, 5)
REQUETES = 23


def montants(estimation):
    return estimation.a_ce_jour, estimation.seances, estimation.prevu, seances_of(estimation.prevues)


def test_what_happened_is_apart_from_what_is_planned(camille):
    lea = make_enfant(camille)
    inscrire(lea, LUNDI, MARDI, JEUDI)
    clore(LUNDI, MARDI)
    foyer = camille.foyer_id

    assert montants(estimer([foyer], NOVEMBRE, MARDI)[foyer]) == (160, 2, 80, 1)
    assert montants(estimer([foyer], NOVEMBRE, date(2026, 11, 4))[foyer]) == (160, 2, 80, 1)
    assert montants(estimer([foyer], NOVEMBRE, date(2026, 11, 6))[foyer]) == (240, 3, 0, 0)


def test_estimate_of_the_last_day_is_the_closing(camille):
    lea = make_enfant(camille)
    inscrire(lea, LUNDI, MARDI, JEUDI)
    clore(LUNDI, MARDI, JEUDI)
    foyer = camille.foyer_id
    estimation = estimer([foyer], NOVEMBRE, date(2026, 12, 1))[foyer]

    arreter(NOVEMBRE, None, ENSUITE)

    assert Facture.objects.get().total == estimation.total == estimation.a_ce_jour


def test_foyer_without_anything_has_an_empty_month(camille):
    foyer = FoyerFactory().pk

    assert montants(estimer([foyer], NOVEMBRE, LUNDI)[foyer]) == (0, 0, 0, 0)


def test_reading_takes_as_many_queries_with_three_children(camille, django_assert_num_queries):
    lea = make_enfant(camille)
    inscrire(lea, LUNDI)
    with django_assert_num_queries(REQUETES):
        estimer([camille.foyer_id], NOVEMBRE, LUNDI)
    for _ in range(2):
        inscrire(make_enfant(camille), LUNDI, MARDI, JEUDI)
    with django_assert_num_queries(REQUETES):
        estimer([camille.foyer_id], NOVEMBRE, LUNDI)


def test_nobody_else_is_in_a_family_s_month(camille):
    inscrire(make_enfant(camille), LUNDI)
    autre = ResponsableFactory(foyer=FoyerFactory())
    inscrire(make_enfant(autre), LUNDI, MARDI)
    foyer = camille.foyer_id

    estimation = estimer([foyer], NOVEMBRE, ENSUITE.date())[foyer]

    assert {charge.foyer for charge in (*estimation.passees, *estimation.prevues)} == {foyer}
    assert estimation.total == 80


def test_shared_child_is_priced_among_the_children_of_its_other_payer(camille):
    """The rank is that of the foyer of the inscription: its other children count, whoever asks."""
    autre = ResponsableFactory(foyer=FoyerFactory())
    aine = make_enfant(autre, date_naissance=date(2016, 1, 1))
    lea = make_enfant(camille, autre)
    inscrire(aine, LUNDI)
    inscrire(lea, LUNDI, foyer=autre.foyer)
    for payeur in (camille, autre):
        Partage.objects.create(enfant=lea, compte=compte_of(payeur.foyer), part=50)
    clore(LUNDI)
    foyer = camille.foyer_id
    estimation = estimer([foyer], NOVEMBRE, date(2026, 12, 1))[foyer]

    arreter(NOVEMBRE, None, ENSUITE)

    assert estimation.total == Facture.objects.get(compte__foyer=foyer).total


def test_planned_evening_costs_what_the_child_s_evenings_did(camille):
    """The commonest number of half-hours of the last four weeks; until there is one, the whole créneau."""
    lea = make_enfant(camille)
    inscrire(lea, LUNDI, MARDI, JEUDI, creneau="soir")
    foyer = camille.foyer_id
    avant = estimer([foyer], NOVEMBRE, LUNDI)[foyer]
    pointer(lea, LUNDI, depart="17:10")
    clore(LUNDI)

    apres = estimer([foyer], NOVEMBRE, MARDI)[foyer]

    assert (avant.prevu, {charge.quantite for charge in avant.prevues}) == (3 * 4 * 65, {4})
    assert (apres.a_ce_jour, apres.prevu) == (2 * 65, 2 * 2 * 65)
    assert all(charge.estimee for charge in apres.prevues)
