"""Closing, opening again, changing places and lists while families save: nobody is lost, no place is given twice."""

from datetime import date, timedelta

import pytest
from django.db import OperationalError, connection, transaction

from enfance.inscriptions import classer, servir_creneau
from enfance.mairie.fermetures.ecriture import Portee, fermer, rester, rouvrir
from enfance.models import Creneau, Enregistrement, Evenement, Fermeture, Inscription, Scolarite
from enfance.natures import NatureFermeture
from enfance.regles import Acteur
from tests.enfance.courses import LUNDI_7, NOW, box, counts, make_families, ranks, save, set_places
from tests.factories import StaffFactory, make_creneaux
from tests.pannes import MANY, Fault, everything
from tests.races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]

GREVE = Portee(LUNDI_7, LUNDI_7, "grève")


def close():
    return fermer(GREVE, now=NOW)


def reopen(pk):
    return lambda: rouvrir(pk, now=NOW)


def trace_agrees():
    """Each row is as its last event says."""
    for inscription in Inscription.objects.all():
        dernier = Evenement.objects.filter(
            enfant=inscription.enfant_id, jour=inscription.jour, creneau=inscription.creneau_id
        ).order_by("-enregistrement_id")[0]
        assert dernier.apres == inscription.etat


def test_no_save_slips_under_a_closure():
    make_creneaux()
    families = make_families(12)

    at_once(close, *(save(parent, {box(enfant): "inscrit"}) for parent, enfant in families))

    assert not Inscription.objects.filter(etat="inscrit").exists()
    trace_agrees()


def test_closing_many_times_at_once_closes_once():
    make_creneaux()
    ((parent, enfant),) = make_families(1)
    save(parent, {box(enfant): "inscrit"})()

    bilans = at_once(*[close] * 6)

    assert Fermeture.objects.count() == 1
    assert [bilan.deja for bilan in bilans].count(False) == 1
    assert Enregistrement.objects.filter(porte="fermeture").count() == 1


def test_reopening_many_times_at_once_gives_back_once():
    make_creneaux()
    set_places(3)
    families = make_families(3)
    for parent, enfant in families:
        save(parent, {box(enfant): "inscrit"})()
    pk = close().fermeture.pk

    bilans = at_once(*[reopen(pk)] * 6)

    assert [bilan.deja for bilan in bilans].count(False) == 1
    assert counts() == {"inscrit": 3}
    assert Evenement.objects.filter(avant="annulee", apres="inscrit").count() == 3


@pytest.mark.parametrize("fois", [3, pytest.param(20, marks=pytest.mark.lent)])
def test_places_given_back_and_taken_at_once_are_never_one_too_many(fois):
    make_creneaux()
    set_places(3)
    tenants, prenants = make_families(3), make_families(9)

    for n in range(fois):
        jour = LUNDI_7 + timedelta(weeks=n % 2)
        Inscription.objects.all().delete()
        for parent, enfant in tenants:
            save(parent, {box(enfant, jour=jour): "inscrit"})()
        pk = fermer(Portee(jour, jour, f"grève {n}"), now=NOW).fermeture.pk

        at_once(reopen(pk), *(save(parent, {box(enfant, jour=jour): "attente"}) for parent, enfant in prenants))

        etats = counts()
        assert etats["inscrit"] == 3
        assert ranks([enfant for _, enfant in prenants], jour) == list(range(1, etats.get("attente", 0) + 1))
        assert not Fermeture.objects.exists()


def test_places_won_while_they_are_taken_are_all_given():
    make_creneaux()
    set_places(2)
    families = make_families(14)
    for parent, enfant in families[:8]:
        save(parent, {box(enfant): "attente"})()

    def win():
        with transaction.atomic():
            (soir,) = Creneau.objects.lock({"soir"})
            Creneau.objects.filter(pk=soir.pk).update(places=6)
            servir_creneau(soir, now=NOW)

    at_once(win, *(save(parent, {box(enfant): "attente"}) for parent, enfant in families[8:]))

    assert counts() == {"inscrit": 6, "attente": 8}
    assert ranks([enfant for _, enfant in families]) == list(range(1, 9))
    premiers = [enfant.pk for _, enfant in families[:6]]
    assert set(Inscription.objects.inscrit().values_list("enfant", flat=True)) == set(premiers)
    trace_agrees()


