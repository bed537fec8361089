"""The count of a weekly pattern: in words, as a form carries it, and beside what was announced."""

import pytest

from enfance.planning.compte import CompteAnnee, ecart_phrase, read_compte
from tests.reading import plain

COMPTES = [
    (CompteAnnee(), "Rien ne change"),
    (CompteAnnee(gardes=1), "Rien ne change, 1 jour gardé"),
    (CompteAnnee(retraits={"soir": 21}, gardes=6), "21 soirs retirés, 6 jours gardés"),
    (CompteAnnee({"midi": 1}, {"matin": 1}), "1 midi ajouté, 1 matin retiré"),
    (CompteAnnee({"midi": 2, "soir": 1}, {"moment": 4}), "3 moments ajoutés, 4 moments retirés"),
    (CompteAnnee(complets=3, attentes={"soir": 2}), "2 soirs en liste d’attente"),
]


@pytest.mark.parametrize(("compte", "dit"), COMPTES, ids=[dit for _, dit in COMPTES])
def test_count_is_said_in_words_and_carried_by_a_form(compte, dit):
    assert plain(compte.phrase) == dit
    assert read_compte(compte.code) == compte


@pytest.mark.parametrize("code", ["", "=1", "soir:3 =0 !0", "+nuit:3 =0 !0", "+soir:x =0 !0", "+soir:3 =0 !0 ", "<b>"])
def test_what_is_not_a_count_is_none(code):
    assert read_compte(code) is None


@pytest.mark.parametrize(
    ("annonce", "fait", "dit"),
    [
        (None, CompteAnnee(), ""),
        (CompteAnnee({"soir": 2}), CompteAnnee({"soir": 2}, attentes={"soir": 1}), ""),
        (
            CompteAnnee({"soir": 2}),
            CompteAnnee(complets=2),
            "Depuis l’aperçu, 2 places ont été prises. Il annonçait : 2 soirs ajoutés.",
        ),
        (
            CompteAnnee({"soir": 2}, complets=1),
            CompteAnnee({"soir": 3}),
            "Depuis l’aperçu, le planning a changé. Il annonçait : 2 soirs ajoutés.",
        ),
    ],
)
def test_what_is_not_as_announced_is_said(annonce, fait, dit):
    assert plain(ecart_phrase(annonce, fait)) == dit
