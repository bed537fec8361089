"""A parent's password is no name of the family (AUT-03)."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tests.factories import PASSWORD, EnfantFactory, ResponsableFactory, StaffFactory

NAME = "Évitez votre nom et votre adresse e-mail dans le mot de passe."
ENFANT = "Évitez le prénom et le nom de vos enfants dans le mot de passe."


def refusals(password, user) -> list[str]:
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        return refusal.messages
    return []


@pytest.fixture
def parent(db):
    """Camille Morel, whose children bear another name."""
    responsable = ResponsableFactory(user__first_name="Camille", user__last_name="Morel")
    for prenom in ["Éloïse", "Ode"]:
        enfant = EnfantFactory(prenom=prenom, nom="Dupré-Brun")
        responsable.responsabilites.create(enfant=enfant)
    responsable.responsabilites.create(enfant=EnfantFactory(prenom="Al", nom="Ly"))
    EnfantFactory(prenom="Maxence", nom="Sorbier")  # of another family
    return responsable.user


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Eloise-2019", [ENFANT]),
        ("ÉLOÏSE 2019 a", [ENFANT]),
        ("El01se-2019", [ENFANT]),
        ("Ode-14-03-2019", [ENFANT]),
        ("OdeDupre7", [ENFANT]),
        ("Ma Brun 2026", [ENFANT]),
        ("LyAl2026", [ENFANT]),  # names too short to be refused alone
        ("CamilleEloise7", [ENFANT]),  # neither name alone
        ("MorelCamille7", [NAME]),  # told once
        ("Maxence-2019", []),
        ("Eloise lit sous la pluie 7", []),  # a sentence may hold a name
        ("Eloignez-7", []),
    ],
)
def test_names_of_children_are_refused(parent, password, expected):
    assert refusals(password, parent) == expected  # AUT-03


def test_account_without_children_is_told_of_none(db):
    for user in [ResponsableFactory().user, StaffFactory()]:
        assert refusals("Eloise-2019-nuage", user) == []


def test_page_says_it(client, parent):
    client.force_login(parent)
    typed = {"password": PASSWORD, "new_password1": "Eloise-2019", "new_password2": "Eloise-2019"}

    assert ENFANT in client.post("/compte/", typed).text
