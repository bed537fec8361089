"""Two agents at once, a parent who saves meanwhile, a fault in the middle: all of the merge, once, or nothing."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import OperationalError, connection

from enfance.equipe.pointages import enregistrer as pointer
from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.doubles.fusion_enfants import reunir_enfants
from enfance.models import Enfant, Evenement, Inscription, Repas, Responsabilite, Scolarite
from enfance.models.repas import ListeRepas
from enfance.regles import Acteur, Cle
from tests.enfance.gate import JEUDI, at, tap
from tests.enfance.mairie.doubles.fusions.doubles import NOW, everything
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.pannes import Fault
from tests.races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci]
LUNDI_7, MARDI_8 = date(2026, 12, 7), date(2026, 12, 8)
MANY = 200  # more queries than a merge makes


@pytest.fixture
def agent():
    return StaffFactory()


@pytest.fixture
def parents():
    """Two homes of one child, each with its file."""
    make_creneaux()
    camille = ResponsableFactory()
    sacha = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"), user__first_name="Sacha")
    return [(camille, make_enfant(camille)), (sacha, make_enfant(sacha, prenom="Lea"))]


def book(parent, enfant, jour=LUNDI_7):
    return enregistrer([Changement(Cle(enfant.pk, jour, "soir"), "inscrit")], Acteur.parent(parent), now=NOW)


def unite(ici, la, agent):
    return reunir_enfants(ici.pk, la.pk, {}, agent.pk, now=NOW)


@pytest.mark.sqlite
@pytest.mark.parametrize("crossed", [False, True])
def test_two_merges_at_once_are_one(parents, agent, crossed):
    (camille, lea), (sacha, double) = parents
    book(camille, lea)
    book(sacha, double)

    bilans = at_once(
        lambda: unite(lea, double, agent), lambda: unite(*((double, lea) if crossed else (lea, double)), agent)
    )

    assert sorted(bool(bilan.refus) for bilan in bilans) == [False, True]
    assert Enfant.objects.count() == Inscription.objects.count() == Scolarite.objects.count() == 1


@pytest.mark.sqlite
@pytest.mark.parametrize("whose", [0, 1], ids=["of who stays", "of the double"])
def test_parent_who_saves_meanwhile_is_heard_or_told_why_not(parents, agent, whose):
    (camille, lea), (sacha, double) = parents
    parent, enfant = parents[whose]

    for jour in (LUNDI_7, MARDI_8):
        book(parent, enfant, jour)
    resultat, bilan = at_once(lambda: book(parent, enfant, date(2026, 12, 10)), lambda: unite(lea, double, agent))

    assert bilan.refus == ()
    assert bool(resultat.evenements) is not bool(resultat.refus)
    assert bool(resultat.evenements) or whose == 1
    inscrits = Inscription.objects.filter(etat="inscrit", enfant=lea).count()
    assert inscrits == Inscription.objects.count() == 2 + len(resultat.evenements)
    assert not Evenement.objects.exclude(enfant=lea).exists()


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_fault_at_any_query_leaves_all_or_nothing(parents, agent, done):
    (camille, lea), (sacha, double) = parents
    for enfant in (lea, double):
        Responsabilite.objects.get_or_create(enfant=enfant, responsable=camille)
        book(camille, enfant) if enfant == lea else book(sacha, enfant)
        pointer([tap(enfant, a=at(16, 40))], JEUDI, "soir", agent, now=at(17))
        liste = ListeRepas.objects.create(debut=LUNDI_7, fin=LUNDI_7)
        Repas.objects.create(enfant=enfant, jour=LUNDI_7, liste=liste)
    avant = everything()

    for n in range(1, MANY):
        try:
            with connection.execute_wrapper(Fault(n, done=done)):
                unite(lea, double, agent)
        except OperationalError:
            assert everything() == avant, f"query {n}"
        else:
            break

    assert 60 < n < MANY - 1  # the last one had no fault: every query has had one
    assert Enfant.objects.get() == lea
