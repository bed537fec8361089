import random
import string
import time

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from hypothesis import assume, given
from hypothesis import strategies as st

from accounts.models import User
from accounts.validators import SERVICE_WORDS
from tests.reading import plain

pytestmark = pytest.mark.une_fois
PARENT = User(identifiant="3816238", first_name="Camille", last_name="Morel", email="camille.dupre@courriel.example")
AGENT = User(identifiant="5550011", first_name="Dominique", last_name="Sorbier", is_staff=True)


def refusals(password, user=PARENT):
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        return [plain(message) for message in refusal.messages]
    return []


THINGS = (
    "abeille armoire bougie brouette caillou carotte cerise chaussure citron colline cuillère éclair écharpe "
    "fenêtre flocon forêt girafe grenouille haricot hibou jardin lampe lanterne marmite montagne mouton nuage "
    "oreiller papillon parapluie pelouse pinceau plume potiron rivière sapin tambour tartine théière tortue "
    "trottinette valise vélo vitre volcan wagon "
)
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
        "Secretaire2026",
        "Secretariat1",
        "Toussaint2026",
        "Été-2026!",
        "Password1",
        "Passe2026word",
        "Princess2026",
        "Sunshine2026",
        "Monkey2026",
        "Charlie2026",
        "Letmein2026",
        "L3tm31n-2026",
        "Qwertyuiop2026",
        "Ab12Ab12",
        "Ab12ab12AB12",
        "Aa1Aa1Aa1",
    ],
)
def test_common_passwords_and_words_of_the_service_are_refused(password):
    assert refusals(password) == [COMMON]  # AUT-03


@pytest.mark.parametrize(
    "password",
    [
        "G4rderie!",
        "C4nt1ne2026",
        "Garder!e",
        "S0leil123",
        "S0leil-2026!",
        "P@ssw0rd1",
        "P@55w0rd1",
        "4Zerty123",
        "2026G4rderie",
        "S@int$auveur1",
        "5aint-5auveur38",
        "Ec0le5aintSauveur1",
        "M0td3pa55e2026",
        "Princ3sse!1",
    ],
)
def test_words_spelled_with_signs_are_known(password):
    assert COMMON in refusals(password)  # AUT-03


@given(
    word=st.sampled_from([*SERVICE_WORDS.split(), "soleil", "chocolat", "azertyuiop", "saintsauveur"]),
    masks=st.lists(st.sampled_from(["", "l1!", "0", "3", "4@", "5$"]), max_size=6),
    before=st.text("0123456789!-_ ", max_size=4),
    after=st.text("0123456789!-_ ", max_size=8),
)
def test_no_spelling_of_a_known_word_gets_by(word, masks, before, after):
    """Whichever of its letters are signs, and whatever signs stand around it."""
    letters = {"l1!": "il", "0": "o", "3": "e", "4@": "a", "5$": "s", "": ""}
    for signs in masks:
        for letter in letters[signs]:
            word = word.replace(letter, signs[-1])

    assume(any(map(str.isalpha, word)))  # without a letter, it lacks the kinds of sign that are asked
    assert COMMON in refusals(f"{before}{word}{after}")  # AUT-03


