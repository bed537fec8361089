"""The way out: each page where an agent may log out can warn that taps are unsent; a family's carries none of it."""

from __future__ import annotations

import pytest

from tests.accounts.conftest import send_value
from tests.clients import Client
from tests.enfance.equipe.pages.conftest import JOUR, PAGE, logged_in
from tests.factories import ResponsableFactory, StaffFactory


def can_warn(response) -> bool:
    html = response.text
    assert (response.status_code, 'class="sortie"' in html) == (200, True)
    assert ("js/sortie.js" in html) == ("data-sortie" in html)
    return "js/sortie.js" in html


@pytest.mark.parametrize(
    ("group", "paths"),
    [
        ("Équipe", [PAGE, f"{JOUR}imprimer/", "/aide/equipe/", "/compte/", "/compte/confirmer/"]),
        ("Secrétariat", ["/admin/", "/admin/enfance/enfant/", "/aide/mairie/", "/cantine/"]),
    ],
)
def test_page_of_an_agent_can_warn(group, paths):
    client = logged_in(group)
    assert [path for path in paths if not can_warn(client.get(path))] == []


def test_page_before_the_second_factor_can_warn():
    client = Client()
    client.force_login(StaffFactory(), second_factor=False)
    assert can_warn(client.get("/deuxieme-facteur/inscription/"))


def test_page_where_a_password_is_chosen_can_warn(client):
    agent = StaffFactory()
    value = send_value(agent)
    client.post("/connexion/", {"identifiant": agent.identifiant, "password": value})
    assert can_warn(client.get("/mot-de-passe/nouveau/"))


def test_page_of_a_family_carries_none_of_it(client):
    client.force_login(ResponsableFactory().user)
    assert not can_warn(client.get("/compte/"))
