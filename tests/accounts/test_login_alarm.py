"""Many logins that fail, over all accounts: one line and one mail an hour (LIM-09)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django_tasks_db.models import DBTaskResult

from accounts import groups, login_alarm
from accounts.models import RememberedDevice, User
from portail.dates import PARIS
from tests.accounts.conftest import begin_a_day, log_in
from tests.factories import StaffFactory

pytestmark = pytest.mark.ci

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)


@pytest.fixture
def informatique(db, time_machine) -> User:
    """The one member who is told: another left, a third has no address, a fourth is a secretary."""
    time_machine.move_to(NOW, tick=False)
    groups.sync()
    users = [
        StaffFactory(is_superuser=False),
        StaffFactory(is_superuser=False, is_active=False),
        StaffFactory(is_superuser=False, email=""),
    ]
    for user in users:
        user.groups.add(Group.objects.get(name="Informatique"))
    StaffFactory(is_superuser=False).groups.add(Group.objects.get(name="Secrétariat"))
    return users[0]


@pytest.fixture
def few(monkeypatch) -> None:
    """Five failures are many."""
    monkeypatch.setattr(login_alarm, "FAILURES", 5)


def fail(times: int, start: int = 0) -> None:
    """So many logins, each of another account from another address: none reaches a limit of its own."""
    for n in range(start, start + times):
        client = Client(REMOTE_ADDR=f"198.51.{100 + n // 250}.{n % 250 + 1}")
        assert log_in(client, str(7_000_000 + n), "Azerty123").status_code == 200


def alerts(journal) -> list[dict]:
    return [line for line in journal.events if line["event"] == "spraying"]


def told() -> list[list]:
    rows = DBTaskResult.objects.filter(task_path="accounts.tasks.send_login_alarm")
    return [row.args_kwargs["args"] for row in rows]


def test_more_than_two_hundred_in_ten_minutes_are_told(informatique, journal):  # LIM-09, LOG-01
    fail(200)
    assert (alerts(journal), told()) == ([], [])

    fail(3, 200)
    [line] = alerts(journal)
    assert (line["result"], line["told"]) == ("alert", 1)
    assert told() == [[informatique.pk, "spraying", NOW.astimezone(UTC).isoformat()]]


@pytest.mark.parametrize("start", range(10))
@pytest.mark.parametrize(("minutes", "told_of"), [(9, 1), (10, 1), (12, 0)])
def test_ten_minutes_are_any_ten_minutes(informatique, few, journal, time_machine, start, minutes, told_of):  # LIM-09
    """No edge between two windows lets twice the number by."""
    start_at = NOW + timedelta(minutes=start)
    time_machine.move_to(start_at, tick=False)
    fail(3)
    time_machine.move_to(start_at + timedelta(minutes=minutes), tick=False)
    fail(3, 10)

    assert len(alerts(journal)) == told_of


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_alert_comes_once_an_hour(informatique, few, journal, time_machine, start):  # LIM-09
    expected = {0: 1, 1: 1, 59: 1, 61: 2, 119: 2, 122: 3}
    for minutes, alerts_until_then in expected.items():
        time_machine.move_to(NOW + timedelta(minutes=start + minutes), tick=False)
        fail(7, 10 * minutes)
        assert len(alerts(journal)) == len(told()) == alerts_until_then


def test_good_logins_count_for_nothing(informatique, few, parent, journal):
    fail(5)

    assert log_in(Client()).status_code == 302
    assert alerts(journal) == []


def test_alert_is_written_when_nobody_is_there_to_read_it(db, few, journal):
    fail(6)

    assert ([line["told"] for line in alerts(journal)], told()) == ([0], [])


# --- One account, until its day is spent ------------------------------------------------------------------------------


def insist(identifiant: str, time_machine) -> None:
    """The 50 tries of a day on one number, ten in each quarter of an hour, each from another address."""
    begin_a_day(time_machine, identifiant)
    for turn in range(50):
        if turn and turn % 10 == 0:
            time_machine.shift(16 * 60)
        log_in(Client(REMOTE_ADDR=f"198.51.100.{turn + 1}"), identifiant, "Azerty123")


def full_days(journal) -> list[tuple[str, int]]:
    return [(line["identifiant"], line["told"]) for line in journal.events if line["event"] == "day_limit_reached"]


@pytest.mark.parametrize("identifiant", ["3816238", "5550011", "9999999"], ids=["parent", "agent", "nobody"])
def test_day_spent_on_an_account_is_told(informatique, parent, agent, journal, time_machine, identifiant):  # LIM-15
    """Whether the number is an account's is not looked at: the answer would take longer (AUT-08)."""
    insist(identifiant, time_machine)

    assert full_days(journal) == [(identifiant, 1)]  # LIM-09
    assert [args[:2] for args in told()] == [[informatique.pk, "full_day"]]


def test_forty_nine_tries_are_not_told(informatique, parent, journal, time_machine):
    begin_a_day(time_machine, "3816238")
    for turn in range(49):
        time_machine.shift(2 * 60)
        log_in(Client(REMOTE_ADDR=f"198.51.100.{turn + 1}"), "3816238", "Azerty123")

    assert full_days(journal) == []


def test_each_number_has_its_line_and_the_mail_comes_once_an_hour(informatique, rf, journal, time_machine):  # LIM-09
    insist("3816238", time_machine)
    log_in(Client(REMOTE_ADDR="198.51.100.60"), "3816238", "Azerty123")  # said already
    until_now = [("3816238", 1)]
    assert full_days(journal) == until_now

    login_alarm.note_full_day(rf.get("/"), "3816246")
    time_machine.shift(61 * 60)
    login_alarm.note_full_day(rf.get("/"), "3816253")

    assert full_days(journal) == [*until_now, ("3816246", 0), ("3816253", 1)]
    assert len(told()) == 2


def test_day_spent_on_a_known_browser_is_told_too(informatique, parent, journal, time_machine):  # LIM-15
    """Its cookie may have been copied."""
    browser = Client()
    log_in(browser)
    browser.post("/deconnexion/")
    begin_a_day(time_machine, RememberedDevice.objects.get().pk)
    for turn in range(50):
        if turn and turn % 10 == 0:
            time_machine.shift(16 * 60)
        log_in(browser, password="faux")

    assert full_days(journal) == [("3816238", 1)]  # LIM-09
