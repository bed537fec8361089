"""Two requests of one browser at the same instant: each finds in the session what the other has put there (SES-09)."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session

from accounts import session_store
from accounts.search import KEPT, SEARCHES, keep_search, kept_search
from accounts.session_store import SessionStore, joined
from tests.accounts.conftest import log_in
from tests.factories import UserFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db


def started(**data):
    session = SessionStore()
    session.update(data)
    session.save()
    return session.session_key


def read(key):
    return dict(SessionStore(key).items())


def two_of(key):
    """The same session as two requests have read it."""
    requests = SessionStore(key), SessionStore(key)
    assert [len(request.keys()) > 0 for request in requests] == [True, True]
    return requests


@pytest.mark.parametrize(
    ("before", "theirs", "mine", "both"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, {"a": 1, "c": 3}, {"a": 1, "b": 2, "c": 3}),
        ({"a": 1}, {"a": 2}, {"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": 1}, {"a": 3}, {"a": 3}),
        ({"a": 1}, {"a": 2}, {"a": 3}, {"a": 3}),
        ({"a": 1, "b": 1}, {"b": 1}, {"a": 1, "b": 1, "c": 1}, {"b": 1, "c": 1}),  # taken away by the other
        ({"a": 1, "b": 1}, {"a": 1, "b": 1, "c": 1}, {"b": 1}, {"b": 1, "c": 1}),  # taken away by this one
        ({"a": 1}, {}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": 2}, {}, {}),
        ({"d": {"x": 1}}, {"d": {"x": 1, "y": 2}}, {"d": {"x": 1, "z": 3}}, {"d": {"x": 1, "y": 2, "z": 3}}),
        ({}, {"d": {"y": 2}}, {"d": {"z": 3}}, {"d": {"y": 2, "z": 3}}),
        ({"d": {"x": 1}}, {"d": {}}, {"d": {"x": 1, "z": 3}}, {"d": {"z": 3}}),
        ({"d": 1}, {"d": {"y": 2}}, {"d": [3]}, {"d": [3]}),
    ],
)
def test_both_changes_are_there(before, theirs, mine, both):
    assert joined(before, theirs, mine) == both


def test_later_request_keeps_what_the_first_has_written():  # SES-09
    key = started(user=1, form="kept")
    first, later = two_of(key)

    first["code"] = "shown"
    del first["form"]
    first.save()
    later["search"] = "léa"
    later.save()

    assert read(key) == {"user": 1, "code": "shown", "search": "léa"}
    assert dict(later.items()) == read(key)  # and it knows it


def test_request_that_writes_twice_keeps_both():
    key = started(user=1)
    first, later = two_of(key)
    for name in ("a", "b"):
        first[name] = 1
        first.save()
        later[name + name] = 1
        later.save()
    assert read(key) == {"user": 1, "a": 1, "aa": 1, "b": 1, "bb": 1}


def test_session_closed_meanwhile_stays_closed():  # SES-03
    key = started(user=1)
    first, later = two_of(key)
    first.flush()
    later["search"] = "léa"
    with pytest.raises(UpdateError):
        later.save()
    assert not Session.objects.exists()


def test_login_gives_a_new_key_and_keeps_the_rest():  # SES-01
    key = started(theme="dark")
    session = SessionStore(key)
    session["user"] = 1
    session.cycle_key()
    session["later"] = 2
    session.save()
    assert session.session_key != key
    assert read(session.session_key) == {"theme": "dark", "user": 1, "later": 2}
    assert Session.objects.count() == 1


def test_version_before_reads_what_this_one_writes_and_back():
    key = started(user=1)
    old = db.SessionStore(key)
    assert old["user"] == 1
    old["seen"] = 2
    old.save()
    assert read(key) == {"user": 1, "seen": 2}


def test_saving_costs_one_query(django_assert_num_queries):
    session = SessionStore(started(user=1))
    session["search"] = "léa"
    with django_assert_num_queries(1):
        session.save()


def test_request_that_saves_again_what_it_has_written_asks_nothing(django_assert_num_queries):
    session = SessionStore()
    session["user"] = 1
    session.save()
    with django_assert_num_queries(0):
        session.save()
    session["pages"] = {"word": [1]}
    session.save()
    session["pages"]["word"].append(2)  # within what it has written
    with django_assert_num_queries(1):
        session.save()
    assert read(session.session_key) == {"user": 1, "pages": {"word": [1, 2]}}


def test_session_without_a_key_draws_it_when_it_is_written(django_assert_num_queries):
    session = SessionStore()
    session["user"] = 1
    with django_assert_num_queries(0):
        session.cycle_key()
    assert (session.session_key, session.modified) == (None, True)
    with django_assert_num_queries(3):  # the two of a savepoint, in a test
        session.save()
    assert read(session.session_key) == {"user": 1}


def test_key_that_is_taken_is_drawn_again(monkeypatch):
    taken = started(user=1)
    drawn = iter([taken, "k" * 32])
    monkeypatch.setattr(session_store, "get_random_string", lambda *_: next(drawn))
    assert started(user=2) == "k" * 32
    assert (read(taken), read("k" * 32)) == ({"user": 1}, {"user": 2})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fois", [3, pytest.param(30, marks=pytest.mark.lent)])
def test_searches_of_the_same_second_are_all_kept(fois):  # SES-09
    for _ in range(fois):
        key = started(user=1)
        requests = [SessionStore(key) for _ in range(6)]

        def search(number, requests=requests):
            word = keep_search(requests[number], f"nom {number}")
            requests[number].save()
            return word

        words = at_once(*[lambda number=number: search(number) for number in range(6)])

        session = SessionStore(key)
        assert [kept_search(session, word) for word in words] == [f"nom {number}" for number in range(6)]
        assert len(session[SEARCHES]) <= KEPT


def test_browser_that_logs_in_has_such_a_session(client):
    log_in(client, UserFactory().identifiant)
    assert isinstance(client.session, SessionStore)
    assert client.session["seen"] == client.session["started"]
