"""A sum spread over the lines of an invoice: to the cent, never more than a line, whatever comes in how many times."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facturation.prix.etalement import Mouvement, etaler, spread_in_order


@pytest.mark.parametrize(
    ("montant", "restes", "parts"),
    [
        (1000, [600, 400], [600, 400]),
        (500, [600, 400], [300, 200]),
        (1, [600, 400], [1, 0]),
        (100, [50, 50, 50], [34, 33, 33]),  # on a tie, the first lines
        (2205, [2315, -110], [2315, -110]),  # a correction gives back with the rest
        (1000, [2315, -110], [1050, -50]),
        (-200, [-150, -50], [-150, -50]),  # an avoir
        (-100, [-150, -50], [-75, -25]),
        (0, [600, 400], [0, 0]),
        (0, [], []),
    ],
)
def test_sum_is_spread_in_proportion(montant, restes, parts):
    assert etaler(montant, restes) == parts


@pytest.mark.parametrize(("montant", "restes"), [(1001, [600, 400]), (-1, [600]), (1, []), (1, [-5])])
def test_more_than_remains_is_refused(montant, restes):
    with pytest.raises(ValueError, match="remains"):
        etaler(montant, restes)


@pytest.mark.ci
@given(st.lists(st.integers(-5_000, 20_000), min_size=1, max_size=40).filter(lambda lignes: sum(lignes) > 0), st.data())
def test_lines_are_paid_to_the_cent_in_whatever_sums(lignes, data):
    reste = sum(lignes)
    mouvements = []
    while reste:
        montant = data.draw(st.integers(1, reste))
        mouvements.append(Mouvement(montant, len(mouvements)))
        reste -= montant

    payes = [0] * len(lignes)
    for numero, parts in spread_in_order(lignes, mouvements):
        assert sum(parts) == mouvements[numero].montant
        payes = [paye + part for paye, part in zip(payes, parts, strict=True)]
        assert all(0 <= p <= ligne or ligne <= p <= 0 for p, ligne in zip(payes, lignes, strict=True))

    assert payes == lignes
