"""What the tests of the secretary's pages share: the last day of November, two families with something to pay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
import time_machine
from django.contrib.auth.models import Group

from accounts import groups
from accounts.models import User
from enfance.models import Creneau, Enfant, Inscription, Responsable
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant

LUNDI = datetime(2026, 11, 30, 9, 5, tzinfo=PARIS)
VENDREDI, DECEMBRE, NOVEMBRE = date(2026, 11, 27), date(2026, 12, 1), date(2026, 11, 1)


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(LUNDI, tick=False):
        yield


@pytest.fixture
def secretaire(db) -> User:
    """An agent of the group Secrétariat, with its rights and no other."""
    groups.sync()
    agente = StaffFactory(is_superuser=False, first_name="Nadia", last_name="Roux")
    agente.groups.add(Group.objects.get(name="Secrétariat"))
    return agente


@pytest.fixture
def mairie(secretaire) -> Client:
    client = Client()
    client.force_login(secretaire)
    return client


@pytest.fixture
def creneaux(db) -> dict[str, Creneau]:
    return make_creneaux()


@pytest.fixture
def camille(db) -> Responsable:
    return ResponsableFactory(user__identifiant="3816238", user__email="camille.morel@courriel.example")


@pytest.fixture
def lea(camille) -> Enfant:
    return make_enfant(camille, prenom="Léa")


@pytest.fixture
def ines(db) -> Responsable:
    return ResponsableFactory(
        user__first_name="Inès", user__last_name="Muñoz", foyer=FoyerFactory(adresse="3 rue du Lac")
    )


@pytest.fixture
def zoe(ines) -> Enfant:
    return make_enfant(ines, prenom="Zoé", nom="Muñoz")


@pytest.fixture
def inscrire(creneaux) -> Callable[..., Inscription]:
    """Register this child, by this adult's foyer, on the last Friday of November unless told otherwise."""

    def make(enfant: Enfant, responsable: Responsable, code: str = "midi", jour: date = VENDREDI) -> Inscription:
        return Inscription.objects.create(enfant=enfant, jour=jour, creneau=creneaux[code], foyer=responsable.foyer)

    return make


@pytest.fixture
def familles(inscrire, camille, lea, ines, zoe) -> dict[str, Responsable]:
    """Morel and Muñoz, each with a child registered on that Friday at noon."""
    inscrire(lea, camille)
    inscrire(zoe, ines)
    return {"morel": camille, "munoz": ines}
