import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.identifiants import canonical, luhn_digit
from tests.accounts.conftest import log_in


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("3816238", "3816238"),
        (" 381 62 38 ", "3816238"),
        ("381\u00a062\u202f38", "3816238"),
        ("00123", "00123"),
        ("123456789012", "123456789012"),
        ("1234567890123", None),
        ("", None),
        ("１２３", None),  # full-width digits
        ("123\u200b", None),  # zero-width space
        ("1\n2", None),
        ("12a", None),
        ("-12", None),
        ("camille@courriel.example", None),
    ],
)
def test_canonical_keeps_ascii_digits_and_knows_nothing_else(typed, expected):
    assert canonical(typed) == expected  # AUT-10


@pytest.mark.ci
@settings(max_examples=2000)
@given(st.text())
def test_canonical_is_digits_or_unknown_and_stable(text):
    identifiant = canonical(text)  # AUT-10

    assert identifiant is None or (identifiant.isascii() and identifiant.isdigit() and 1 <= len(identifiant) <= 12)
    assert identifiant is None or canonical(identifiant) == identifiant


@given(st.from_regex(r"[1-9][0-9]{1,10}", fullmatch=True), st.data())
def test_luhn_digit_shows_any_single_wrong_digit(digits, data):
    identifiant = digits + luhn_digit(digits)
    place = data.draw(st.integers(0, len(identifiant) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != identifiant[place]]))

    wrong = identifiant[:place] + other + identifiant[place + 1 :]
    assert luhn_digit(wrong[:-1]) != wrong[-1]


@pytest.mark.parametrize("typed", ["3816238", "381 62 38", " 3816238", "381\u00a062\u00a038"])
def test_login_accepts_any_spacing_of_the_identifiant(client, parent, typed):
    assert log_in(client, typed).status_code == 302  # AUT-10
