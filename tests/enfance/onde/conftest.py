import pytest

from tests.factories import AnneeFactory


@pytest.fixture
def annee():
    return AnneeFactory()
