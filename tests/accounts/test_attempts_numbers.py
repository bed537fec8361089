"""What a try counts on when it is by a former number, or by what is no number (LIM-16)."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import numbers, tasks
from accounts.models import FormerIdentifiant, TemporaryPassword
from tests.accounts.attempts import EVENING, known_browser, spend_the_day
from tests.accounts.conftest import begin_an_hour, log_in


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(EVENING, tick=False)
    return time_machine


def test_former_number_shares_the_limit_of_its_account(client, parent):  # LIM-16
    numbers.change_identifiant(parent, "4000001", now=timezone.now())

    statuses = [log_in(client, number, "faux").status_code for number in ["3816238", "4000001"] * 6]

    assert statuses == [200] * 10 + [429] * 2


@pytest.mark.parametrize("turns", [["3816238", "4000001"] * 3, ["3816238"] * 3 + ["4000001"] * 3])
def test_former_number_shares_the_limit_of_the_forgotten_password(client, parent, clock, turns):  # LIM-02, LIM-16
    """Three mails in an hour, whichever number is typed; the page looks nothing up, the worker does (TMP-10)."""
    numbers.change_identifiant(parent, "4000001", now=timezone.now())
    begin_an_hour(clock, "3816238", "4000001")

    for number in turns:
        client.post("/mot-de-passe-oublie/", {"identifiant": number})
        [asked] = DBTaskResult.objects.all()
        tasks.send_temporary_password.func(*asked.args_kwargs["args"])
        asked.delete()
        TemporaryPassword.objects.update(sent_at=timezone.now() - timedelta(minutes=11))  # past the cool-down

    assert len(mail.outbox) == 3


def test_former_number_of_nobody_is_a_number_like_another(client, db):  # LIM-16
    FormerIdentifiant.objects.create(identifiant="4000001")

    assert [log_in(client, "4000001", "faux").status_code for _ in range(11)] == [200] * 10 + [429]


def test_known_browser_is_known_by_a_former_number_too(parent, clock):  # LIM-15, LIM-16
    browser = known_browser()
    numbers.change_identifiant(parent, "4000001", now=timezone.now())
    spend_the_day(clock, "4000001")

    assert log_in(browser, "3816238").status_code == 302


def test_people_who_type_words_do_not_shut_each_other_out(db):  # LIM-16
    words = ["camille@courriel.example", "Morel", "１２３", "12 34 567 890 123", "mon identifiant"]
    clients = [Client(REMOTE_ADDR=f"203.0.113.{n}") for n in range(1, 31)]

    answers = [log_in(client, words[n % 5], "faux").status_code for n, client in enumerate(clients)]

    assert answers == [200] * 30


@pytest.mark.ci
def test_words_count_on_their_address(client, db, clock):  # LIM-16
    answers = [log_in(client, f"mot {n}", "faux").status_code for n in range(101)]

    assert answers == [200] * 100 + [429]


def test_words_of_a_forgotten_password_count_on_their_address(client, db):  # LIM-16
    answers = [client.post("/mot-de-passe-oublie/", {"identifiant": "Morel"}).status_code for _ in range(21)]

    assert answers == [302] * 20 + [429]
