"""A temporary password's mail always carries the value that works, whatever happens on its way (TMP-07)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import addresses, emails, mailings, outbox, passwords, tasks, temporary
from accounts.models import Mailing, MailingLine, TemporaryPassword
from accounts.worker import Worker
from tests.accounts.conftest import NEW_PASSWORD, log_in
from tests.accounts.mails import opens, value_in, waiting, while_on_its_way, work
from tests.clients import Client
from tests.factories import UserFactory
from tests.races import at_once
from tests.smtp import MailServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci]


@pytest.fixture(autouse=True)
def no_daily_tasks(settings):
    settings.DAILY_TASKS = {}


@pytest.fixture
def camille():
    return UserFactory(identifiant="3816238", first_name="Camille", email="camille@courriel.example")


@pytest.fixture
def server(settings):
    with MailServer() as server:
        settings.MAILERS = server.mailers(timeout=30)
        yield server


def test_login_while_the_mail_is_on_its_way_leaves_its_value_alone(camille, server):  # TMP-07
    tasks.send_temporary_password.enqueue("3816238")

    while_on_its_way(server, lambda: log_in(Client()))

    [received] = server.mails
    assert opens("3816238", value_in(received))


@pytest.mark.parametrize("force", [False, True])
def test_second_request_waits_for_the_mail_that_is_on_its_way(camille, server, force):  # TMP-07
    tasks.send_temporary_password.enqueue("3816238")
    seen = []

    def ask_again() -> None:
        tasks.send_temporary_password.enqueue("3816238", force=force)
        Worker(batch=True).run()
        seen.append(waiting())

    while_on_its_way(server, ask_again)
    [[(task, arguments, seconds)]] = seen
    assert (task, arguments["kwargs"]["force"], seconds) == ("send_temporary_password", force, 20)
    work()

    assert (len(server.mails), waiting()) == (2 if force else 1, [])
    assert opens("3816238", value_in(server.mails[-1]))


def there_and_back(camille):
    for address in ("faute@courriel.example", "camille@courriel.example"):
        addresses.correct_email(camille, address, now=timezone.now())


@pytest.mark.parametrize(
    "close",
    [
        lambda camille: passwords.begin_anew(camille, now=timezone.now()),
        lambda camille: passwords.change(camille, NEW_PASSWORD, now=timezone.now()),
        there_and_back,
    ],
    ids=["closed and opened again", "changed", "another address and back"],
)
def test_request_waits_for_the_mail_of_a_value_that_was_closed_on_its_way(camille, server, close):  # TMP-07
    tasks.send_temporary_password.enqueue("3816238")

    def close_and_ask_again() -> None:
        close(camille)
        tasks.send_temporary_password.enqueue("3816238")
        Worker(batch=True).run()

    while_on_its_way(server, close_and_ask_again)
    work()

    subject = emails.subject_of("temporary_password")
    first, last = [received for received in server.mails if received["subject"] == subject]
    assert [opens("3816238", value_in(received)) for received in (first, last)] == [False, True]


def test_counter_prints_once_the_address_is_taken_away_and_the_mail_on_its_way_opens_nothing(camille, server):
    """TMP-07, AUT-12"""
    tasks.send_temporary_password.enqueue("3816238")
    printed = []

    def give_up_the_address() -> None:
        addresses.correct_email(camille, "", now=timezone.now())
        last = passwords.last_temporary(camille)
        printed.append(passwords.print_temporary_password(camille, after=last, now=timezone.now()))

    while_on_its_way(server, give_up_the_address)

    [(_, value)] = printed
    assert [opens("3816238", text) for text in (value_in(server.mails[0]), value)] == [False, True]


def test_password_chosen_between_the_making_and_the_sending_stops_the_mail(camille, server, monkeypatch):  # TMP-07
    _, [line] = mailings.open_mailing(
        Mailing.Mail.CREDENTIALS, [camille], recipients="une famille", by=None, now=timezone.now()
    )
    issue = temporary.issue

    def issue_then_change(*args, **kwargs):
        issued = issue(*args, **kwargs)
        passwords.change(camille, NEW_PASSWORD, now=timezone.now())
        return issued

    monkeypatch.setattr(temporary, "issue", issue_then_change)
    tasks.send_temporary_password.enqueue("3816238", line=line.pk)
    work()

    [password] = TemporaryPassword.objects.all()
    assert (password.reason, password.sent_at) == ("changed", None)
    assert [received["subject"] for received in server.mails] == [emails.subject_of("password_changed")]
    assert (MailingLine.objects.get().state, waiting()) == ("skipped", [])


def test_mail_too_late_to_start_is_tried_again_with_a_fresh_value(camille, server, monkeypatch):  # TMP-07, TMP-11
    tasks.send_temporary_password.enqueue("3816238")
    with monkeypatch.context() as patch:
        patch.setattr(temporary, "START_WITHIN", timedelta(0))
        work()
    assert (server.seen, len(waiting())) == (0, 1)

    work()

    [received] = server.mails
    assert opens("3816238", value_in(received))


def test_mail_taken_by_a_server_that_never_says_so_carries_a_good_value(camille, server, settings):  # TMP-07, TMP-11
    """It answered after our patience: five retries later, the mail that arrived last still serves."""
    settings.MAILERS = server.mailers(timeout=0.3)
    server.behaviour = "take_in_silence"
    tasks.send_temporary_password.enqueue("3816238")
    for attempt in range(1 + len(outbox.RETRY_AFTER)):
        work()
        assert len(server.mails) == attempt + 1
        assert temporary.accept("3816238", value_in(server.mails[-1]), now=timezone.now())

    assert waiting() == []
    assert opens("3816238", value_in(server.mails[-1]))


def test_whatever_the_workers_do_the_mail_delivered_last_opens(server):  # TMP-06, TMP-07
    """Six requests for each of three accounts, half of them the town hall's, four workers, a server that takes its
    time."""
    server.behaviour = "slow"
    numbers = ["3816238", "4716230", "1000025"]
    for number in numbers:
        UserFactory(identifiant=number, email=f"{number}@courriel.example")
    for force in [False, True] * 3:
        for number in numbers:
            tasks.send_temporary_password.enqueue(number, force=force)

    while DBTaskResult.objects.filter(status="READY").exists():
        DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
        at_once(*[Worker(batch=True).run] * 4)

    last = {received["to"].split("@")[0]: value_in(received) for received in server.mails}
    assert set(last) == set(numbers)
    assert [opens(number, last[number]) for number in numbers] == [True] * 3
    assert set(DBTaskResult.objects.exclude(status="SUCCESSFUL").values_list("task_path", flat=True)) <= {
        "accounts.tasks.send_password_changed"  # of those just opened
    }
