"""The association's list of meals: who eats, what a new list changes, and the lunch break that goes with a meal."""

from datetime import date, datetime

import pytest

from enfance.inscriptions import Changement, enregistrer
from enfance.liste_repas import lire
from enfance.models import Enregistrement, Inscription, ListeRepas, Repas
from enfance.onde.table import Fichier, ImportRefuse
from enfance.regles import Acteur, Cle
from enfance.repas import importer
from portail.dates import PARIS
from tests.factories import ResponsableFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
LUNDI_7, MARDI_8, JEUDI_10 = (date(2026, 12, jour) for jour in (7, 8, 10))


@pytest.fixture(autouse=True)
def creneaux():
    return make_creneaux()


@pytest.fixture
def camille():
    return ResponsableFactory()


@pytest.fixture
def tom(camille):
    return make_enfant(camille, prenom="Tom")


def liste(*lignes):
    return lire(Fichier("repas.csv", "\n".join(["Nom;Prénom;Classe;Date", *lignes]).encode()))


def importe(*lignes, **champs):
    return importer(liste(*lignes), **{"now": NOW} | champs)


def repas():
    return list(Repas.objects.order_by("jour", "enfant").values_list("enfant__prenom", "jour"))


def test_importer_writes_the_meals_of_the_list(tom):
    bilan = importe("MOREL;Tom;;08/12/2026", "MOREL;Tom;;2026-12-10")
    assert repas() == [("Tom", MARDI_8), ("Tom", JEUDI_10)]
    assert (bilan.debut, bilan.fin, len(bilan.ajoutes), bilan.sans_midi) == (MARDI_8, JEUDI_10, 2, 2)
