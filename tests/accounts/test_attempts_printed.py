"""The tries of a value printed at the counter, short enough to be guessed in time, are counted (AUT-12)."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import passwords, ratelimit, temporary
from tests.accounts.attempts import EVENING
from tests.accounts.conftest import PASSWORD, begin_a_day, begin_an_hour, log_in
from tests.factories import UserFactory
from tests.reading import html_of


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(EVENING, tick=False)
    return time_machine


def print_value(user):
    return temporary.issue(user, now=timezone.now(), printed=True)[1]


def opens(client, value):
    return log_in(client, "3816238", value).headers.get("Location") == "/mot-de-passe/nouveau/"


def test_printed_value_is_examined_while_the_account_waits(parent, clock):  # TMP-14
    begin_a_day(clock, "3816238")
    for turn in range(11):
        log_in(Client(REMOTE_ADDR=f"198.51.100.{turn}"), "3816238", "Azerty123")

    assert log_in(Client(REMOTE_ADDR="203.0.113.7"), "3816238", PASSWORD).status_code == 429
    assert opens(Client(REMOTE_ADDR="203.0.113.7"), print_value(parent))


def known_browser():
    """Another browser than the present one, by which the parent has come in before."""
    browser = Client(REMOTE_ADDR="198.51.100.1")
    assert log_in(browser, "3816238", PASSWORD).status_code == 302
    browser.post("/deconnexion/")
    return browser


@pytest.mark.ci
@pytest.mark.parametrize("many", [20, 60])
def test_stranger_does_not_shut_a_printed_value(parent, clock, many):  # LIM-15
    """Neither from the very address of its owner, nor from many, before or after it was printed."""
    begin_a_day(clock, "3816238")
    known, value = known_browser(), print_value(parent)
    for turn in range(many):
        for address in ("198.51.100.1", f"203.0.113.{turn}"):
            log_in(Client(REMOTE_ADDR=address), "3816238", "abcd-efgh-jkmn")
        clock.shift(10)

    assert opens(known, value)
    assert opens(Client(REMOTE_ADDR="198.51.100.1"), value)  # a new device
    assert opens(Client(REMOTE_ADDR="192.0.2.9"), value)


def test_tries_of_a_printed_value_begin_again_with_the_next_one(parent, clock, monkeypatch):  # AUT-12, LIM-15
    """So many a day, an address and a paper; one more does not make it wait any longer."""
    monkeypatch.setattr(ratelimit, "PRINTED_BY_ADDRESS", "3/d")
    value, browser = print_value(parent), Client(REMOTE_ADDR="203.0.113.7")
    begin_a_day(clock, "203.0.113.7")
    for _ in range(5):
        refused = log_in(browser, "3816238", "abcd-efgh-jkmn")

    assert not opens(browser, value)
    assert opens(Client(REMOTE_ADDR="203.0.113.8"), value)
    page = html_of(refused)
    assert ("déjà servi" in page, "La mairie en imprime une autre, qui marche aussitôt" in page) == (False, True)
    passwords.begin_anew(parent, now=timezone.now())
    assert opens(browser, print_value(parent))


def test_value_that_nobody_accepts_is_said_by_its_kind(parent, clock):
    """A fresh one, badly copied, is never told to have served."""
    pages = [log_in(Client(), "3816238", text).text for text in ("abcd-efgh-jkmn", "0" * 32)]
    assert ["déjà servi" in page for page in pages] == [False, False]
    assert ["trois groupes de quatre" in page for page in pages] == [True, False]
    assert ["Demandez un nouveau mot de passe" in page for page in pages] == [False, True]


def test_printed_value_is_not_examined_for_an_address_that_tried_too_often(parent, clock, monkeypatch):
    monkeypatch.setattr(ratelimit, "LOGIN_BY_ADDRESS", "3/5m")
    begin_an_hour(clock, "203.0.113.7")
    client, value = Client(REMOTE_ADDR="203.0.113.7"), print_value(parent)
    for _ in range(3):
        log_in(client, "1234567", "Azerty123")

    assert not opens(client, value)
    assert opens(Client(REMOTE_ADDR="203.0.113.8"), value)


def test_tries_of_a_printed_value_cost_as_much_for_nobody(db, clock):  # AUT-08
    UserFactory(identifiant="3816238", email="")
    Client().get("/connexion/")
    counts = []
    for turn, identifiant in enumerate(["3816238", "1234566"]):
        with CaptureQueriesContext(connection) as queries:
            log_in(Client(REMOTE_ADDR=f"203.0.113.{turn}"), identifiant, "abcd-efgh-jkmn")
        counts.append(len(queries))
    assert counts[0] == counts[1]
