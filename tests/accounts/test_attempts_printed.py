"""The tries of a value printed at the counter, short enough to be guessed in time, are counted (AUT-12)."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import ratelimit, temporary
from tests.accounts.conftest import PASSWORD, begin_a_day, begin_an_hour, log_in
from tests.accounts.test_attempts import EVENING
from tests.factories import UserFactory


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


def test_printed_value_is_examined_twenty_times_a_day(parent, clock):
    begin_a_day(clock, "3816238")
    value = print_value(parent)
    for turn in range(20):
        log_in(Client(REMOTE_ADDR=f"198.51.100.{turn}"), "3816238", "abcd-efgh-jkmn")

    assert not opens(Client(REMOTE_ADDR="203.0.113.7"), value)
    ratelimit.free(parent)
    assert opens(Client(REMOTE_ADDR="203.0.113.7"), value)


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
