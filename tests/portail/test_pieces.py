"""Where a piece of a list stands: at its end, or before the first of those that it names."""

from __future__ import annotations

import pytest

from portail.menu import OngletFamille
from portail.pieces import in_order


def onglet(code: str, avant: str = "") -> OngletFamille:
    return OngletFamille(code, code, "accounts:account", avant=avant)


@pytest.mark.parametrize(
    ("onglets", "ordre"),
    [
        ([], []),
        ([onglet("a"), onglet("b")], ["a", "b"]),
        ([onglet("a"), onglet("b", "a"), onglet("c", "a")], ["b", "c", "a"]),
        ([onglet("a"), onglet("b", "a"), onglet("c", "b")], ["c", "b", "a"]),
        ([onglet("a"), onglet("b"), onglet("a"), onglet("c", "a")], ["c", "a", "b", "a"]),
    ],
)
def test_piece_stands_before_the_one_that_it_names_or_last(onglets, ordre):
    assert [piece.code for piece in in_order(onglets)] == ordre


def test_what_is_no_piece_stays_where_it_is():
    assert in_order(["b", "a"]) == ("b", "a")


def test_place_that_comes_later_is_none():
    """An app says where it stands among those below, which come before it."""
    with pytest.raises(LookupError, match="'b'"):
        in_order([onglet("a", "b"), onglet("b")])
