"""Closing: what it cancels, of whom, and what it leaves alone."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enfance.mairie.fermetures.ecriture import Portee, fermer
from enfance.models import Creneau, Enregistrement, Fermeture, Inscription, Scolarite
from tests.enfance.mairie.fermetures.ecriture.conftest import (
    JEUDI_17,
    LUNDI_14,
    MARDI_15,
    NOW,
    Etat,
    Origine,
    close,
    etats,
    everything,
    save,
)
from tests.factories import (
    ClasseFactory,
    ResponsableFactory,
    StaffFactory,
    make_enfant,
)
from tests.reading import plain

pytestmark = pytest.mark.django_db


def test_closing_cancels_what_it_covers_under_one_save(camille, lea):
    save(camille, lea, "matin", "soir")
    save(camille, lea, "soir", jour=JEUDI_17)
    agent = StaffFactory()

    bilan = fermer(Portee(MARDI_15, MARDI_15, "grève"), agent.pk, now=NOW)

    assert etats() == {
        ("Léa", 15, "matin"): "annulee",
        ("Léa", 15, "soir"): "annulee",
        ("Léa", 17, "soir"): "inscrit",
    }
    enregistrement = Enregistrement.objects.get(porte="fermeture")
    assert bilan.enregistrement == enregistrement
    assert enregistrement.fermeture == Fermeture.objects.get()
    assert (enregistrement.auteur, enregistrement.motif, enregistrement.evenements.count()) == (agent, "grève", 2)
    assert set(Inscription.objects.filter(jour=MARDI_15).values_list("origine", flat=True)) == {Origine.FERMETURE}


@pytest.mark.parametrize(
    ("portee", "annulees"),
    [
        ({}, {"Léa", "Noé"}),
        ({"creneaux": ["soir"]}, {"Léa", "Noé"}),
        ({"creneaux": ["matin", "midi"]}, set()),
        ({"classes": ["CM2 M. Frêne"]}, {"Noé"}),
        ({"classes": ["PS"]}, set()),
        ({"debut": LUNDI_14, "fin": LUNDI_14}, set()),
        ({"debut": date(2026, 12, 12), "fin": date(2026, 12, 20)}, {"Léa", "Noé"}),
    ],
)
def test_closing_keeps_to_its_days_slots_and_classes(camille, lea, creneaux, portee, annulees):
    autre = ResponsableFactory()
    noe = make_enfant(autre, prenom="Noé")
    classes = {nom: ClasseFactory(nom=nom) for nom in ("CM2 M. Frêne", "PS")}
    Scolarite.objects.filter(enfant=noe).update(classe=classes["CM2 M. Frêne"])
    save(camille, lea, "soir")
    save(autre, noe, "soir")

    close(
        portee.get("debut", MARDI_15),
        portee.get("fin", MARDI_15),
        creneaux=tuple(creneaux[code] for code in portee.get("creneaux", ())),
        classes=tuple(classes[nom] for nom in portee.get("classes", ())),
    )

    assert {prenom for (prenom, *_), etat in etats().items() if etat == "annulee"} == annulees


def test_closing_tells_who_is_touched(camille, lea):
    tom = make_enfant(camille, prenom="Tom")
    muette = ResponsableFactory(user__email="")
    noe = make_enfant(muette, prenom="Noé")
    Scolarite.objects.filter(enfant=noe).update(classe=ClasseFactory(nom="CM2 M. Frêne"))
    save(camille, lea, "matin", "soir")
    save(camille, tom, "soir")
    save(muette, noe, "soir")

    touches = close().touches

    assert plain(touches.phrase) == "4 inscriptions, 3 enfants, 2 foyers"
    assert touches.creneaux == ("matin", "soir")
    assert touches.classes == (("CE1-CE2 Mme Sorbier", (1, 2)), ("CM2 M. Frêne", (0, 1)))
    assert [str(appel) for appel in touches.injoignables] == ["Noé Morel (Camille Morel, aucun téléphone)"]


def test_trial_closing_writes_nothing(camille, lea):
    save(camille, lea, "soir")
    avant = everything()

    bilan = close(simuler=True)

    assert (bilan.touches.inscriptions, everything()) == (1, avant)


def test_closing_twice_changes_nothing(camille, lea):
    save(camille, lea, "soir")
    close()
    avant = everything()

    bilan = close(motif="autre raison")

    assert (bilan.deja, everything()) == (True, avant)


def test_closing_over_another_closure_adds_to_it(camille, lea, creneaux):
    save(camille, lea, "matin", "soir")
    close(creneaux=(creneaux["soir"],))

    bilan = close()

    assert bilan.touches.inscriptions == 1
    assert set(etats().values()) == {"annulee"}
    assert Fermeture.objects.count() == 2


def test_who_waits_keeps_the_rank_while_it_is_closed(camille, lea):
    Creneau.objects.filter(code="soir").update(places=1)
    autre = ResponsableFactory()
    save(camille, lea, "soir")
    save(autre, make_enfant(autre, prenom="Noé"), "soir", voulu=Etat.ATTENTE)

    close()

    assert etats() == {("Léa", 15, "soir"): "annulee", ("Noé", 15, "soir"): "attente"}


def test_place_that_a_class_leaves_goes_to_another_class(camille, lea):
    Creneau.objects.filter(code="soir").update(places=1)
    autre = ResponsableFactory()
    noe = make_enfant(autre, prenom="Noé")
    Scolarite.objects.filter(enfant=noe).update(classe=ClasseFactory(nom="CM2 M. Frêne"))
    save(camille, lea, "soir")
    save(autre, noe, "soir", voulu=Etat.ATTENTE)

    close(classes=(lea.scolarites.get().classe,))

    assert etats() == {("Léa", 15, "soir"): "annulee", ("Noé", 15, "soir"): "inscrit"}


def test_days_without_garderie_are_not_closed(camille, lea):
    assert close(date(2026, 12, 19), date(2027, 1, 3)).fermeture is None
    fermeture = close(date(2026, 12, 12), date(2026, 12, 20)).fermeture

    assert (fermeture.debut, fermeture.fin) == (LUNDI_14, date(2026, 12, 18))
    assert close(date(2026, 12, 13), date(2026, 12, 19)).deja


def test_same_days_for_other_creneaux_or_classes_are_another_closure(lea):
    soir, matin = Creneau.objects.get(code="soir"), Creneau.objects.get(code="matin")
    sienne, autre = lea.scolarites.get().classe, ClasseFactory(nom="CM2 M. Frêne")
    portees = [{}, {"creneaux": (soir,)}, {"creneaux": (matin,)}, {"classes": (sienne,)}, {"classes": (autre,)}]

    assert [close(**portee).deja for portee in portees] == [False] * 5
    assert [close(**portee).deja for portee in portees] == [True] * 5
    assert Fermeture.objects.count() == 5


def test_same_closure_again_that_finds_somebody_more_is_not_as_it_was(lea, creneaux):
    close()
    Inscription.objects.create(enfant=lea, jour=MARDI_15, creneau=creneaux["soir"])

    assert (close().deja, etats()) == (False, {("Léa", 15, "soir"): "annulee"})
    assert close().deja


def test_closing_costs_the_same_however_many_homes_it_touches(camille, lea):
    save(camille, lea, "soir")
    for n in range(3):
        autre = ResponsableFactory()
        save(autre, make_enfant(autre, prenom=f"Enfant {n}"), "soir", jour=JEUDI_17)
    costs = []
    for jour in (MARDI_15, JEUDI_17):
        with CaptureQueriesContext(connection) as queries:
            close(jour, jour)
        costs.append(len(queries))

    assert Inscription.objects.filter(etat=Etat.ANNULEE, foyer__isnull=False).count() == 4
    assert costs[1] <= costs[0]
