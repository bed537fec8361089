import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User

PARENT = User(identifiant="3816238", first_name="Camille", last_name="Morel", email="camille.dupre@courriel.example")
AGENT = User(identifiant="5550011", first_name="Dominique", last_name="Sorbier", is_staff=True)


def refusals(password, user=PARENT):
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        return [message.replace("\u00a0", " ") for message in refusal.messages]
    return []


UPPER, LOWER, DIGIT = "Ajoutez une majuscule.", "Ajoutez une minuscule.", "Ajoutez un chiffre."
COMMON = "Ce mot de passe est trop courant : choisissez-en un autre."
TEMPORARY = "Choisissez un mot de passe différent du mot de passe temporaire."
NAME = "Évitez votre nom et votre adresse e-mail dans le mot de passe."
IDENTIFIANT = "Évitez votre identifiant dans le mot de passe."


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Nuage-7x", []),  # exactly 8
        ("Nuage7x", ["Il manque 1 caractère : 8 au minimum."]),
        ("Nu7xz", ["Il manque 3 caractères : 8 au minimum."]),
        ("nuage-7x", [UPPER]),
        ("NUAGE-7X", [LOWER]),
        ("Nuage-xy", [DIGIT]),
        ("éÉ7-brume", []),  # letters of any alphabet
        ("ЖЖжж-77-лл", []),
        ("7777-_+=", [UPPER, LOWER]),
        ("", ["Il manque 8 caractères : 8 au minimum.", UPPER, LOWER, DIGIT, COMMON]),
        ("Vélo nuage tartine 7", []),
        ("  Nuage 7  ", []),  # blanks are characters like others
    ],
)
def test_password_needs_length_and_three_kinds_of_characters(password, expected):
    assert refusals(password) == expected  # AUT-01


@pytest.mark.parametrize("length", [64, 200, 4096])
def test_long_passwords_are_accepted(length):
    assert refusals("Ab3-" * (length // 4)) == []  # AUT-02


def test_password_beyond_4096_bytes_is_refused():
    assert refusals("Ab3é" + "x" * 4092) == ["Il est trop long : choisissez-en un plus court."]  # AUT-02


@pytest.mark.parametrize(
    "password",
    [
        "Garderie1",
        "Azerty123",
        "Rentree2026",
        "Rentrée2026!",
        "Saintsauveur1234",
        "Saint-Sauveur38",
        "Printemps2027",
        "Motdepasse1",
        "Bonjour2026",
        "Ma Garderie 1",
        "EcoleSaintSauveur1",
        "Portail2026Famille",
        "Cantine26!",
        "Mairie1234",
        "Password1",
        "Aa1Aa1Aa1",
    ],
)
def test_common_passwords_and_words_of_the_service_are_refused(password):
    assert refusals(password) == [COMMON]  # AUT-03


def test_words_of_the_service_follow_the_name_of_the_commune(settings):
    settings.COMMUNE_NOM = "Villard-Fictif"

    assert refusals("VillardFictif38") == [COMMON]  # AUT-03
    assert refusals("Saint-Sauveur38") == []


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Brume-3816238", [IDENTIFIANT]),
        ("Brume 381 62 38", [IDENTIFIANT]),
        ("Camille2015", [NAME, COMMON]),
        ("MorelCamille7", [NAME]),
        ("Dupre-2026", [NAME]),  # from the address
        ("Le Morel 12", [NAME]),
        ("Camille lit sous la pluie 7", []),  # a sentence may hold a name
    ],
)
def test_identifiant_name_and_address_are_refused(password, expected):
    assert refusals(password) == expected  # AUT-03


@pytest.mark.parametrize(
    "password",
    [
        "2dd150fa6be4410f966601e379bf8d79",
        "2DD150FA6BE4410F966601E379BF8D79",
        "2Dd150fa6be4410f966601e379bf8d79",
        " 2Dd150fa 6be4410f 966601e3 79bf8d79 ",
        "2Dd150fa6be4410f966601e379bf8d79!",
    ],
)
def test_a_temporary_password_is_never_a_chosen_one(password):
    assert TEMPORARY in refusals(password)  # TMP-08


@pytest.mark.parametrize(
    ("password", "expected"),
    [("Nuage tartine7", []), ("Nuage tartin7", ["Il manque 1 caractère : 14 au minimum."])],
)
def test_staff_passwords_have_14_characters(password, expected):
    assert refusals(password, AGENT) == expected
