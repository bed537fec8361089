from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django_tasks_db.models import DBTaskResult

from accounts import passwords, temporary
from accounts.models import TemporaryPassword, User
from tests.accounts.conftest import NEW_PASSWORD, PASSWORD
from tests.factories import UserFactory
from tests.races import at_once

Reason = TemporaryPassword.Reason
NOW = datetime(2026, 12, 3, 19, 41, tzinfo=UTC)


def queue():
    return [(row.task_path, row.args_kwargs["args"]) for row in DBTaskResult.objects.order_by("enqueued_at")]


@pytest.mark.parametrize(
    ("typed", "written"), [("3816238", "3816238"), (" 381 62 38", "3816238"), ("999", "999"), ("inconnu", "")]
)
def test_request_writes_one_row_whoever_is_meant(parent, django_assert_num_queries, typed, written):
    with django_assert_num_queries(1):  # TMP-10: no look-up
        passwords.request_temporary_password(typed)

    assert queue() == [("accounts.tasks.send_temporary_password", [written])]


def test_change_with_temporary_changes_once_and_tells(parent):
    row, _ = temporary.issue(parent, now=NOW)

    user = passwords.change_with_temporary(row.pk, NEW_PASSWORD, now=NOW)

    parent.refresh_from_db()
    row.refresh_from_db()
    assert user == parent
    assert (parent.check_password(NEW_PASSWORD), parent.password_changed_at) == (True, NOW)
    assert (row.closed_at, row.reason) == (NOW, Reason.USED)
    assert queue() == [("accounts.tasks.send_password_changed", [parent.pk, NOW.isoformat()])]  # TMP-09
    assert passwords.change_with_temporary(row.pk, "Tout autre chose 9", now=NOW) is None  # TMP-05


def test_change_with_temporary_past_its_day_changes_nothing(parent):
    row, _ = temporary.issue(parent, now=NOW)

    assert passwords.change_with_temporary(row.pk, NEW_PASSWORD, now=NOW + timedelta(hours=24)) is None  # TMP-02
    parent.refresh_from_db()
    assert parent.check_password(PASSWORD)


def test_refused_password_leaves_the_value_open(parent):
    row, _ = temporary.issue(parent, now=NOW)

    with pytest.raises(ValidationError, match="trop courant"):
        passwords.change_with_temporary(row.pk, "Azerty123", now=NOW)

    row.refresh_from_db()
    assert (row.closed_at, queue()) == (None, [])


@pytest.mark.django_db(transaction=True)
def test_value_closed_during_the_change_changes_nothing(parent, monkeypatch):
    """Another window wins between the look and the transaction."""
    row, _ = temporary.issue(parent, now=NOW)
    monkeypatch.setattr(
        passwords, "make_password", lambda text: temporary.close(row, Reason.USED, now=NOW) and "md5$x$y"
    )

    assert passwords.change_with_temporary(row.pk, NEW_PASSWORD, now=NOW) is None  # TMP-05
    parent.refresh_from_db()
    assert (parent.check_password(PASSWORD), queue()) == (True, [])


@pytest.mark.django_db(transaction=True)
def test_concurrent_changes_let_one_through():
    parent = UserFactory()
    row, _ = temporary.issue(parent, now=NOW)

    def change(number):
        return passwords.change_with_temporary(row.pk, f"{NEW_PASSWORD}{number}", now=NOW)

    results = at_once(*[partial(change, number) for number in range(6)])

    winners = [number for number, user in enumerate(results) if user is not None]
    parent.refresh_from_db()
    assert (len(winners), len(queue())) == (1, 1)  # TMP-05
    assert parent.check_password(f"{NEW_PASSWORD}{winners[0]}")


def test_change_closes_the_live_value_and_tells(parent):
    row, value = temporary.issue(parent, now=NOW)

    passwords.change(parent, NEW_PASSWORD, now=NOW)

    parent.refresh_from_db()
    assert parent.check_password(NEW_PASSWORD)
    assert temporary.accept(parent, value, now=NOW) is None
    assert queue() == [("accounts.tasks.send_password_changed", [parent.pk, NOW.isoformat()])]  # AUT-05


def test_change_by_who_held_a_former_password_changes_nothing(parent):
    """Its form was right when it was read; the owner has chosen another one since (AUT-05)."""
    theirs = User.objects.get(pk=parent.pk)
    assert passwords.change(parent, NEW_PASSWORD, now=NOW) is True

    assert passwords.change(theirs, "Brume de tartine 9", now=NOW) is False

    parent.refresh_from_db()
    assert parent.check_password(NEW_PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_let_one_through():  # AUT-05
    """A thief in an open session and its owner, with the same password."""
    parent = UserFactory()
    loaded = [User.objects.get(pk=parent.pk) for _ in range(6)]

    def change(number):
        return passwords.change(loaded[number], f"{NEW_PASSWORD}{number}", now=NOW)

    results = at_once(*[partial(change, number) for number in range(6)])

    parent.refresh_from_db()
    assert results.count(True) == 1
    assert parent.check_password(f"{NEW_PASSWORD}{results.index(True)}")


@pytest.mark.parametrize("password", ["Tartine 8", "Azerty123"])
def test_change_refuses_what_the_rules_refuse(parent, agent, password):
    with pytest.raises(ValidationError):
        passwords.change(agent, password, now=NOW)

    agent.refresh_from_db()
    assert agent.check_password("Velo nuage tartine 7")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, passwords.Sending.ASKED),
        ({"email": ""}, passwords.Sending.NO_ADDRESS),
        ({"is_active": False}, passwords.Sending.CLOSED),
    ],
)
@pytest.mark.django_db
def test_town_hall_knows_what_comes_of_a_sending(fields, expected):
    assert passwords.send_temporary_password(UserFactory(**fields), now=NOW) == expected


def test_town_hall_does_not_replace_a_value_just_sent(parent):
    row, _ = temporary.issue(parent, now=NOW)
    temporary.mark_sent(row, now=NOW)

    assert passwords.send_temporary_password(parent, now=NOW) == passwords.Sending.TOO_RECENT
    assert queue() == []
