"""Pages that answer a form at an address of a random word: held by the session, for half an hour, within bounds."""

from __future__ import annotations

import json
import random
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone

from accounts.held_pages import ALL, HELD, MOST, held, hold, is_gone
from accounts.sessions import KEPT_MAX
from tests.clients import Client
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE = "/planning/2026-12/"
HALF_AN_HOUR = timedelta(minutes=30)
SENT = QueryDict("avant=&r=3:2026-12-08:soir&idem=2026-12-07&csrfmiddlewaretoken=abcd")


@pytest.fixture
def session(client):
    client.force_login(UserFactory())
    return client.session


def request_of(session, path=PAGE, **query):
    request = RequestFactory().get(path, query)
    request.session = session
    return request


def keep(session, data=SENT, outcome=None, path=PAGE):
    return hold(request_of(session), path, data, outcome, now=timezone.now())


def find(session, word, path=PAGE):
    return held(request_of(session, path, envoi=word), now=timezone.now())


def row_of(session) -> int:
    """The characters of the session's row."""
    return len(Session.objects.get(pk=session.session_key).session_data)


def test_what_was_sent_and_its_outcome_are_found_again_as_often_as_asked(session):
    # SES-08
    word = keep(session, outcome=["12", [], 2])

    for _ in range(2):
        page = find(type(session)(session.session_key), word)
        assert (page.data.getlist("r"), page.outcome) == (["3:2026-12-08:soir"], ["12", [], 2])
        assert "csrfmiddlewaretoken" not in page.data


def test_word_says_nothing_and_is_never_the_same(session):
    words = {keep(session) for _ in range(5)}
    assert len(words) == 5
    assert all(len(word) == 12 and word.isalnum() for word in words)


@pytest.mark.parametrize(("word", "path"), [("x", PAGE), ("", PAGE), (None, "/planning/2027-01/")])
def test_word_of_nothing_or_of_another_page_is_gone(session, word, path):
    kept = keep(session)
    request = request_of(session, path, envoi=kept if word is None else word)

    assert held(request, now=timezone.now()) is None
    assert is_gone(request, now=timezone.now())


def test_address_without_a_word_has_lost_nothing(session):
    assert not is_gone(request_of(session), now=timezone.now())


def test_word_of_another_session_is_gone(session):
    word, other = keep(session), Client()
    other.force_login(UserFactory())

    assert find(other.session, word) is None


def test_page_is_held_half_an_hour_and_leaves_the_row(client, session, clock):
    word, empty = keep(session), row_of(session)
    clock.shift(HALF_AN_HOUR - timedelta(seconds=1))
    client.get("/compte/")
    assert find(client.session, word)
    clock.shift(timedelta(seconds=1))
    assert find(client.session, word) is None

    client.get("/compte/")

    assert not client.session[HELD]
    assert row_of(session) < empty


def test_pages_end_with_the_session(client, session):
    keep(session)
    client.post("/deconnexion/")

    assert HELD not in client.session
    assert not Session.objects.filter(pk=session.session_key).exists()


def test_row_stays_bounded_whatever_is_sent(session):
    """A form of a large family is 20 000 characters, which no compression shortens here."""
    dice = random.Random(7)
    words = [keep(session, QueryDict(f"r={dice.randbytes(10_000).hex()}")) for _ in range(20)]

    pages = type(session)(session.session_key)[HELD]
    assert list(pages) == words[-len(pages) :]
    assert sum(len(json.dumps(page)) for page in pages.values()) <= ALL
    assert row_of(session) < 2 * ALL


def test_session_holds_so_many_pages_and_no_more(session):
    words = [keep(session) for _ in range(MOST + 3)]

    assert list(session[HELD]) == words[3:]


@pytest.mark.parametrize("sent", ["r=" + "9" * KEPT_MAX, "password=Velo+nuage+7", "code=123456"])
def test_form_too_long_or_with_a_secret_is_not_held(session, sent):
    assert keep(session, QueryDict(sent)) is None
    assert not session.get(HELD)


def test_session_that_ended_meanwhile_holds_nothing_and_breaks_nothing(session):
    assert HELD not in session  # read, as its account was
    Session.objects.all().delete()

    assert keep(session) is None
    assert not session.get(HELD)
