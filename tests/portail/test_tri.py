"""Names sort as French does, whatever the database."""

import pytest

from portail.lettres import cle_tri, lettres


@pytest.mark.parametrize(
    ("nom", "attendu"),
    [
        ("Œuvrard", "oeuvrard"),
        ("ÉTIENNE", "etienne"),
        ("Muñoz", "munoz"),
        ("L’Haÿ-les-Roses", "lhaylesroses"),
        ("Łukasz", "lukasz"),
        ("Strauß", "strauss"),
        ("Ærø", "aero"),
        ("Şahin", "sahin"),
        ("İbrahim", "ibrahim"),
        ("Nguyễn", "nguyen"),
        ("E\u0301tienne", "etienne"),
        ("D'Almeida", "dalmeida"),
        ("Дмитрий", "дмитрии"),
        ("", ""),
    ],
)
def test_lettres_are_those_of_the_alphabet(nom, attendu):
    assert lettres(nom) == attendu


def test_first_name_counts_only_where_surnames_are_the_same():
    paires = [("Martinez", "Ana"), ("Martin", "Zoé"), ("Le Goff", "Yann"), ("Legrand", "Jean"), ("Martin", "Éva")]
    assert sorted(paires, key=cle_tri) == [paires[2], paires[3], paires[4], paires[1], paires[0]]
