"""The adults that the children who are there need: the bands, the figures, the words."""

from __future__ import annotations

from datetime import date, time

import pytest

from enfance.equipe.encadrement import DE_6, MOINS_DE_6, TAUX, Encadrement, Taux, adultes_requis, taux_of, tranche

SOIR, JOURNEE, CINQ_HEURES = (time(16, 30), time(18, 30)), (time(7, 30), time(18, 30)), (time(13), time(18))


@pytest.mark.parametrize(
    ("naissance", "jour", "expected"),
    [
        (date(2020, 12, 10), date(2026, 12, 9), MOINS_DE_6),
        (date(2020, 12, 10), date(2026, 12, 10), DE_6),
        (date(2020, 12, 10), date(2026, 12, 11), DE_6),
        (date(2020, 12, 31), date(2027, 1, 1), DE_6),
        (date(2021, 1, 1), date(2026, 12, 31), MOINS_DE_6),
        (date(2020, 2, 29), date(2026, 2, 28), MOINS_DE_6),
        (date(2020, 2, 29), date(2026, 3, 1), DE_6),
        (date(2022, 2, 28), date(2028, 2, 28), DE_6),
        (date(2022, 3, 1), date(2028, 2, 29), MOINS_DE_6),
        (date(2016, 2, 29), date(2020, 2, 29), MOINS_DE_6),
        (date(2015, 6, 1), date(2026, 12, 10), DE_6),
        (date(2026, 12, 10), date(2026, 12, 10), MOINS_DE_6),
    ],
)
def test_band_is_that_of_the_day(naissance, jour, expected):
    assert tranche(naissance, jour) == expected


@pytest.mark.parametrize(
    ("heures", "pedt", "expected"),
    [
        (SOIR, False, Taux(10, 14)),
        (SOIR, True, Taux(14, 18)),
        (JOURNEE, False, Taux(8, 12)),
        (JOURNEE, True, Taux(10, 14)),
        (CINQ_HEURES, False, Taux(10, 14)),
        ((time(13), time(18, 1)), False, Taux(8, 12)),
    ],
)
def test_figures_follow_the_project_and_the_length(heures, pedt, expected):
    assert taux_of(*heures, pedt=pedt) == expected


@pytest.mark.parametrize("taux", TAUX.values(), ids=str)
def test_each_figure_is_a_limit(taux):
    assert [adultes_requis(n, 0, taux) for n in (1, taux.moins6, taux.moins6 + 1)] == [1, 1, 2]
    assert [adultes_requis(0, n, taux) for n in (1, taux.plus6, taux.plus6 + 1)] == [1, 1, 2]
    assert adultes_requis(taux.moins6 * 3, taux.plus6 * 2, taux) == 5


@pytest.mark.parametrize(
    ("moins6", "plus6", "expected"),
    [(0, 0, 0), (1, 1, 2), (10, 14, 2), (11, 14, 3), (10, 15, 3), (9, 14, 2), (0, 80, 6), (80, 0, 8), (21, 29, 6)],
)
def test_each_band_is_rounded_up(moins6, plus6, expected):
    assert adultes_requis(moins6, plus6, Taux(10, 14)) == expected


@pytest.mark.parametrize(
    ("moins6", "plus6", "adultes", "manque", "phrase"),
    [
        (9, 14, 1, 1, "Il manque 1\u00a0adulte pour 23\u00a0enfants"),
        (11, 15, 1, 3, "Il manque 3\u00a0adultes pour 26\u00a0enfants"),
        (9, 14, 2, 0, "Assez d’adultes pour 23\u00a0enfants"),
        (9, 14, 5, 0, "Assez d’adultes pour 23\u00a0enfants"),
        (1, 0, 0, 1, "Il manque 1\u00a0adulte pour 1\u00a0enfant"),
        (9, 14, None, 0, "Il faut 2\u00a0adultes pour 23\u00a0enfants"),
        (0, 0, None, 0, "Aucun enfant à encadrer"),
        (0, 0, 0, 0, "Aucun enfant à encadrer"),
        (0, 0, 3, 0, "Aucun enfant à encadrer"),
    ],
)
def test_short_is_said_in_words(moins6, plus6, adultes, manque, phrase):
    encadrement = Encadrement(moins6, plus6, Taux(10, 14), adultes, declaree=True)
    assert (encadrement.manque, encadrement.phrase) == (manque, phrase)
