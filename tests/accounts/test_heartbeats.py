"""The portal's minute: who writes it, how often, and the silence that is seen when nobody did."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError

from accounts import heartbeats
from accounts.heartbeats import MINUTE, Battements, beat
from accounts.models import Passage
from accounts.worker import passage
from enfance.models import Indisponibilite

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 17, 0, tzinfo=UTC)


def minute():
    return Passage.objects.get(job=MINUTE).done_at


def proposed():
    return list(Indisponibilite.objects.proposed().values_list("du", "au"))


@pytest.mark.parametrize(("minutes", "seen"), [(1, False), (9, False), (10, True), (50, True)])
def test_ten_minutes_without_a_word_are_a_silence(minutes, seen):
    beat(now=NOW)

    beat(now=NOW + timedelta(minutes=minutes))

    assert proposed() == ([(NOW, NOW + timedelta(minutes=minutes))] if seen else [])
    assert minute() == NOW + timedelta(minutes=minutes)


def test_written_once_a_minute(django_assert_num_queries):
    beat(now=NOW)

    with django_assert_num_queries(1):
        beat(now=NOW + timedelta(seconds=59))

    assert minute() == NOW


def test_of_two_that_come_back_one_tells():
    beat(now=NOW)
    later = NOW + timedelta(minutes=50, seconds=20)

    beat(now=later)
    beat(now=later + timedelta(seconds=5))

    assert proposed() == [(NOW, NOW + timedelta(minutes=51))]  # in whole minutes, around


def test_worker_alone_is_enough_to_be_heard():
    for n in range(0, 60, 5):
        passage(now=NOW + timedelta(minutes=n))

    assert proposed() == []


def test_clock_that_was_ahead_is_no_silence():
    beat(now=NOW + timedelta(hours=2))
    beat(now=NOW)

    assert (minute(), proposed()) == (NOW, [])


def test_declared_silence_is_not_proposed_again():
    Indisponibilite.objects.create(du=NOW - timedelta(minutes=1), au=NOW + timedelta(hours=1), declaree_le=NOW)
    beat(now=NOW)

    beat(now=NOW + timedelta(minutes=50))

    assert proposed() == []


class Answer(list):
    closed = False

    def close(self):
        self.closed = True


def serve(application, status="200 OK"):
    sent = []
    body = application({}, lambda *started: sent.append(started))
    assert b"".join(body) == b"page"
    if hasattr(body, "close"):
        body.close()
    return sent


@pytest.fixture
def answer():
    return Answer([b"page"])


@pytest.fixture(autouse=True)
def kept_connection(monkeypatch):
    monkeypatch.setattr(heartbeats, "close_old_connections", lambda: None)


def application_of(answer, status):
    def application(environ, start_response):
        start_response(status, [])
        return answer

    return Battements(application)


def test_page_that_was_answered_writes_the_minute_once_it_is_sent(answer):
    application = application_of(answer, "200 OK")

    assert serve(application) == [("200 OK", [])]

    assert answer.closed
    first = minute()
    serve(application)  # in the same minute: nothing is asked
    assert minute() == first


def test_error_is_no_answer(answer):
    serve(application_of(answer, "503 Service Unavailable"))

    assert not Passage.objects.filter(job=MINUTE).exists()


def test_database_that_does_not_take_it_costs_no_page(answer, monkeypatch, caplog):
    def broken(**_):
        raise DatabaseError

    monkeypatch.setattr(heartbeats, "beat", broken)

    assert serve(application_of(answer, "200 OK")) == [("200 OK", [])]
    assert "minute du portail" in caplog.text
