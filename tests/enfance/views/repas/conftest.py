"""What the tests of meals share: a Thursday evening of school, a home that is logged in, a child."""

import pytest

from tests.factories import AnneeFactory, ResponsableFactory, make_creneaux, make_enfant


@pytest.fixture(autouse=True)
def _ecole(clock, db):
    AnneeFactory()
    make_creneaux()


@pytest.fixture
def camille(client):
    camille = ResponsableFactory(user__first_name="Camille")
    client.force_login(camille.user)
    return camille


@pytest.fixture
def tom(camille):
    return make_enfant(camille, prenom="Tom")