def test_order_changed_while_the_list_is_served_loses_nobody():
    make_creneaux()
    set_places(1)
    families = make_families(6)
    for parent, enfant in families:
        save(parent, {box(enfant): "attente"})()
    soir = Creneau.objects.get(code="soir")
    liste = [i.pk for i in Inscription.objects.attente_for({(LUNDI_7, soir.pk)})]
    premier, enfant = families[0]
    agent = Acteur.mairie(StaffFactory().pk, "Situation d’urgence")

    resultats = at_once(
        save(premier, {box(enfant): "annulee"}),
        lambda: classer(LUNDI_7, soir, liste, liste[::-1], agent, now=NOW),
        lambda: classer(LUNDI_7, soir, liste, liste[1:] + liste[:1], agent, now=NOW),
    )

    assert len([enregistrement for enregistrement in resultats[1:] if enregistrement]) <= 1
    assert counts() == {"annulee": 1, "inscrit": 1, "attente": 4}
    assert ranks([enfant for _, enfant in families]) == [1, 2, 3, 4]


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_fault_at_any_query_of_a_closure_leaves_all_or_nothing(done):  # REL-03
    make_creneaux()
    families = make_families(2)
    for parent, enfant in families:
        save(parent, {box(enfant): "inscrit"})()
    avant = [everything(), Fermeture.objects.count()]

    for n in range(1, MANY):
        try:
            with connection.execute_wrapper(Fault(n, done=done)):
                close()
            break
        except OperationalError:
            assert [everything(), Fermeture.objects.count()] == avant, n

    assert counts() == {"annulee": 2}


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_fault_at_any_query_of_a_reopening_leaves_all_or_nothing(done):  # REL-03
    make_creneaux()
    set_places(1)
    families = make_families(2)
    for parent, enfant in families:
        save(parent, {box(enfant): "attente"})()
    pk = close().fermeture.pk
    avant = [everything(), Fermeture.objects.count()]

    for n in range(1, MANY):
        try:
            with connection.execute_wrapper(Fault(n, done=done)):
                reopen(pk)()
            break
        except OperationalError:
            assert [everything(), Fermeture.objects.count()] == avant, n

    assert counts() == {"inscrit": 1, "attente": 1}
    assert not Fermeture.objects.filter(debut=date(2026, 12, 7)).exists()


def leave(*restent):
    musee = {"nature": NatureFermeture.SORTIE, "niveaux": ("CM1",), "restent": restent}
    return fermer(Portee(LUNDI_7, LUNDI_7, "musée", **musee), now=NOW)


def make_eleves(nombre):
    families = make_families(nombre)
    Scolarite.objects.update(niveau="CM1")
    return families


def test_no_save_of_who_leaves_slips_under_a_trip():
    make_creneaux()
    families = make_eleves(8)
    reste = families[0][1]

    at_once(lambda: leave(reste), *(save(parent, {box(enfant): "inscrit"}) for parent, enfant in families))

    assert set(Inscription.objects.inscrit().values_list("enfant", flat=True)) == {reste.pk}
    trace_agrees()


def test_a_trip_said_many_times_at_once_is_one():
    make_creneaux()
    ((parent, enfant),) = make_eleves(1)
    save(parent, {box(enfant): "inscrit"})()

    bilans = at_once(*[leave] * 6)

    assert Fermeture.objects.count() == 1
    assert [bilan.deja for bilan in bilans].count(False) == 1
    assert Enregistrement.objects.filter(porte="sortie").count() == 1


def test_a_child_kept_many_times_while_the_trip_is_taken_back_gets_its_place_once():
    make_creneaux()
    set_places(2)
    families = make_eleves(2)
    for parent, enfant in families:
        save(parent, {box(enfant): "inscrit"})()
    pk, lea = leave().fermeture.pk, families[0][1].pk

    at_once(*[lambda: rester(pk, lea, now=NOW)] * 3, reopen(pk), reopen(pk))

    assert counts() == {"inscrit": 2}
    assert Evenement.objects.filter(avant="annulee", apres="inscrit").count() == 2
    assert not Fermeture.objects.exists()
    trace_agrees()


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_fault_at_any_query_of_keeping_a_child_leaves_all_or_nothing(done):  # REL-03
    make_creneaux()
    families = make_eleves(2)
    for parent, enfant in families:
        save(parent, {box(enfant): "inscrit"})()
    fermeture, lea = leave().fermeture, families[0][1]
    avant = [everything(), fermeture.restent.count()]

    for n in range(1, MANY):
        try:
            with connection.execute_wrapper(Fault(n, done=done)):
                rester(fermeture.pk, lea.pk, now=NOW)
            break
        except OperationalError:
            assert [everything(), fermeture.restent.count()] == avant, n

    assert counts() == {"annulee": 1, "inscrit": 1}
