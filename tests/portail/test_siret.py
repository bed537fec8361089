import pytest

from portail.siret import read_siret, siret_dit
from tests.reading import plain


@pytest.mark.parametrize(
    "text",
    [
        "12345678200010",
        "123 456 782 00010",
        "123\u00a0456\u00a0782-00010",
        "73282932000074",
        "35600000000048",  # La Poste, its seat
        "35600000009075",  # and an office, whose digits add up to a multiple of 5
    ],
)
def test_siret_is_fourteen_digits_however_it_is_typed(text):
    digits = read_siret(text)

    assert (len(digits), digits.isdigit()) == (14, True)
    assert read_siret(siret_dit(digits)) == digits


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "un SIRET a 14 chiffres."),
        ("123456782", "un SIRET a 14 chiffres."),
        ("1234567820001A", "un SIRET a 14 chiffres."),
        ("123456782000100", "un SIRET a 14 chiffres."),
        ("١٢٣٤٥٦٧٨٢٠٠٠١٠", "un SIRET a 14 chiffres."),
        ("12345678200011", "ce SIRET n’est pas juste : un chiffre est faux, ou deux sont inversés."),
        ("21345678200010", "ce SIRET n’est pas juste : un chiffre est faux, ou deux sont inversés."),
        ("35600000009076", "ce SIRET n’est pas juste : un chiffre est faux, ou deux sont inversés."),
        ("12345678200005", "ce SIRET n’est pas juste : un chiffre est faux, ou deux sont inversés."),
    ],
)
def test_what_is_no_siret_is_refused_with_its_reason(text, why):
    with pytest.raises(ValueError, match=r"SIRET") as refused:
        read_siret(text)
    assert plain(str(refused.value)) == why
