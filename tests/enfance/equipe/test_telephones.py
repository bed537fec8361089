"""Whom to call for a child: the home where it is that day, then the other one; nobody who may only fetch it."""

from __future__ import annotations

from datetime import date

import pytest

from enfance.equipe.telephones import load_joignables, load_parents
from enfance.models import Garde, PersonneAutorisee, Responsabilite
from tests.enfance.gate import JEUDI
from tests.factories import FoyerFactory, ResponsableFactory, make_enfant
from tests.reading import plain

pytestmark = pytest.mark.django_db
VENDREDI = date(2026, 12, 11)


def adulte(prenom, **fields):
    foyer = FoyerFactory(adresse=f"chez {prenom}")
    return ResponsableFactory(user__first_name=prenom, user__last_name="Morel", foyer=foyer, **fields)


def joignables(enfant, jour=JEUDI, *, soir=True):
    siens = load_joignables(load_parents([enfant.pk]), jour, soir=soir)[enfant.pk]
    return [plain(adulte) for adulte in siens]


@pytest.fixture
def alternee():
    """Léa, a week out of two at Zoé's, who hands over on Friday evening, and at Abel's."""
    abel, zoe = adulte("Abel", telephone="06 39 98 00 01"), adulte("Zoé", telephone_domicile="04 65 71 00 02")
    lea = make_enfant(abel, zoe)
    Garde.objects.filter(enfant=lea).update(rythme="alternee", passage="vendredi", depuis=JEUDI)
    Garde.objects.filter(enfant=lea, foyer=abel.foyer).update(depuis=date(2026, 12, 14))
    return lea


@pytest.mark.parametrize(
    ("jour", "soir", "premier"),
    [(JEUDI, True, "Zoé"), (VENDREDI, False, "Zoé"), (VENDREDI, True, "Abel"), (date(2026, 12, 14), True, "Abel")],
)
def test_first_is_of_the_home_of_that_day(alternee, jour, soir, premier):
    numeros = {"Abel": "Abel 06 39 98 00 01", "Zoé": "Zoé 04 65 71 00 02"}
    [autre] = numeros.keys() - {premier}
    assert joignables(alternee, jour, soir=soir) == [numeros[premier], numeros[autre]]


def test_nobody_suspended_nor_without_a_number_nor_who_may_only_fetch(alternee):
    Responsabilite.objects.filter(responsable__user__first_name="Zoé").update(suspendue=True)
    PersonneAutorisee.objects.create(enfant=alternee, nom="Odile Morel", telephone="06 39 98 00 85")
    assert joignables(alternee) == ["Abel 06 39 98 00 01"]
    assert load_joignables(load_parents([make_enfant(adulte("Max"), prenom="Tom").pk]), JEUDI, soir=True) == {}


@pytest.mark.parametrize("n", [1, 3])
def test_joignables_cost_two_queries(alternee, django_assert_num_queries, n):
    enfants = [make_enfant(adulte(f"Adulte {i}", telephone="1"), prenom=f"Enfant {i}").pk for i in range(n)]
    with django_assert_num_queries(2):
        assert load_joignables(load_parents(enfants), JEUDI, soir=True).keys() == set(enfants)
    with django_assert_num_queries(0):
        assert load_joignables({}, JEUDI, soir=True) == {}
