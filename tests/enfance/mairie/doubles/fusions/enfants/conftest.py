"""A child whom ONDE gave, and its double typed by hand for the same home."""

from __future__ import annotations

import pytest

from enfance.mairie.doubles.fusion_enfants import reunir_enfants
from tests.enfance.mairie.doubles.fusions.doubles import NOW
from tests.enfance.mairie.doubles.fusions.enfants.fiches import ONDE
from tests.factories import (
    FoyerFactory,
    ResponsableFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)


@pytest.fixture
def agent():
    return StaffFactory()


@pytest.fixture
def creneaux(db):
    return make_creneaux()


@pytest.fixture
def camille(creneaux):
    return ResponsableFactory(user__email="camille@courriel.example")


@pytest.fixture
def lea(camille):
    """As ONDE gave her."""
    return make_enfant(camille, nom="MOREL", onde=ONDE | {"scolarites": {"2026": {"niveau": "CE1"}}})


@pytest.fixture
def double(camille):
    """Typed by hand for the same home, before ONDE gave her."""
    return make_enfant(camille, nom="Morel", prenom="Lea")


@pytest.fixture
def sacha(creneaux):
    """Another parent, in another home."""
    return ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"), user__first_name="Sacha")


@pytest.fixture
def unite(agent):
    def go(reste, double, **choix):
        return reunir_enfants(reste.pk, double.pk, choix, agent.pk, now=NOW)

    return go
