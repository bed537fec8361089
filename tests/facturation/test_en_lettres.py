"""Amounts in French words."""

import pytest

from facturation.en_lettres import en_lettres


@pytest.mark.parametrize(
    ("centimes", "dit"),
    [
        (6580, "soixante-cinq euros et quatre-vingts centimes"),
        (0, "zéro euro"),
        (1, "un centime"),
        (100, "un euro"),
        (2100, "vingt et un euros"),
        (7171, "soixante et onze euros et soixante et onze centimes"),
        (8181, "quatre-vingt-un euros et quatre-vingt-un centimes"),
        (9999, "quatre-vingt-dix-neuf euros et quatre-vingt-dix-neuf centimes"),
        (20000, "deux cents euros"),
        (28000, "deux cent quatre-vingts euros"),
        (100_000, "mille euros"),
        (8_000_000, "quatre-vingt mille euros"),
        (20_010_100, "deux cent mille cent un euros"),
        (100_000_000, "un million d’euros"),
        (230_000_005, "deux millions trois cent mille euros et cinq centimes"),
    ],
)
def test_amount_in_words(centimes, dit):
    assert en_lettres(centimes) == dit


@pytest.mark.parametrize("centimes", [-1, 10**11])
def test_amount_without_words_is_refused(centimes):
    with pytest.raises(ValueError, match="amount"):
        en_lettres(centimes)
