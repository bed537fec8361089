import pytest
from django.core.cache import caches
from django.db import connection
from django.test import RequestFactory

from accounts import ratelimit
from accounts.models import Counter
from tests.races import at_once

DAY = 24 * 3600


@pytest.fixture
def request_from():
    return lambda address: RequestFactory().post("/connexion/", REMOTE_ADDR=address)


@pytest.mark.django_db(transaction=True)
def test_counter_is_exact_under_concurrency():
    """200 tries by 8 threads under a limit of 10: exactly 10 pass."""  # LIM-03

    def attempts():
        request = RequestFactory().post("/connexion/")
        return [ratelimit.wait_for_key(request, "course", "3816238", ("10/d",)) for _ in range(25)]

    waits = sum(at_once(*[attempts] * 8), [])

    assert waits.count(0) == 10
    assert list(Counter.objects.values_list("n", flat=True)) == [200]


@pytest.mark.django_db
def test_counter_keeps_its_period(time_machine):
    time_machine.move_to("2026-12-03 20:40:00+01:00", tick=False)
    cache = caches["limites"]
    assert cache.add("essai", 1, DAY)
    assert cache.incr("essai") == 2

    time_machine.shift(10 * 60)  # LIM-04

    assert cache.get("essai") == 2
    assert not cache.add("essai", 1, DAY)
    time_machine.shift(DAY)
    assert cache.get("essai") is None
    with pytest.raises(ValueError, match="essai"):
        cache.incr("essai")
    assert cache.add("essai", 1, DAY)
    assert cache.get("essai") == 1


@pytest.mark.django_db
def test_counter_can_be_deleted_and_cleared():
    cache = caches["limites"]
    cache.add("un", 1, DAY)
    cache.add("deux", 1, DAY)

    assert (cache.delete("un"), cache.delete("un")) == (True, False)
    cache.clear()
    assert cache.get("deux", "rien") == "rien"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ("203.0.113.9", "203.0.113.9", True),
        ("203.0.113.9", "203.0.113.10", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),  # one home: /64
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.9", "::ffff:203.0.113.10", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True),
    ],
)
def test_addresses_are_counted_by_home(request_from, first, second, shared):
    assert ratelimit.wait_for_address(request_from(first), "essai", "1/d") == 0  # LIM-01, LIM-06

    assert (ratelimit.wait_for_address(request_from(second), "essai", "1/d") > 0) == shared


@pytest.mark.django_db
def test_forget_gives_back_this_key_only(request_from):
    request, rates = request_from("203.0.113.9"), ("1/15m", "1/d")
    for key in ["1", "2"]:
        ratelimit.wait_for_key(request, "login", key, rates)

    ratelimit.forget("login", "1", rates)

    assert ratelimit.wait_for_key(request, "login", "1", rates) == 0
    assert ratelimit.wait_for_key(request, "login", "2", rates) > 0


@pytest.mark.django_db(transaction=True)
def test_pages_without_their_counters_ask_to_come_back(client, caplog):
    """The store is the accounts' own database: without it nobody logs in, and nobody is told of too many tries."""
    client.raise_request_exception = False
    with connection.schema_editor() as editor:
        editor.delete_model(Counter)
    try:
        answers = [  # LIM-08
            client.post("/connexion/", {"identifiant": "3816238", "password": "rien"}),
            client.post("/mot-de-passe-oublie/", {"identifiant": "3816238"}),
            client.post("/identifiant-oublie/", {"email": "camille@courriel.example"}),
        ]
    finally:
        with connection.schema_editor() as editor:
            editor.create_model(Counter)

    assert [(answer.status_code, answer["Retry-After"]) for answer in answers] == [(503, "30")] * 3
    assert "The counters of attempts do not answer." in caplog.text


def test_login_that_gives_the_counter_back_stops_no_other(request_from, monkeypatch, db):
    request, key = request_from("198.51.100.7"), ("login", "3816238", ratelimit.LOGIN_BY_IDENTIFIANT)
    assert ratelimit.wait_for_key(request, *key) == 0
    counted = ratelimit.CounterCache.incr

    def incr(self, *args, **kwargs):
        monkeypatch.setattr(ratelimit.CounterCache, "incr", counted)
        ratelimit.forget(*key)  # between the two statements of this one
        return counted(self, *args, **kwargs)

    monkeypatch.setattr(ratelimit.CounterCache, "incr", incr)
    assert ratelimit.wait_for_key(request, *key) == 0
