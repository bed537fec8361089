"""A woman whom ONDE gave, and her double typed by hand."""

import pytest

from tests.factories import FoyerFactory, ResponsableFactory, make_enfant


@pytest.fixture
def camille():
    """As ONDE gave her, in a home with Karim and their daughter."""
    camille = ResponsableFactory(
        user__identifiant="3816238",
        user__email="camille@courriel.example",
        civilite="mme",
        telephone="06 39 98 00 01",
    )
    karim = ResponsableFactory(foyer=camille.foyer, user__first_name="Karim")
    make_enfant(camille, karim, prenom="Léa")
    return camille


@pytest.fixture
def double():
    """The same woman, typed by hand for her son: another mail, no mobile, alone in her home."""
    double = ResponsableFactory(
        foyer=FoyerFactory(adresse="12 ch. des Tilleuls"),
        user__identifiant="4000001",
        user__email="c.morel@travail.example",
        telephone_travail="04 76 00 00 01",
    )
    make_enfant(double, prenom="Tom")
    return double
