"""All that a login writes is written at once, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import ExitStack

import pytest
from django.contrib import auth
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import devices, ratelimit
from accounts.models import Counter, RememberedDevice
from tests.accounts.conftest import is_logged_in, log_in
from tests.factories import UserFactory
from tests.faults import sqlite_locked


def transactions(said: Iterable[str]) -> list[list[tuple[str, str]]]:
    """What each transaction has written, verb and table; a write outside of any is one of its own."""
    done: list[list[tuple[str, str]]] = []
    within = False
    for sql in said:
        within = sql.startswith("BEGIN") or (within and sql != "COMMIT")
        if sql.startswith("BEGIN"):
            done.append([])
        elif found := re.match(r'(INSERT|UPDATE|DELETE)(?: INTO| FROM)? "(\w+)"', sql):
            if not within:
                done.append([])
            done[-1].append((found[1], found[2]))
    return done


def tries() -> list[int]:
    """What the counters of tries hold; the alarm of failed ones has its own."""
    return list(Counter.objects.filter(cle__contains=":1:rl:").values_list("n", flat=True))


@pytest.mark.django_db(transaction=True)
def test_login_writes_once_after_the_counters():
    """The tries are counted before the password is looked at, whatever becomes of the rest."""
    parent, client = UserFactory(), Client()
    log_in(client, parent.identifiant)
    client.cookies.clear()  # another browser

    with CaptureQueriesContext(connection) as queries:
        log_in(client, parent.identifiant)

    counting, rest = transactions(query["sql"] for query in queries)
    assert {table for _, table in counting} == {Counter._meta.db_table}
    assert rest.count(("INSERT", "django_session")) == 1
    assert ("UPDATE", "django_session") not in rest
    assert ("INSERT", RememberedDevice._meta.db_table) in rest
    assert is_logged_in(client)


def test_login_that_cannot_be_written_whole_is_not_at_all(client, parent, monkeypatch):
    def locked(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(devices, "remember", locked)
    client.raise_request_exception = False

    response = log_in(client)

    assert response.status_code == 503
    parent.refresh_from_db()
    assert parent.last_login is None
    assert (Session.objects.count(), RememberedDevice.objects.count()) == (0, 0)
    assert tries() == [0, 0, 0]  # a 503 says nothing of the password


def test_wrong_password_counts_whatever_comes_of_the_rest(client, parent):
    log_in(client, password="rien")

    assert tries() == [1, 1, 1]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="d’une base SQLite, qu’une migration tient entière")
@pytest.mark.django_db(transaction=True)
def test_login_held_up_by_a_migration_counts_no_try_once_it_is_over(client, parent, monkeypatch):
    """The database that did not answer takes nothing back either: the next who comes gives it back."""
    faults = ExitStack()
    authenticate = auth.authenticate

    def and_a_migration_begins(*args, **kwargs):
        found = authenticate(*args, **kwargs)
        faults.enter_context(sqlite_locked())
        return found

    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(auth, "authenticate", and_a_migration_begins)
        with faults:
            assert log_in(client).status_code == 503
    assert tries() == [1, 1, 1]

    log_in(client, password="rien")

    assert tries() == [1, 1, 1]  # of this one alone
    assert caches["default"].get(ratelimit.OWED) is None
