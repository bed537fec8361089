"""What the tests of accounts share: a parent, an agent, a temporary password just sent."""

import time
import zlib

import pytest
from django.contrib.auth import SESSION_KEY
from django.utils import timezone

from accounts import temporary
from tests.accounts.phones import give_phone
from tests.factories import STAFF_PASSWORD, StaffFactory, UserFactory

PASSWORD = "Velo nuage 7"
NEW_PASSWORD = "Tartine de brume 8"
DAY = 24 * 3600


@pytest.fixture
def clock(time_machine):
    """Noon of a Wednesday, five seconds after a step of the phone's codes."""
    time_machine.move_to("2026-11-25T12:00:05Z", tick=False)
    return time_machine


@pytest.fixture
def parent(db):
    return UserFactory(identifiant="3816238", first_name="Camille", last_name="Morel")


@pytest.fixture
def agent(db):
    return StaffFactory(identifiant="5550011", first_name="Dominique", last_name="Sorbier")


@pytest.fixture
def enrolled(agent):
    """The same, who has a phone."""
    give_phone(agent)
    return agent


@pytest.fixture
def at_the_door(client, enrolled):
    """The browser of an agent who gave the password, and not yet the code."""
    log_in(client, enrolled.identifiant, STAFF_PASSWORD)
    return client


@pytest.fixture
def value(parent):
    """The text of a temporary password that the parent just received."""
    return send_value(parent)


def send_value(user, now=None, *, force=False):
    now = now or timezone.now()
    row, text = temporary.issue(user, now=now, force=force)
    temporary.mark_sent(row, now=now)
    return text


def log_in(client, identifiant="3816238", password=PASSWORD, **fields):
    return client.post("/connexion/", {"identifiant": identifiant, "password": password, **fields})


def is_logged_in(client):
    """Whether this browser has an account, even one whose second factor is still to be shown."""
    client.get("/compte/")
    return SESSION_KEY in client.session


def choose(client, first=NEW_PASSWORD, second=None):
    return client.post("/mot-de-passe/nouveau/", {"new_password1": first, "new_password2": second or first})


def left_of(key, period):
    """The seconds until the period of the counters of this key ends: each has an edge of its own."""
    return (zlib.crc32(str(key).encode()) - int(time.time())) % period


def left_of_the_day(key):
    return left_of(key, DAY)


def begin_an_hour(clock, *keys):
    """Move on until no hour of the counters of these keys ends in the next minutes."""
    while any(left_of(key, 3600) < 1200 for key in keys):
        clock.shift(600)


def begin_a_day(clock, *keys):
    """Move on until no day of the counters of these keys ends in the next three hours."""
    while any(left_of_the_day(key) < 3 * 3600 for key in keys):
        clock.shift(3600)
