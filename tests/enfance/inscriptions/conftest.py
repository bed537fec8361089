"""What the tests of the writer of inscriptions share: a parent, two children, three créneaux, a secretary."""

import pytest

from enfance.models import Evenement, Inscription
from tests.enfance.boxes import LUNDI_7
from tests.factories import (
    EnfantFactory,
    ResponsableFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)


@pytest.fixture
def creneaux():
    return make_creneaux()


@pytest.fixture
def parent():
    return ResponsableFactory()


@pytest.fixture
def lea(parent, creneaux):
    return make_enfant(parent)


@pytest.fixture
def tom(parent, creneaux):
    return make_enfant(parent, prenom="Tom")


@pytest.fixture
def secretaire():
    return StaffFactory()


def traces():
    lignes = Evenement.objects.order_by("pk").values_list(
        "enfant__prenom", "jour", "creneau__code", "avant", "apres", "enregistrement"
    )
    return list(lignes)


def refused(resultat):
    return {refus.cle: [obstacle.code for obstacle in refus.obstacles] for refus in resultat.refus}


def fill(creneau, jour=LUNDI_7, n=1):
    return [
        Inscription.objects.create(enfant=EnfantFactory(prenom="Zoé"), creneau=creneau, jour=jour) for _ in range(n)
    ]
