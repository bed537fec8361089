"""The words of people, found in texts however they are written, and taken out."""

import json

import pytest

from portail.mots import EFFACE, Identite, Mots, telephones

CAMILLE = Identite(
    ("Morel-Rivière",), ("Camille",), ("camille@courriel.example", "2000001", *telephones("06 39 98 00 12"))
)
LEA = Identite(("Morel",), ("Léa",))


@pytest.mark.parametrize(
    ("text", "blanked"),
    [
        ("Camille MOREL-RIVIÈRE a appelé.", "(effacé) a appelé."),
        ("Morel-Riviere (Camille)", "(effacé))"),
        ("De\u0301part de Le\u0301a Morel", "De\u0301part de (effacé)"),
        ("morel, léa : absente", "(effacé) : absente"),
        ("Écrire à camille@courriel.example, 0639980012", "Écrire à (effacé), (effacé)"),
        ("+33 6 39 98 00 12 ou 06.39.98.00.12", "+(effacé) ou (effacé)"),
        ("compte 2000001", "compte (effacé)"),
        ("compte 20000012", "compte 20000012"),
        ("Camille a appelé Léa.", "Camille a appelé Léa."),  # a first name alone is many people's
        ("Morelle et amorel", "Morelle et amorel"),
        ("", ""),
    ],
)
def test_words_go_and_the_rest_stays(text, blanked):
    assert Mots.of([CAMILLE, LEA]).blank(text) == blanked


def test_first_names_alone_go_where_the_text_is_about_them():
    assert Mots.of([LEA]).blank("Léa malade, Tom non", prenoms=True) == "(effacé) malade, Tom non"


def test_words_that_somebody_else_bears_stay():
    tom = Identite(("Morel",), ("Tom",), ("camille@courriel.example",))
    mots = Mots.of([CAMILLE, LEA], [tom])
    assert mots.blank("Léa Morel, Tom Morel, famille Morel") == "(effacé), Tom Morel, famille Morel"
    assert not mots.are_in("camille@courriel.example")


def test_json_is_read_through_and_stays_json():
    mots = Mots.of([LEA])
    message = json.dumps([{"changed": {"object": "Léa Morel", "values": [["nom", "Léa MOREL", None]], "n": 3}}])
    sans = [{"changed": {"object": "(effacé)", "values": [["nom", "(effacé)", None]], "n": 3}}]
    assert json.loads(mots.blank_message(message)) == sans
    assert mots.blank_message('["Sacha"]') == '["Sacha"]'
    assert mots.blank_message("Léa Morel") == "(effacé)"


def test_who_has_no_name_is_not_a_first_name_alone():
    assert not Mots.of([Identite(("", ""), ("Camille",))])


def test_nobody_has_no_words():
    assert not Mots.of([Identite(("",), ("",), ("", "  "))])


@pytest.mark.parametrize("numero", ["06 39 98 00 12", "+33 6 39 98 00 12", "0639980012", "06.39.98.00.12"])
def test_number_of_telephone_is_known_however_it_is_written(numero):
    mots = Mots.of([Identite(autres=telephones(numero))])
    assert all(mots.are_in(ecrit) for ecrit in ("0639980012", "06 39 98 00 12", "+33639980012", "+33 6 39 98 00 12"))


def test_name_that_is_the_first_name_of_somebody_else_stays_where_it_stands_alone():
    mots = Mots.of([Identite(("Simon",), ("Léa",))], [Identite(("Durand",), ("Simon",))])
    assert mots.blank("Simon Durand, puis Léa Simon.") == f"Simon Durand, puis {EFFACE}."


@pytest.mark.parametrize("texte", ["Œuvrard", "ŒUVRARD", "oeuvrard", "Œ\u0301uvrard"])
def test_words_of_signs_beyond_ascii_are_not_passed_over(texte):
    mots = Mots.of([Identite(("Œuvrard",), ("Zoë",))])
    assert mots.blank(f"Mme {texte} a appelé.") == f"Mme {EFFACE} a appelé."
