"""What the tests of the association's list share: the créneaux of a year, a parent, a child."""

import pytest

from tests.factories import ResponsableFactory, make_creneaux, make_enfant


@pytest.fixture
def creneaux():
    return make_creneaux()


@pytest.fixture
def camille():
    return ResponsableFactory()


@pytest.fixture
def tom(camille):
    return make_enfant(camille, prenom="Tom")
