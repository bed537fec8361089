"""An account closed, then opened again: nothing of before opens it, but its password (and its phone)."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import make_password

from accounts import second_factor
from accounts.models import TemporaryPassword, User
from tests.accounts.conftest import NEW_PASSWORD, log_in, send_value
from tests.accounts.phones import code_of, give, give_phone, is_inside
from tests.clients import Client
from tests.factories import STAFF_PASSWORD, StaffFactory


@pytest.fixture
def save(client, db):
    """Tick or untick « Actif » on the page of an account."""
    client.force_login(StaffFactory())

    def post(user: User, *, is_active: bool) -> None:
        name = "staffuser" if user.is_staff else "user"
        data = {"first_name": user.first_name, "last_name": user.last_name, "email": user.email}
        data |= {"is_active": "on"} if is_active else {}
        for prefix in ("temporary_passwords", "undelivered_mails"):
            data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
        assert client.post(f"/admin/accounts/{name}/{user.pk}/change/", data).status_code == 302
        user.refresh_from_db()
        assert user.is_active is is_active

    return post


@pytest.fixture(params=["the page", "another hand"])
def close_and_reopen(request, save):
    """Closed on its page, or by whatever else writes in the table; always opened again on its page."""

    def run(user: User) -> None:
        if request.param == "the page":
            save(user, is_active=False)
        else:
            User.objects.filter(pk=user.pk).update(is_active=False)
        save(user, is_active=True)

    return run


def test_session_of_before_is_over(close_and_reopen, parent):  # SES-04
    theirs = Client()
    log_in(theirs, souvenir="on")

    close_and_reopen(parent)

    assert theirs.get("/compte/").status_code == 302
    assert log_in(theirs).status_code == 302  # the password opens it again
    assert is_inside(theirs)


def test_session_of_an_agent_of_before_is_over(close_and_reopen, enrolled):  # SES-04
    """Their groups are as they were, and nothing was asked for meanwhile."""
    theirs = Client()
    log_in(theirs, enrolled.identifiant, STAFF_PASSWORD)
    give(theirs, code_of())
    assert is_inside(theirs)

    close_and_reopen(enrolled)

    assert not is_inside(theirs)


def test_temporary_password_of_before_no_longer_serves(close_and_reopen, parent):  # SES-04
    value = send_value(parent)

    close_and_reopen(parent)

    assert log_in(Client(), password=value).status_code == 200
    assert TemporaryPassword.objects.get().reason == TemporaryPassword.Reason.CLOSED


def test_device_of_before_is_recognised_no_more(close_and_reopen, agent):  # SES-02, SES-04
    agent.is_superuser = False
    agent.save()
    agent.groups.create(name="Équipe")
    give_phone(agent)
    tablet = Client()
    log_in(tablet, agent.identifiant, STAFF_PASSWORD)
    give(tablet, code_of())
    del tablet.cookies["session"]
    log_in(tablet, agent.identifiant, STAFF_PASSWORD)
    assert is_inside(tablet)

    close_and_reopen(agent)

    log_in(tablet, agent.identifiant, STAFF_PASSWORD)
    assert not is_inside(tablet)
    assert second_factor.find_device(agent) is not None  # without it, the password alone would enrol another phone


def test_page_of_an_account_writes_nothing_but_what_it_changes(save, parent, monkeypatch):
    """A password chosen while the page is being saved stays."""
    chosen = make_password(NEW_PASSWORD)
    monkeypatch.setattr(User, "clean", lambda user: User.objects.filter(pk=user.pk).update(password=chosen))

    save(parent, is_active=False)

    assert parent.password == chosen
