"""Passwords for many accounts at once: seen first, one mail each, and what became of each is known."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import passwords, retention, temporary
from accounts.models import Mailing, MailingLine, TemporaryPassword, UndeliveredMail, User
from accounts.outbox import RETRY_AFTER
from accounts.passwords import Sending
from tests.accounts.conftest import send_value
from tests.accounts.mails import everything_stored, value_in, work
from tests.factories import StaffFactory, UserFactory
from tests.races import at_once
from tests.smtp import MailServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_daily_tasks(settings):
    settings.DAILY_TASKS = {}


@pytest.fixture
def server(settings):
    with MailServer() as server:
        settings.MAILERS = server.mailers(timeout=0.5)
        yield server


def send(*users, **options):
    return passwords.send_temporary_passwords(users, recipients="deux parents", now=timezone.now(), **options)


def states(mailing):
    return list(mailing.lines.order_by("pk").values_list("state", flat=True))


def test_each_account_is_told_apart():
    now = timezone.now()
    users = {
        Sending.ASKED: UserFactory(),
        Sending.NO_ADDRESS: UserFactory(email=""),
        Sending.STILL_VALID: UserFactory(),
        Sending.WAITING: UserFactory(),
        Sending.CLOSED: UserFactory(is_active=False),
    }
    send_value(users[Sending.STILL_VALID], now - timedelta(hours=23))
    send(users[Sending.WAITING])

    mailing, report = send(*users.values())

    assert {sending: found for sending, found in report.items() if found} == {k: [user] for k, user in users.items()}
    assert list(mailing.lines.values_list("user", flat=True)) == [users[Sending.ASKED].pk]
    assert (mailing.mail, mailing.recipients) == ("temporary_password", "deux parents")


def test_preview_writes_nothing():
    _, report = send(UserFactory(), simulate=True)

    assert len(report[Sending.ASKED]) == 1
    assert (Mailing.objects.count(), DBTaskResult.objects.count()) == (0, 0)


def test_nobody_to_write_to_makes_no_mailing():
    mailing, _ = send(UserFactory(email=""))

    assert (mailing, Mailing.objects.count(), DBTaskResult.objects.count()) == (None, 0, 0)


def test_each_account_receives_its_own_value_which_is_written_nowhere(server):  # TMP-01, TMP-17
    users = [UserFactory(email="maison@courriel.example"), UserFactory(email="maison@courriel.example")]

    mailing, _ = send(*users)
    work()

    values = [value_in(received) for received in server.mails]
    assert [temporary.accept(user, value, now=timezone.now()).user for user, value in zip(users, values, strict=True)]
    assert [value for value in values if value in everything_stored()] == []
    assert states(mailing) == ["sent", "sent"]


def test_asked_twice_leaves_once(server):
    user = UserFactory()

    first, _ = send(user)
    second, report = send(user)
    work()
    third, later = send(user)

    assert (second, report[Sending.WAITING]) == (None, [user])
    assert (third, later[Sending.STILL_VALID]) == (None, [user])
    assert len(server.mails) == 1


def test_agents_who_click_at_once_send_one_mail_each(server):
    user, other = UserFactory(), UserFactory()

    sendings = at_once(*[lambda: send(user, other)] * 4)
    work()

    assert [mailing is not None for mailing, _ in sendings].count(True) == 1
    assert sorted(received["to"] for received in server.mails) == sorted([user.email, other.email])


def test_agent_who_sends_to_one_does_not_double_a_mailing(server):
    user = UserFactory()
    send(user)

    assert passwords.send_temporary_password(user, now=timezone.now()) is Sending.WAITING
    work()

    assert len(server.mails) == 1


def test_task_that_runs_twice_sends_once(server):
    mailing, _ = send(UserFactory())
    work()
    DBTaskResult.objects.update(status="READY", worker_ids=[])

    work()

    assert len(server.mails) == 1
    assert states(mailing) == ["sent"]


def test_failed_mail_waits_then_is_given_up_and_seen(server):  # TMP-11
    server.behaviour = "refuse"
    mailing, _ = send(UserFactory())
    seen = []
    for _ in range(len(RETRY_AFTER) + 1):
        work()
        seen.append(states(mailing))

    assert seen == [["waiting"]] * len(RETRY_AFTER) + [["failed"]]
    assert UndeliveredMail.objects.filter(settled_at=None).count() == 1
    assert set(TemporaryPassword.objects.values_list("reason", flat=True)) == {"failed", ""}


def test_mail_that_leaves_at_last_is_sent(server):
    server.behaviour = "drop"
    mailing, _ = send(UserFactory())
    work()
    server.behaviour = "accept"

    work()

    assert (states(mailing), len(server.mails)) == (["sent"], 1)


@pytest.mark.parametrize(
    ("change", "state"),
    [({"is_active": False}, "skipped"), ({"email": ""}, "failed")],
)
def test_account_that_changed_meanwhile_receives_nothing(server, change, state):
    mailing, _ = send(UserFactory())
    User.objects.update(**change)

    work()

    assert (states(mailing), server.mails) == ([state], [])


def test_mailing_whose_tasks_were_lost_stops_nobody_the_day_after(server):
    user = UserFactory()
    send(user)
    DBTaskResult.objects.all().delete()
    Mailing.objects.update(asked_at=timezone.now() - timedelta(days=1))

    mailing, _ = send(user)

    assert mailing is not None


def test_cost_does_not_grow_with_those_who_receive_nothing(django_assert_num_queries):
    users = UserFactory.create_batch(20, email="")

    with django_assert_num_queries(3):
        send(*users, simulate=True)


def test_old_mailings_are_forgotten(settings):  # RGP-06
    mailing, _ = send(UserFactory())
    kept, _ = send(UserFactory())
    Mailing.objects.filter(pk=mailing.pk).update(
        asked_at=timezone.now() - timedelta(days=settings.CONSERVATION_DEMANDES, seconds=1)
    )

    retention.purge(now=timezone.now())

    assert list(MailingLine.objects.values_list("mailing", flat=True)) == [kept.pk]


# --- On paper ---------------------------------------------------------------------------------------------------------


def printed(user, after=0):
    return passwords.print_temporary_password(user, after=after, now=timezone.now())


def test_printed_value_opens_like_any_other():  # AUT-12
    user = UserFactory(email="")

    row, value = printed(user)

    assert temporary.accept(user, value, now=timezone.now()) == row
    assert row.expires_at - row.created_at == timedelta(hours=24)
    assert value not in everything_stored()


def test_printing_closes_the_value_before():
    user = UserFactory(email="")
    _, former = printed(user, after=0)

    row, _ = printed(user, after=passwords.last_temporary(user))

    assert temporary.accept(user, former, now=timezone.now()) is None
    assert list(TemporaryPassword.objects.filter(closed_at=None)) == [row]


@pytest.mark.parametrize(
    "account", [{}, {"email": "", "is_active": False}, {"email": "", "is_staff": True}], ids=["mail", "closed", "agent"]
)
def test_value_is_printed_for_nobody_else(account):  # AUT-12
    if account.get("is_staff"):
        user = StaffFactory(**account, password_changed_at=timezone.now())  # who has chosen one already
    else:
        user = UserFactory(**account)

    assert printed(user) is None
    assert TemporaryPassword.objects.count() == 0


def test_page_sent_twice_at_once_makes_one_value():
    user = UserFactory(email="")

    made = at_once(*[lambda: printed(user)] * 4)

    assert [pair is not None for pair in made].count(True) == 1
    assert TemporaryPassword.objects.count() == 1
