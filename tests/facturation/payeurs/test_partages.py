"""Shares of a child's price: 100 % of each day, what held before and after is kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facturation.models import Partage
from facturation.payeurs.partages import partager, periodes_of, refus_of
from tests.factories import FoyerFactory, ResponsableFactory, make_enfant
from tests.reading import plain

pytestmark = pytest.mark.django_db

SEPTEMBRE, DECEMBRE, JANVIER = date(2026, 9, 1), date(2026, 12, 1), date(2027, 1, 1)


@pytest.fixture
def foyers():
    camille = ResponsableFactory()
    dominique = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    return camille.foyer_id, dominique.foyer_id


@pytest.fixture
def lea(foyers):
    return make_enfant()


def shares(enfant):
    return {
        (p.debut, p.fin, p.compte.foyer_id): p.part
        for p in Partage.objects.filter(enfant=enfant).select_related("compte")
    }


@pytest.mark.parametrize(
    ("parts", "debut", "fin", "dit"),
    [
        ({1: 60, 2: 30}, None, None, "60 % et 30 % font 90 % : les parts d’un enfant font 100 %."),
        ({1: 60}, None, None, "60 % fait 60 % : les parts d’un enfant font 100 %."),
        ({1: 100, 2: 0}, None, None, "Une part va de 1 à 100 %."),
        ({1: 50, 2: 50}, DECEMBRE, SEPTEMBRE, "Le dernier jour du partage suit le premier, ou c’est le même."),
    ],
)
def test_share_that_cannot_be_is_refused_in_words(parts, debut, fin, dit):
    assert [plain(phrase) for phrase in refus_of(parts, debut, fin)] == [dit]
    with pytest.raises(ValueError, match="."):
        partager(0, parts, debut, fin)


def test_share_is_written_once(lea, foyers):
    ici, la = foyers

    assert partager(lea.pk, {ici: 60, la: 40}, SEPTEMBRE, None)
    assert not partager(lea.pk, {ici: 60, la: 40}, SEPTEMBRE, None)

    assert shares(lea) == {(SEPTEMBRE, None, ici): 60, (SEPTEMBRE, None, la): 40}


def test_new_share_ends_the_one_before_the_day_before(lea, foyers):
    ici, la = foyers
    partager(lea.pk, {ici: 60, la: 40}, None, None)
    partager(lea.pk, {ici: 50, la: 50}, DECEMBRE, None)

    veille = date(2026, 11, 30)
    assert shares(lea) == {
        (None, veille, ici): 60,
        (None, veille, la): 40,
        (DECEMBRE, None, ici): 50,
        (DECEMBRE, None, la): 50,
    }


def test_share_of_a_month_leaves_the_one_around_it(lea, foyers):
    ici, la = foyers
    partager(lea.pk, {ici: 60, la: 40}, None, None)
    partager(lea.pk, {la: 100}, DECEMBRE, date(2026, 12, 31))

    periodes = periodes_of(Partage.objects.filter(enfant=lea))
    assert [(p.debut, p.fin, p.total) for p in periodes] == [
        (JANVIER, None, 100),
        (DECEMBRE, date(2026, 12, 31), 100),
        (None, date(2026, 11, 30), 100),
    ]


def test_end_of_a_share_gives_all_back_to_the_foyer_of_the_inscription(lea, foyers):
    ici, la = foyers
    partager(lea.pk, {ici: 60, la: 40}, None, None)

    assert partager(lea.pk, {}, DECEMBRE, None)
    assert set(shares(lea).values()) == {60, 40}
    assert {fin for _, fin, _ in shares(lea)} == {date(2026, 11, 30)}
    assert not partager(make_enfant().pk, {}, DECEMBRE, None)


DATES = st.dates(date(2026, 9, 1), date(2027, 3, 1)) | st.none()


@pytest.mark.ci
@given(st.lists(st.tuples(DATES, DATES, st.integers(1, 99)), min_size=1, max_size=5))
def test_shares_of_any_day_make_100_whatever_was_typed(suite):
    ici, la = FoyerFactory().pk, FoyerFactory().pk
    lea = make_enfant()
    for debut, fin, part in suite:
        if debut and fin and fin < debut:
            debut, fin = fin, debut
        partager(lea.pk, {ici: part, la: 100 - part}, debut, fin)

    lus = list(Partage.objects.filter(enfant=lea))
    for jour in (date(2026, 8, 15) + timedelta(days=7 * semaine) for semaine in range(32)):
        assert sum(p.part for p in lus if p.holds(jour)) in (0, 100)
