"""An account takes the number that its owner knows: the former one goes on leading to it, and to nobody else."""

import pytest
from django.utils import timezone

from accounts import temporary
from accounts.models import User
from accounts.numbers import change_identifiant
from tests.accounts.conftest import choose, log_in, send_value

pytestmark = pytest.mark.django_db
SIEN = "4021"


@pytest.fixture
def renumbered(parent):
    change_identifiant(parent, SIEN, now=timezone.now())
    return parent


@pytest.mark.parametrize("identifiant", ["3816238", SIEN])
def test_both_numbers_open_the_account(client, renumbered, identifiant):
    log_in(client, identifiant)

    assert client.session["_auth_user_id"] == str(renumbered.pk)


def test_password_on_its_way_with_the_former_number_still_serves(client, parent):  # TMP-02
    value = send_value(parent)
    change_identifiant(parent, SIEN, now=timezone.now())

    log_in(client, "3816238", value)
    choose(client)

    assert temporary.accept(SIEN, value, now=timezone.now()) is None
    assert parent.temporary_passwords.get().reason == "used"


def test_session_goes_on(client, parent):
    log_in(client)

    change_identifiant(parent, SIEN, now=timezone.now())

    assert client.get("/compte/").status_code == 200


def test_former_number_is_given_to_nobody(renumbered, monkeypatch):
    draws = iter([281_623, 345_678])  # the first would be 3816238 again
    monkeypatch.setattr("accounts.models.users.secrets.randbelow", lambda limit: next(draws))

    assert User.objects.new_identifiant().startswith("445678")


def test_change_is_in_the_journal(journal, parent):  # LOG-01
    change_identifiant(parent, SIEN, now=timezone.now(), by=7)

    assert [(line["event"], line["user"], line["by"]) for line in journal.events] == [
        ("identifiant_changed", parent.pk, 7)
    ]
    assert SIEN not in journal.text
