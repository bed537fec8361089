"""The address of a letter, as the window of the envelope shows it."""

import pytest

from enfance.mairie.envois.lettres import lettres
from tests.factories import FoyerFactory, ResponsableFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("foyer", "adresse"),
    [
        ({}, ("12 chemin des Tilleuls", "38160 SAINT SAUVEUR")),
        ({"adresse": "Chez M. Abel\n\n 3 rue du Lac ", "commune": "Saint-Sauveur"}, (
            "Chez M. Abel", "3 rue du Lac", "38160 Saint-Sauveur")),
        ({"adresse": "Seestrasse 5", "code_postal": "CH-8002", "commune": "ZÜRICH, SUISSE"}, (
            "Seestrasse 5", "CH-8002 ZÜRICH, SUISSE")),
        ({"adresse": "Le bourg", "code_postal": ""}, ("Le bourg", "SAINT SAUVEUR")),
        ({"adresse": ""}, ()),
        ({"code_postal": "", "commune": ""}, ()),
    ],
)  # fmt: skip
def test_address_is_the_street_then_the_town(foyer, adresse):
    [lettre] = lettres([ResponsableFactory(foyer=FoyerFactory(**foyer))])

    assert lettre.adresse == adresse


@pytest.mark.parametrize(("civilite", "nom"), [("mme", "Mme Camille Morel"), ("", "Camille Morel")])
def test_letter_is_to_the_adult_by_name(civilite, nom):
    [lettre] = lettres([ResponsableFactory(civilite=civilite, user__identifiant="3816238")])

    assert (lettre.destinataire, lettre.identifiant) == (nom, "3816238")
