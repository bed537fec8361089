"""Own data in words: what is left out of the page, and what is folded."""

from datetime import date

import pytest

from enfance.famille.lisible import chapitres


def read(*lignes):
    [chapitre], vides = chapitres({"commune": "Saint-Sauveur", "enfants": list(lignes), "repas": []})
    assert vides == ["repas"]
    return chapitre


def test_what_is_empty_is_left_out_and_raw_values_are_left_to_the_file():
    onde = {"date_naissance": "2018-04-23", "scolarites": {"2026": {"niveau": "CE2"}}}
    chapitre = read({"prénom": "Léa", "né": date(2018, 4, 23), "consigne": "", "PAI": False, "ONDE": onde, "vide": {}})
    assert chapitre.seule == [("prénom", "Léa"), ("né", "lundi 23\u00a0avril 2018"), ("PAI", "non")]
    assert (chapitre.titre, chapitre.brutes) == ("Enfants", ["ONDE"])


@pytest.mark.parametrize(("count", "folded"), [(1, False), (5, False), (6, True)])
def test_long_part_is_folded(count, folded):
    assert read(*[{"jour": date(2026, 12, 1)}] * count).longue == folded
