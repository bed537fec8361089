"""Numbers without a gap, by series and year, even when what takes them is undone."""

import pytest
from django.db import transaction

from facturation.models import Serie
from facturation.numeros import numero, numeros_of, take_rangs

pytestmark = pytest.mark.django_db


def test_ranks_follow_each_other_by_series_and_year():
    assert list(take_rangs("F", 2026, 3)) == [1, 2, 3]
    assert list(take_rangs("F", 2026)) == [4]
    assert list(take_rangs("F", 2027)) == [1]
    assert list(take_rangs("R", 2026)) == [1]


def test_rank_comes_back_when_what_took_it_is_undone():  # VAL-12
    take_rangs("F", 2026)

    with transaction.atomic():
        take_rangs("F", 2026)
        transaction.set_rollback(True)

    assert list(take_rangs("F", 2026)) == [2]
    assert Serie.objects.get().dernier == 2


@pytest.mark.parametrize(("rang", "dit"), [(7, "F-2026-0007"), (349, "F-2026-0349"), (12345, "F-2026-12345")])
def test_number_has_four_digits_or_more(rang, dit):
    assert numero("F", 2026, rang) == dit


@pytest.mark.parametrize(
    ("texte", "numeros"),
    [
        ("F-2026-0441", ["F-2026-0441"]),
        (" f-2026-0441 ", ["F-2026-0441"]),
        ("f20260441", ["F-2026-0441"]),
        ("F 2026 441", ["F-2026-0441"]),
        ("n° F–2026–0441", ["F-2026-0441"]),
        ("av 2026 3", ["AV-2026-0003"]),
        ("R-2026-12345", ["R-2026-12345"]),
        ("P20260118", ["P-2026-0118"]),
        ("f 441", ["F-2026-0441", "F-2025-0441"]),
        ("2026-0441", ["F-2026-0441", "AV-2026-0441", "R-2026-0441", "P-2026-0441", "V-2026-0441", "A-2026-0441"]),
        ("20260441", []),  # an identifiant, a telephone
        ("441", []),
        ("0639980012", []),
        ("morel", []),
        ("F-2026", ["F-2026-2026", "F-2025-2026"]),
        ("F-2026-0441 morel", []),
        ("", []),
    ],
)
def test_number_is_read_as_people_type_it(texte, numeros):
    assert numeros_of(texte, 2026) == numeros
