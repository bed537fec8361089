"""The commune and a parent, as closing a month finds them."""

import pytest

from tests.factories import ResponsableFactory
from tests.facturation.vecu import dire_quotient, make_commune


@pytest.fixture
def camille():
    make_commune()
    camille = ResponsableFactory()
    dire_quotient(camille.foyer, 742)
    return camille
