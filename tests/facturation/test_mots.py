"""The French words of money, each of them, singular and plural."""

from __future__ import annotations

from datetime import date

import pytest

from facturation.papiers import mots
from tests.reading import plain

VENDREDI = date(2026, 12, 4)


@pytest.mark.parametrize(
    ("quantite", "unite", "minutes", "said"),
    [
        (1, "seance", None, "1 moment"),
        (2, "seance", None, "2 moments"),
        (1, "mois", None, "1 mois"),
        (2, "mois", None, "2 mois"),
        (2, "tranche", 15, "2 quarts d’heure"),
        (3, "tranche", 30, "3 demi-heures"),
        (2, "tranche", 60, "2 heures"),
        (2, "tranche", 20, "2 durées de 20 minutes"),
    ],
)
def test_what_is_counted(quantite, unite, minutes, said):
    assert plain(mots.combien(quantite, unite, minutes)) == said


@pytest.mark.parametrize(
    ("quantite", "minutes", "said"),
    [(1, 15, "commencé"), (2, 15, "commencés"), (1, 30, "commencée"), (2, 60, "commencées")],
)
def test_what_has_begun_agrees(quantite, minutes, said):
    assert mots.commencees(quantite, minutes) == said


@pytest.mark.parametrize(
    ("unite", "minutes", "said"),
    [
        ("seance", None, "le moment"),
        ("mois", None, "le mois"),
        ("tranche", 15, "le quart d’heure"),
        ("tranche", 30, "la demi-heure"),
        ("tranche", 60, "l’heure"),
        ("tranche", 20, "la durée de 20 minutes"),
    ],
)
def test_price_of_what(unite, minutes, said):
    assert plain(mots.article(unite, minutes)) == said


@pytest.mark.parametrize(
    ("bornes", "said"), [(None, ""), ([600, 859], "de 600 à 859"), ([860, None], "à partir de 860")]
)
def test_tranche_of_quotient(bornes, said):
    assert mots.tranche_texte(bornes) == said


@pytest.mark.parametrize(("minutes", "said"), [(35, "35 min"), (60, "1 h"), (72, "1 h 12"), (65, "1 h 05")])
def test_how_long(minutes, said):
    assert plain(mots.duree_texte(minutes)) == said


@pytest.mark.parametrize(
    ("centimes", "said"), [(0, "payé"), (199, "payé"), (-199, "payé"), (200, "payés"), (-200, "payés")]
)
def test_word_after_an_amount_is_singular_under_two_euros(centimes, said):
    assert mots.accorde_somme(centimes, "payé") == said


@pytest.mark.parametrize(
    ("echeance", "court", "said"),
    [
        (date(2026, 12, 20), False, "avant le dimanche 20 décembre"),
        (date(2026, 12, 20), True, "avant le 20 décembre"),
        (VENDREDI, False, "avant le vendredi 4 décembre"),
        (date(2026, 12, 3), False, "depuis le jeudi 3 décembre"),
        (date(2026, 6, 1), True, "depuis le 1er juin 2026"),  # further back than half a year: its year too
        (date(2026, 6, 8), True, "depuis le 8 juin"),
    ],
)
def test_day_before_which_to_pay(echeance, court, said):
    assert plain(mots.avant_le(echeance, VENDREDI, court=court)) == said


@pytest.mark.parametrize(
    ("echeance", "said"),
    [
        (None, "à payer"),
        (date(2026, 12, 20), "à payer avant le dimanche 20 décembre"),
        (date(2026, 12, 3), "en retard : à payer depuis le jeudi 3 décembre"),
    ],
)
def test_what_is_to_pay(echeance, said):
    assert plain(mots.a_payer(echeance, VENDREDI)) == said


@pytest.mark.parametrize(
    ("moyen", "said"),
    [
        ("report", "Repris d’un autre payeur"),
        ("remboursement", "Remboursement, dû de nouveau"),
        ("cheque", "Somme rendue, due de nouveau"),
    ],
)
def test_money_that_went_out_is_owed_again(moyen, said):
    assert mots.sortie_texte(moyen) == said
