"""A child who eats goes from one service of the lunch break to the other, in one save, or stays where they are."""

from datetime import date, datetime, time

import pytest

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Inscription, ListeRepas, Repas
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.factories import CreneauFactory, EnfantFactory, ResponsableFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
MARDI = date(2026, 12, 8)


@pytest.fixture
def camille():
    make_creneaux()
    CreneauFactory(code="midi-2", moment="midi", nom="Second service", debut=time(12, 30), fin=time(13, 30), places=1)
    return ResponsableFactory()


@pytest.fixture
def lea(camille):
    """Léa eats on Tuesday, at the first service."""
    lea = make_enfant(camille)
    liste = ListeRepas.objects.create(debut=MARDI, fin=MARDI)
    Repas.objects.create(enfant=lea, jour=MARDI, liste=liste)
    save(camille, lea, midi="inscrit")
    return lea


def save(camille, lea, **voulus):
    changements = [Changement(Cle(lea.pk, MARDI, code.replace("_", "-")), etat) for code, etat in voulus.items()]
    return enregistrer(changements, Acteur.parent(camille), now=NOW)


def services():
    return list(Inscription.objects.inscrit().order_by("creneau").values_list("enfant__prenom", "creneau__code"))


def test_child_goes_to_the_other_service_in_one_save(camille, lea):
    assert save(camille, lea, midi="annulee", midi_2="inscrit").refus == ()
    assert services() == [("Léa", "midi-2")]


def test_child_goes_to_the_other_service_in_two_saves(camille, lea):
    assert save(camille, lea, midi_2="inscrit").refus == ()
    assert save(camille, lea, midi="annulee").refus == ()
    assert services() == [("Léa", "midi-2")]


def test_child_who_finds_no_place_keeps_the_one_they_had(camille, lea):
    tom = EnfantFactory(prenom="Tom")
    Inscription.objects.create(enfant=tom, jour=MARDI, creneau=CreneauFactory(code="midi-2"), etat="inscrit")

    refus = save(camille, lea, midi="annulee", midi_2="inscrit").refus

    assert [(r.cle.creneau, r.obstacles[0].code) for r in refus] == [("midi-2", "complet"), ("midi", "repas")]
    assert services() == [("Léa", "midi"), ("Tom", "midi-2")]


def test_child_who_eats_does_not_leave_both(camille, lea):
    save(camille, lea, midi_2="inscrit")
    refus = save(camille, lea, midi="annulee", midi_2="annulee").refus
    assert len(refus) == 1
    assert len(services()) == 1
