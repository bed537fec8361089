"""The town hall's search: accents, case and the spaces of a number make no difference, on both databases."""

import re

import pytest

from accounts.models import User
from accounts.search import fold, keep_search, kept_search
from tests.clients import Client
from tests.factories import StaffFactory, UserFactory

COMPTES = "/admin/accounts/user/"


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


@pytest.mark.parametrize("email", ["Zoe.Morel@Courriel.EXAMPLE", "zoé.morel@courriel.example", ""])
def test_folded_column_is_in_small_letters_with_or_without_accents(db, email):
    UserFactory(email=email)
    folded = User.objects.values_list("email__folded", flat=True)
    assert list(folded) == [fold(email)]


def test_digits_of_a_column_meet_the_digits_typed(db):
    user = UserFactory(first_name="06 39.98-00 12")
    assert list(User.objects.filter(first_name__digits__icontains=fold("06 39 98 00 12"))) == [user]


# --- What is typed, and the address that answers --------------------------------------------------------------------


@pytest.fixture
def agent(db, client):
    client.force_login(StaffFactory(is_superuser=True))
    return client


@pytest.fixture
def comptes(db):
    return [UserFactory(last_name="Morel"), UserFactory(last_name="Bernard")]


def found(response):
    return [user.last_name for user in response.context["cl"].result_list]


def test_list_searched_has_an_address_to_come_back_to_and_no_name_in_it(agent, comptes):  # HDR-08
    response = agent.post(f"{COMPTES}?adresse=avec&p=3&e=1", {"q": "morel"})

    assert response.status_code == 303
    assert re.fullmatch(rf"{COMPTES}\?adresse=avec&q=\w{{12}}", response["Location"])
    agent.post(COMPTES, {"q": "bernard"})
    page = agent.get(response["Location"])
    assert found(page) == ["Morel"]
    assert 'name="q" value="morel"' in page.text


def test_search_is_of_the_session_that_typed_it(agent, comptes):  # HDR-08
    address = agent.post(COMPTES, {"q": "morel"})["Location"]
    other = Client()
    other.force_login(StaffFactory(is_superuser=True))

    for page in [other.get(address), agent.get(f"{COMPTES}?q=morel")]:
        assert found(page) == ["Bernard", "Morel"]
        assert 'value="morel"' not in page.text


def test_search_of_a_list_wants_its_right(comptes, client):
    client.force_login(StaffFactory(is_superuser=False))

    assert client.post(COMPTES, {"q": "morel"}).status_code == 403
    assert "searches" not in client.session


def test_oldest_searches_are_forgotten_and_long_ones_cut(db, client):
    session = client.session
    words = [keep_search(session, f"{n}" * 300) for n in range(21)]

    assert kept_search(session, words[0]) is None
    assert [kept_search(session, word) for word in words[1:]] == [(f"{n}" * 300)[:200] for n in range(1, 21)]
