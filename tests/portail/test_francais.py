"""French in sentences: agreement, elision, enumeration."""

from __future__ import annotations

import pytest

from portail.francais import accord, de, et


@pytest.mark.parametrize(
    ("nom", "attendu"),
    [("Léa", "de Léa"), ("Anna", "d’Anna"), ("Éva", "d’Éva"), ("Yves", "d’Yves"), ("Yanis", "de Yanis"), ("", "de ")],
)
def test_de_elides_before_a_vowel(nom, attendu):
    assert de(nom) == attendu


@pytest.mark.parametrize(
    ("mots", "attendu"),
    [
        (["lundi"], "lundi"),
        (["lundi", "mardi"], "lundi et mardi"),
        (["lundi", "mardi", "midi"], "lundi, mardi et midi"),
    ],
)
def test_et_joins_the_last_word(mots, attendu):
    assert et(mots) == attendu


@pytest.mark.parametrize(("n", "attendu"), [(0, "0\u00a0créé"), (1, "1\u00a0créé"), (2, "2\u00a0créés")])
def test_accord_takes_an_s_past_one(n, attendu):
    assert accord(n, "créé") == attendu
