"""What the tests of a family’s money share: Léa and Tom, créneaux and tariffs, on a Thursday evening."""

from datetime import datetime

import pytest

from enfance.models import Enfant, Responsable
from facturation.models import Facture
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.facturation.factures_emises import novembre
from tests.facturation.grille import make_tarifs

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def camille(clock, db) -> Responsable:
    """The parent, with Dominique in the same home, in a year with its créneaux and its tariffs."""
    AnneeFactory()
    make_creneaux()
    make_tarifs()
    camille = ResponsableFactory(user__identifiant="3816238")
    ResponsableFactory(user__first_name="Dominique", foyer=camille.foyer)
    return camille


@pytest.fixture
def sacha(camille) -> Responsable:
    """The other parent, who lives elsewhere."""
    return ResponsableFactory(
        user__first_name="Sacha",
        user__last_name="Rivière",
        user__email="sacha@ailleurs.example",
        foyer=FoyerFactory(adresse="3 rue du Lac"),
    )


@pytest.fixture
def lea(camille) -> Enfant:
    return make_enfant(camille, prenom="Léa", sexe="f")


@pytest.fixture
def tom(camille) -> Enfant:
    return make_enfant(camille, prenom="Tom", sexe="m", date_naissance=datetime(2021, 6, 2).date())


@pytest.fixture
def facture(camille, lea, tom) -> Facture:
    """November's, n° F-2026-0349."""
    return novembre(camille, lea, tom)


@pytest.fixture
def connected(client, camille) -> Client:
    """The browser of Camille, logged in."""
    client.force_login(camille.user)
    return client
