"""A new e-mail address that waits is dropped by whatever closes, changes or merges the account (AUT-13)."""

import pytest
from django.core.management import call_command

from accounts import addresses, email_changes, merging, passwords
from accounts.models import EmailChange, User
from tests.accounts.adresses import CHOSEN, FORMER, NEW, NOW, OTHER, save_in_admin
from tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def camille(time_machine):
    time_machine.move_to(NOW, tick=False)
    return UserFactory(identifiant="3816238", first_name="Camille", email=FORMER)


def by_choice(user, client):
    assert addresses.give_up(user, now=NOW) is True


def by_a_new_password(user, client):
    passwords.change(user, CHOSEN, now=NOW)


def by_a_temporary_password(user, client):
    row, _ = passwords.issue(user, now=NOW)
    assert passwords.change_with_temporary(row.pk, CHOSEN, now=NOW)


def by_closing(user, client):
    save_in_admin(client, user, is_active="")


def by_the_town_hall(user, client):
    save_in_admin(client, user, email=OTHER)


def by_an_import(user, client):
    addresses.correct_email(user, OTHER, now=NOW)


def by_closing_its_sessions(user, client):
    client.force_login(StaffFactory())
    client.post("/admin/accounts/user/", {"action": "close_sessions", "_selected_action": [user.pk]})


def by_closing_the_other_devices(user, client):
    client.force_login(user)
    client.post("/compte/appareils/")


def by_the_command(user, client):
    call_command("close_sessions", user.identifiant)


def by_merging(user, client):
    merging.merge(user, UserFactory(), {}, email_of=user, now=NOW)


def by_merging_into_another(user, client):
    merging.merge(UserFactory(), user, {}, email_of=user, now=NOW)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (by_choice, "dropped"),
        (by_a_new_password, "password"),
        (by_a_temporary_password, "password"),
        (by_closing, "closed"),
        (by_closing_its_sessions, "dropped"),
        (by_closing_the_other_devices, "dropped"),
        (by_the_command, "dropped"),
        (by_the_town_hall, "replaced"),
        (by_an_import, "replaced"),
        (by_merging, "closed"),
        (by_merging_into_another, "closed"),
    ],
)
def test_address_that_waited_is_dropped(camille, client, how, reason):
    change = addresses.ask(camille, NEW, now=NOW)
    loaded = email_changes.find(email_changes.token_of(change))  # the page was open meanwhile
    how(camille, client)
    change.refresh_from_db()
    assert (change.closed_at, change.reason) == (NOW, reason)
    assert addresses.confirm(loaded, now=NOW) is False
    assert not User.objects.filter(email=NEW).exists()


def test_request_that_waited_for_a_new_password_asks_for_nothing(camille):
    """Its form was right when it was read, and the password of then is no longer the account's."""
    theirs = User.objects.get(pk=camille.pk)
    passwords.change(camille, CHOSEN, now=NOW)
    assert addresses.ask(theirs, NEW, now=NOW) is None
    assert camille.email_changes.count() == 0


def test_account_closed_by_another_hand_confirms_nothing(camille):
    change = addresses.ask(camille, NEW, now=NOW)
    User.objects.update(is_active=False)
    change = EmailChange.objects.get()
    assert (email_changes.is_live(change, now=NOW), addresses.confirm(change, now=NOW)) == (False, False)
