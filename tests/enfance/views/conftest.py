"""What the tests of the families' pages share: a Thursday evening of school, a home, the other parent, a child."""

from datetime import datetime

import pytest

from enfance.models import Enfant, Responsable
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.portail.guides import town  # noqa: F401 (a fixture)

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)  # Friday 4 is past its limit, Monday 7 is not


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def camille(clock, db) -> Responsable:
    """The parent, in a year with its three créneaux."""
    AnneeFactory()
    make_creneaux()
    return ResponsableFactory(user__first_name="Camille")


@pytest.fixture
def sacha(camille) -> Responsable:
    """The other parent, who lives elsewhere."""
    return ResponsableFactory(
        user__first_name="Sacha", user__email="sacha@ailleurs.example", foyer=FoyerFactory(adresse="3 rue du Lac")
    )


@pytest.fixture
def lea(camille, sacha) -> Enfant:
    """Their child, who has garde in both homes."""
    return make_enfant(camille, sacha, prenom="Léa")


@pytest.fixture
def connected(client, camille) -> Client:
    """The browser of Camille, logged in."""
    client.force_login(camille.user)
    return client


@pytest.fixture
def famille(clock, client):
    """Camille, two children, three créneaux; logged in."""
    AnneeFactory()
    camille = ResponsableFactory(user__first_name="Camille")
    lea = make_enfant(camille, prenom="Léa")
    tom = make_enfant(camille, prenom="Tom")
    creneaux = make_creneaux()
    client.force_login(camille.user)
    return {"camille": camille, "lea": lea, "tom": tom, **creneaux}
