"""Two homes made one while somebody writes for the one that goes: what is written is of the payer that stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from django.db import IntegrityError

from enfance.mairie.doubles.fusions import reunir_foyers
from facturation.models import Compte, Partage, Quotient
from facturation.payeurs import comptes
from facturation.payeurs.comptes import compte_of
from facturation.payeurs.partages import partager
from facturation.payeurs.residences import choisir_envoi, confirmer
from facturation.prix.tarifs import Residence
from facturation.quotients.ecriture import SaisieQuotient, declarer, enregistrer
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.caisse import JEUDI
from tests.races import at_once

CAF, JANVIER = Quotient.Source.CAF, date(2027, 1, 1)


@pytest.fixture
def foyers(db):
    """The keys of two homes with a payer each: the one that stays, then the one that goes."""
    reste, double = FoyerFactory(), FoyerFactory(adresse="3 rue du Lac")
    for foyer in (reste, double):
        ResponsableFactory(foyer=foyer)
        compte_of(foyer)
    return reste.pk, double.pk


@pytest.fixture
def vivant(foyers):
    return Compte.objects.get(foyer=foyers[0])


@pytest.fixture
def meanwhile(foyers, monkeypatch):
    """The two are made one between the reading of a payer and its lock."""
    reste, double = foyers
    read = comptes.comptes_of

    def read_then_unite(cles):
        lus = read(cles)
        reunir_foyers(reste, double, {})
        return lus

    monkeypatch.setattr(comptes, "comptes_of", read_then_unite)


def seen(foyer: int) -> list[Quotient]:
    return enregistrer([SaisieQuotient(foyer, 742, CAF, JEUDI.date())], par=StaffFactory().pk, now=JEUDI).ecrits


def test_quotient_seen_is_of_the_payer_that_stays(foyers, vivant, meanwhile):
    seen(foyers[1])

    assert [quotient.compte for quotient in Quotient.objects.all()] == [vivant]


def test_quotient_that_a_parent_says_is_of_the_payer_that_stays(foyers, vivant, meanwhile):
    declarer(foyers[1], 742, CAF, JANVIER, par=ResponsableFactory().user.pk, now=JEUDI)

    assert [quotient.compte for quotient in Quotient.objects.all()] == [vivant]


def test_residence_and_paper_are_of_the_payer_that_stays(foyers, vivant, meanwhile, monkeypatch):
    confirmer([foyers[1]], Residence.HORS, par=StaffFactory().pk, now=JEUDI)
    monkeypatch.undo()
    vivant.refresh_from_db()

    assert vivant.residence == Residence.HORS
    assert Compte.objects.filter(residence=Residence.HORS).count() == 1


def test_invoices_on_paper_are_of_the_payer_that_stays(foyers, vivant, meanwhile):
    choisir_envoi(foyers[1], Compte.Envoi.PAPIER)

    assert list(Compte.objects.filter(envoi=Compte.Envoi.PAPIER)) == [vivant]


def test_shares_of_the_two_are_the_whole_of_one(foyers, vivant, meanwhile):
    enfant = make_enfant()

    assert partager(enfant.pk, {foyers[0]: 40, foyers[1]: 60}, JANVIER, None)

    assert list(Partage.objects.values_list("enfant", "compte", "part")) == [(enfant.pk, vivant.pk, 100)]


def tried(work: Callable[[], object]) -> bool:
    """Whether it was written: all of it is refused for a home that is no more."""
    try:
        work()
    except IntegrityError:
        return False
    return True


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("essai", range(3))
def test_all_that_is_written_while_they_are_made_one_is_of_a_payer_that_stays(foyers, essai):
    reste, double = foyers
    enfant, agent = make_enfant(), StaffFactory().pk
    partager(enfant.pk, {reste: 50, double: 50}, JANVIER, None)
    works = [
        partial(reunir_foyers, reste, double, {}),
        partial(seen, reste),
        partial(partager, enfant.pk, {reste: 30, double: 70}, JANVIER, None),
        partial(confirmer, [reste, double], Residence.HORS, par=agent, now=JEUDI),
        partial(enregistrer, [SaisieQuotient(double, 1140, CAF, JEUDI.date())], par=agent, now=JEUDI),
    ]

    unis, vu, *_ = at_once(*[partial(tried, work) for work in works])

    assert unis
    assert vu
    assert {quotient.compte.foyer_id for quotient in Quotient.objects.select_related("compte")} == {reste}
    assert list(Partage.objects.values_list("compte__foyer", "part")) == [(reste, 100)]
