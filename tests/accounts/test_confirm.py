"""The password typed again, before data go out (ADM-05)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import sessions
from tests.clients import Client
from tests.factories import STAFF_PASSWORD

PAGE = "/compte/confirmer/"


@pytest.fixture
def connected(agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def test_password_typed_again_is_good_for_a_quarter_of_an_hour(connected, journal):  # ADM-05, LOG-01
    response = connected.post(PAGE, {"password": STAFF_PASSWORD, "next": "/admin/enfance/enfant/export/?q=Tom"})

    assert response.headers["Location"] == "/admin/enfance/enfant/export/?q=Tom"
    now = timezone.now()
    assert sessions.is_fresh(connected.session, now=now + timedelta(seconds=14 * 60))
    assert not sessions.is_fresh(connected.session, now=now + timedelta(seconds=15 * 60 + 1))
    assert [line["event"] for line in journal.events] == ["identity_confirmed"]


def test_wrong_password_confirms_nothing(connected, journal):  # ADM-05
    session = connected.session
    session["started"] = 0
    session["seen"] = int(timezone.now().timestamp())
    session["life"] = 10**10
    session.save()

    response = connected.post(PAGE, {"password": "Autre chose 123", "next": "/admin/"})

    assert response.status_code == 200
    assert "Ce n’est pas votre mot de passe actuel." in response.text
    assert response.context["kept"] == [("next", "/admin/")]
    assert not sessions.is_fresh(connected.session, now=timezone.now())
    assert [line["result"] for line in journal.events] == ["refused"]
    assert "Autre chose" not in journal.text


def test_tries_are_limited(connected):  # LIM-11
    answers = [connected.post(PAGE, {"password": "faux"}).status_code for _ in range(12)]

    assert answers == [200] * 10 + [429] * 2
    assert connected.post(PAGE, {"password": STAFF_PASSWORD}).status_code == 429


@pytest.mark.parametrize("address", ["https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)", ""])
def test_confirming_leads_nowhere_else(connected, address):  # SES-07
    assert connected.post(PAGE, {"password": STAFF_PASSWORD, "next": address}).headers["Location"] == "/admin/"


def test_page_is_for_agents(client, parent):
    client.force_login(parent)

    assert client.get(PAGE).status_code == 403


def test_right_passwords_are_not_counted(connected):  # LIM-11
    """Asked every quarter of an hour, an agent who types the right one is never stopped."""
    for _ in range(12):
        assert connected.post(PAGE, {"password": "faux"}).status_code == 200
        assert connected.post(PAGE, {"password": STAFF_PASSWORD}).status_code == 302


def test_pause_leads_an_agent_back_to_the_account_not_to_the_login(connected):
    for _ in range(11):
        response = connected.post(PAGE, {"password": "faux"})

    page = response.text
    assert (response.status_code, "Revenir à mon compte" in page, "Revenir à la connexion" in page) == (
        429,
        True,
        False,
    )
