"""Léa's parents live apart, each with a payer of their own who has a row in each table of money."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from enfance.models import Enfant, Responsable
from facturation.models import Compte
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.registres.argent import DECEMBRE, make_argent
from tests.facturation.vecu import make_commune


@dataclass
class Parents:
    camille: Responsable
    sacha: Responsable
    lea: Enfant
    comptes: dict[str, Compte]


@pytest.fixture
def parents(db, time_machine) -> Parents:
    time_machine.move_to(DECEMBRE, tick=False)
    make_commune()
    camille = ResponsableFactory(user__identifiant="2000001")
    sacha = ResponsableFactory(
        user__identifiant="2000002",
        user__first_name="Sacha",
        user__last_name="Rivière",
        user__email="sacha@ailleurs.example",
        foyer=FoyerFactory(adresse="3 rue du Lac"),
    )
    lea = make_enfant(camille, sacha, prenom="Léa")
    agent = StaffFactory(first_name="Dominique", last_name="Sorbier")
    comptes = {
        adulte.user.first_name: make_argent(adulte.foyer, lea, adulte.user, agent=agent) for adulte in (camille, sacha)
    }
    return Parents(camille, sacha, lea, comptes)
