"""Keys: what two spellings of a name, an address or a number have in common."""

from __future__ import annotations

import pytest

from portail.cles import cle, cle_adresse, telephone


@pytest.mark.parametrize(
    ("a", "b"),
    [("LEFÈVRE", "Lefevre"), ("Anne-Sophie", "ANNE SOPHIE"), ("D’ANGELO", "d'angelo"), ("ŒUVRARD", "OEUVRARD")],
)
def test_cle_leaves_case_accents_hyphens_and_spaces_aside(a, b):
    assert cle(a) == cle(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("12 chemin des Tilleuls", "12, Ch. des tilleuls"),
        ("3 bis avenue du Vercors", "3bis av. du VERCORS"),
        ("4 boulevard de la Gare", "4 Bd de la Gare"),
        ("5 route d’Izeron", "5 rte d'Izeron"),
        ("6 impasse du Lavoir", "6 imp du Lavoir"),
        ("7 place de l’Église", "n°7 Pl. de l'Eglise"),
        ("8 allée des Noyers", "8 all. des Noyers"),
        ("9 rue Saint-Antoine", "9 r. St Antoine"),
    ],
)
def test_cle_adresse_knows_the_usual_abbreviations(a, b):
    assert cle_adresse(a, "38160", "SAINT SAUVEUR") == cle_adresse(b, "38160", "St-Sauveur")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (("1 rue du Moulin", "38160"), ("11 rue du Moulin", "38160")),
        (("1 rue du Moulin", "38160"), ("1 rue du Moulin", "38000")),
    ],
)
def test_cle_adresse_tells_two_addresses_apart(a, b):
    assert cle_adresse(*a, "") != cle_adresse(*b, "")


def test_cle_adresse_of_no_street_is_empty():
    assert cle_adresse(" ", "38160", "SAINT SAUVEUR") == ""


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("0639980001", "06 39 98 00 01"),
        ("06.39.98.00.01", "06 39 98 00 01"),
        ("+33 6 39 98 00 01", "06 39 98 00 01"),
        ("+33 (0)6 39 98 00 01", "06 39 98 00 01"),
        ("639980001", "06 39 98 00 01"),
        ("+41 79 123 45 67", "+41 79 123 45 67"),
        ("", ""),
    ],
)
def test_telephone_is_written_one_way(texte, attendu):
    assert telephone(texte) == attendu
