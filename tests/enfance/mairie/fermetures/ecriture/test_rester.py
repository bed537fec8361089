"""A child who stays after all, though the trip had taken it: its places come back, and nobody else's."""

import pytest
from django.core import mail

from accounts.models import User
from enfance.courriels import fermeture as courriels
from enfance.mairie.fermetures.ecriture import Portee, fermer, rester, rouvrir
from enfance.models import Creneau, Fermeture, Scolarite
from enfance.natures import NatureFermeture
from tests.enfance.mairie.fermetures.ecriture.conftest import MARDI_15, NOW, Etat, etats, everything, run_tasks, save
from tests.factories import ResponsableFactory, make_enfant
from tests.reading import plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def sortie(camille, lea):
    """Léa and Noé, of CM1, gone from noon and evening."""
    autre = ResponsableFactory(user__email="noe@courriel.example")
    noe = make_enfant(autre, prenom="Noé")
    Scolarite.objects.update(niveau="CM1")
    save(camille, lea, "midi", "soir")
    save(autre, noe, "midi", "soir")
    portee = Portee(MARDI_15, MARDI_15, "musée", nature=NatureFermeture.SORTIE, niveaux=("CM1",))
    return fermer(portee, now=NOW).fermeture


def inscrits():
    return {cle for cle, etat in etats().items() if etat == Etat.INSCRIT}


def test_a_child_who_stays_gets_its_places_back_alone(sortie, lea):
    bilan = rester(sortie.pk, lea.pk, now=NOW)

    assert inscrits() == {("Léa", 15, "midi"), ("Léa", 15, "soir")}
    assert (bilan.touches.inscriptions, bilan.refus, list(sortie.restent.all())) == (2, (), [lea])
    assert (bilan.enregistrement.porte, bilan.enregistrement.motif) == ("sortie", "Reste à l’école")


def test_its_family_alone_is_told(sortie, camille, lea):
    run_tasks()
    mail.outbox.clear()

    bilan = rester(sortie.pk, lea.pk, now=NOW)

    assert [compte.pk for compte in courriels.recipients(bilan.enregistrement)] == [camille.user_id]
    nom, context = courriels.mail_of(bilan.enregistrement, User.objects.get(pk=camille.user_id), now=NOW)
    assert (nom, plain(context["titre"])) == ("reouverture", "Léa reste à l’école mardi 15 décembre")


def test_twice_changes_nothing_more(sortie, lea):
    rester(sortie.pk, lea.pk, now=NOW)
    avant = everything()

    assert rester(sortie.pk, lea.pk, now=NOW).deja
    assert everything() == avant


def test_a_place_that_was_given_meanwhile_is_refused_in_words(sortie, lea):
    Creneau.objects.filter(code="soir").update(places=1)
    parent = ResponsableFactory()
    save(parent, make_enfant(parent, prenom="Zoé"), "soir")

    bilan = rester(sortie.pk, lea.pk, now=NOW)

    assert [plain(refus) for refus in bilan.refus] == [f"{lea}, soir, mardi 15 décembre : il n’y a plus de place."]
    assert ("Léa", 15, "midi") in inscrits()


def test_a_trip_taken_back_afterwards_leaves_what_is_there(sortie, lea):
    rester(sortie.pk, lea.pk, now=NOW)

    bilan = rouvrir(sortie.pk, now=NOW)

    assert bilan.touches.enfants == 1  # Noé
    assert len(inscrits()) == 4
    assert not Fermeture.objects.exists()


def test_a_trial_changes_nothing(sortie, lea):
    avant = everything()

    assert rester(sortie.pk, lea.pk, now=NOW, simuler=True).touches.inscriptions == 2
    assert everything() == avant


def test_nobody_stays_of_a_closure(camille, lea):
    save(camille, lea, "soir")
    fermeture = fermer(Portee(MARDI_15, MARDI_15, "grève"), now=NOW).fermeture

    assert rester(fermeture.pk, lea.pk, now=NOW).deja
    assert inscrits() == set()