def test_words_of_the_service_follow_the_name_of_the_commune(settings):
    settings.COMMUNE_NOM = "Villard-Fictif"

    assert refusals("VillardFictif38") == [COMMON]  # AUT-03
    assert refusals("Saint-Sauveur38") == []


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Brume-3816238", [IDENTIFIANT]),
        ("Brume 381 62 38", [IDENTIFIANT]),
        ("381.6238Aa", [IDENTIFIANT]),
        ("3816-238-Aa", [IDENTIFIANT]),
        ("３８１６２３８Aa", [IDENTIFIANT]),  # noqa: RUF001
        ("38l6238-Aa", [IDENTIFIANT]),
        ("38!6238-Aa", [IDENTIFIANT]),
        ("Brume-3816239", []),
        ("Camille2015", [NAME, COMMON]),
        ("MorelCamille7", [NAME]),
        ("Dupre-2026", [NAME]),  # from the address
        ("Le Morel 12", [NAME]),
        ("C@mi11e-2015", [NAME, COMMON]),
        ("M0relCam1lle", [NAME]),
        ("Camille lit sous la pluie 7", []),  # a sentence may hold a name
        ("Mon fournisseur, c’est Courriel 7", []),
    ],
)
def test_identifiant_name_and_address_are_refused(password, expected):
    assert refusals(password) == expected  # AUT-03


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Ana.dupont@dupont-plomberie.fr7", [NAME]),  # the whole
        ("Ana.Dupont@Dupont-Plomberie 7", [NAME]),
        ("Dupont-Plomberie2026", [NAME]),  # its domain
        ("Pl0mber1e-38", [NAME]),
        ("Comete-77", []),  # « com » would be nobody's word
        ("Écrire à ana.dupont@dupont-plomberie.fr le lundi 7", []),
    ],
)
def test_address_is_refused_whole_and_by_its_domain(password, expected):
    user = User(identifiant="3816238", first_name="Zoé", last_name="Sorbier", email="ana.dupont@dupont-plomberie.fr")

    assert refusals(password, user) == expected  # AUT-03
    user.email = "ana@comptoir.com"
    assert refusals("Comete-77", user) == []


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Jd38400!", [NAME]),
        ("Jd384OO-2026", [NAME]),
        ("Jd-384.00-1345", [NAME]),
        ("Jd38400@free.fr", [NAME]),
        ("Jd38400, tartine", []),
        ("Jd38500!", []),
        ("JoDu2026", [NAME]),  # names too short to be refused alone
        ("Du-Jo 2026", [NAME]),
        ("Dune-7-jonc", []),
        ("Jonc-2026", []),
    ],
)
def test_address_and_name_without_words_are_refused(password, expected):
    user = User(identifiant="3816238", first_name="Jo", last_name="Du", email="jd38400@free.fr")

    assert refusals(password, user) == expected  # AUT-03
    assert refusals("Dune-7-jonc", User(first_name="", last_name="Du")) == []


@pytest.mark.ci
def test_drawn_passwords_of_few_letters_are_accepted():
    """One in two thousand holds « lala » or « ete » and no other letter; words of two letters would refuse many."""
    draw, signs = random.Random(14), string.digits + "!@#$-_%&"
    drawn = [draw.choices(signs, k=11) + draw.choices(string.ascii_letters, k=3) for _ in range(5000)]
    refused = [password for signs in drawn if COMMON in refusals(password := "".join(draw.sample(signs, k=14)))]

    assert refusals("84!72@93#61$oM") == []
    assert len(refused) <= 2, refused


@pytest.mark.ci
@pytest.mark.parametrize("length", [8, 10, 12, 16])
def test_drawn_passwords_are_accepted(length):
    """What a password manager draws; two in a thousand of 8 signs hold a name of three letters and little more."""
    user = User(identifiant="3816238", first_name="Léo", last_name="Ruiz", email="ana.ruiz@orange.fr")
    draw, signs = random.Random(length), string.ascii_letters + string.digits + "!@$-_"
    drawn = ("".join(draw.choices(signs, k=length)) for _ in range(5000))
    answers = {password: refusals(password, user) for password in drawn}
    refused = {password: found for password, found in answers.items() if {NAME, COMMON} & set(found)}

    assert len(refused) <= {8: 10, 10: 1}.get(length, 0), refused


@pytest.mark.ci
def test_phrases_of_three_words_are_accepted():
    words = THINGS.split()
    user = User(identifiant="3816238", first_name="Léo", last_name="Ruiz", email="ana.ruiz@orange.fr")
    draw = random.Random(3)
    phrases = [f"{' '.join(draw.sample(words, 3)).capitalize()} {draw.randrange(10)}" for _ in range(3000)]

    assert [phrase for phrase in phrases if refusals(phrase, user)] == []


@pytest.mark.lent
@pytest.mark.parametrize("text", ["1a!" * 1365, "a" + "1" * 4094, "1" * 4094 + "a", "$0" * 2048])
def test_long_texts_cost_little(text):
    begun = time.perf_counter()
    refusals(f"A{text}")

    assert time.perf_counter() - begun < 1


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
