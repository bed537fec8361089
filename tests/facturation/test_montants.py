"""Amounts: written as the French write them, read as people type them, cut without losing a cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facturation.montants import arrondir, centimes_of, euros, euros_csv, repartir


@pytest.mark.parametrize(
    ("centimes", "texte", "csv"),
    [
        (0, "0,00\u202f€", "0,00"),
        (5, "0,05\u202f€", "0,05"),
        (1240, "12,40\u202f€", "12,40"),
        (-110, "\u22121,10\u202f€", "-1,10"),
        (123_456_789, "1\u202f234\u202f567,89\u202f€", "1234567,89"),
    ],
)
def test_amount_is_written(centimes, texte, csv):
    assert (euros(centimes), euros_csv(centimes)) == (texte, csv)


@pytest.mark.parametrize(
    ("texte", "centimes"),
    [("12,40", 1240), ("12.4 €", 1240), (" 1\u202f234 ", 123_400), ("\u22121,10\u202f€", -110), ("0", 0)],
)
def test_amount_is_read(texte, centimes):
    assert centimes_of(texte) == centimes


@pytest.mark.parametrize(
    "texte", ["", "douze", "1,234", "12,40,0", "1e3", "--2", "99999999", "€", "９９", "١٢,٤", "5,５"]
)
def test_what_is_no_amount_is_refused(texte):
    with pytest.raises(ValueError, match="somme en euros"):
        centimes_of(texte)


@given(st.integers(-(10**9) + 1, 10**9 - 1))
def test_written_amount_is_read_back(centimes):
    assert centimes_of(euros(centimes)) == centimes


@pytest.mark.parametrize(
    ("montant", "pas", "arrondi"),
    [("82.5", 1, 83), ("82.4999", 1, 82), ("313.5", 1, 314), ("82.5", 5, 85), ("82.4", 5, 80), ("85", 10, 90)],
)
def test_half_goes_up(montant, pas, arrondi):
    assert arrondir(Decimal(montant), pas) == arrondi


@pytest.mark.parametrize(
    ("total", "poids", "parts"),
    [
        (4251, [50, 50], [2126, 2125]),
        (4251, [60, 40], [2551, 1700]),
        (465, [1, 1], [233, 232]),
        (670, [1, 1, 1], [224, 223, 223]),
        (-4251, [50, 50], [-2126, -2125]),
        (0, [], []),
    ],
)
def test_sum_is_cut_by_largest_remainder(total, poids, parts):
    assert repartir(total, poids) == parts


@given(st.integers(-(10**7), 10**7), st.lists(st.integers(0, 1000), min_size=1).filter(any))
def test_parts_add_up_and_stay_within_a_cent(total, poids):  # VAL-14
    parts = repartir(total, poids)
    assert sum(parts) == total
    assert all(abs(part * sum(poids) - total * p) < sum(poids) for part, p in zip(parts, poids, strict=True))


def test_nobody_to_share_with_is_refused():
    with pytest.raises(ValueError, match="share"):
        repartir(100, [0, 0])
