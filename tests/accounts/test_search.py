"""The town hall's search: accents, case and the spaces of a number make no difference, on both databases."""

import pytest

from accounts.models import User
from accounts.search import fold
from tests.factories import UserFactory


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Léa MUÑOZ", "lea munoz"),
        ("06 39 98 00 12", "0639980012"),
        ("06.39.98.00.12", "0639980012"),
        ("381 6238", "3816238"),
        ("12 rue du Lac", "12 rue du lac"),
        ("", ""),
    ],
)
def test_fold_is_what_columns_become(typed, folded):
    assert fold(typed) == folded


@pytest.mark.parametrize("name", ["MUÑOZ", "Muñoz", "munoz", "Lefèvre", "LEFÈVRE", "Çelik", "Œuvre", "d’Ébène"])
def test_folded_column_meets_the_folded_term(db, name):
    user = UserFactory(last_name=name)
    assert list(User.objects.filter(last_name__folded__icontains=fold(name))) == [user]


def test_digits_of_a_column_meet_the_digits_typed(db):
    user = UserFactory(first_name="06 39.98-00 12")
    assert list(User.objects.filter(first_name__digits__icontains=fold("06 39 98 00 12"))) == [user]
