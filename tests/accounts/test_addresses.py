"""Another e-mail address: both are told, and no password follows it for a day unless the town hall says so (AUT-13)."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django_tasks_db.models import DBTaskResult

from accounts import addresses, passwords, retention, tasks
from accounts.models import TemporaryPassword, UndeliveredMail, User
from accounts.passwords import Sending
from portail.dates import PARIS
from tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
FORMER, NEW = "camille@courriel.example", "nouvelle@courriel.example"


@pytest.fixture
def camille(time_machine):
    time_machine.move_to(NOW, tick=False)
    return UserFactory(identifiant="3816238", first_name="Camille", email=FORMER)


def run_tasks():
    """Run what was enqueued, in order."""
    for row in DBTaskResult.objects.order_by("enqueued_at", "pk"):
        row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])


def changed(user, *emails, now=NOW):
    for email in emails:
        addresses.change_email(user, email, now=now)
    return user


def test_both_addresses_are_told(camille):
    changed(camille, NEW)
    run_tasks()
    assert sorted(message.to for message in mail.outbox) == [[FORMER], [NEW]]
    assert {message.subject for message in mail.outbox} == {"Votre adresse e-mail a été changée"}
    assert all("le jeudi 3 décembre à 20 h 41" in " ".join(message.body.split()) for message in mail.outbox)
    assert all(NEW not in message.body for message in mail.outbox)


def test_task_of_a_change_keeps_no_address(camille):
    changed(camille, NEW)
    kept = repr(list(DBTaskResult.objects.values_list("args_kwargs", flat=True)))
    assert "@" not in kept


def test_address_as_it_was_changes_nothing(camille):
    assert addresses.change_email(camille, FORMER, now=NOW) is False
    assert (camille.email_changed_at, DBTaskResult.objects.count()) == (None, 0)


def test_two_changes_at_once_still_tell_the_first_address(camille):
    """Whoever took a session over cannot hide behind a second change."""
    changed(camille, NEW, "autre@courriel.example")
    run_tasks()
    assert [FORMER] in [message.to for message in mail.outbox]
    assert camille.email_before == FORMER


def test_coming_back_to_the_first_address_ends_the_wait(camille):
    changed(camille, NEW, FORMER.title())
    assert camille.trusts_email(now=NOW)


def test_first_address_of_an_account_waits_too(time_machine):
    time_machine.move_to(NOW, tick=False)
    user = changed(UserFactory(email=""), NEW)
    run_tasks()
    assert not user.trusts_email(now=NOW)
    assert [message.to for message in mail.outbox] == [[NEW]]


@pytest.mark.parametrize(
    ("after", "trusted"),
    [
        (timedelta(0), False),
        (timedelta(hours=24) - timedelta(seconds=1), False),
        (timedelta(hours=24), True),
        (timedelta(days=40), True),
    ],
)
def test_address_is_trusted_after_24_hours(camille, after, trusted):
    assert changed(camille, NEW).trusts_email(now=NOW + after) is trusted


def test_forgotten_password_is_not_sent_to_a_new_address(camille):
    changed(camille, NEW)
    tasks.send_temporary_password.func("3816238")
    line = UndeliveredMail.objects.get()
    assert (line.user, line.reason, line.mail) == (camille, "new_address", "Envoi de vos identifiants de connexion")
    assert (TemporaryPassword.objects.count(), mail.outbox) == (0, [])


def test_forgotten_password_is_sent_a_day_later(camille, time_machine):
    changed(camille, NEW)
    tasks.send_temporary_password.func("3816238")
    time_machine.move_to(NOW + timedelta(hours=24), tick=False)
    tasks.send_temporary_password.func("3816238")
    assert [message.to for message in mail.outbox] == [[NEW]]
    assert UndeliveredMail.objects.filter(settled_at=None).count() == 0


def test_town_hall_is_told_to_confirm_first(camille):
    changed(camille, NEW)
    assert passwords.send_temporary_password(camille, now=NOW) is Sending.NEW_ADDRESS


def test_town_hall_confirms_in_the_admin(client, camille):
    changed(camille, NEW)
    client.force_login(StaffFactory())
    data = {"action": "confirm_email", "_selected_action": [camille.pk]}
    response = client.post("/admin/accounts/user/", data, follow=True)
    assert "Adresses confirmées\u00a0: Camille Morel (3816238)." in response.content.decode()
    camille.refresh_from_db()
    assert (camille.trusts_email(now=NOW), camille.email_before) == (True, "")
    tasks.send_temporary_password.func("3816238")
    assert [message.to for message in mail.outbox] == [[NEW]]


def test_address_written_by_the_town_hall_is_trusted(client, camille):
    changed(camille, NEW)
    client.force_login(StaffFactory())
    data = {"first_name": "Camille", "last_name": "Morel", "email": "notee@courriel.example", "is_active": "on"}
    for prefix in ("temporary_passwords", "undelivered_mails"):
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    response = client.post(f"/admin/accounts/user/{camille.pk}/change/", data)
    assert response.status_code == 302
    camille.refresh_from_db()
    assert (camille.email, camille.trusts_email(now=NOW)) == ("notee@courriel.example", True)


def test_both_addresses_are_told_of_what_the_town_hall_wrote(client, camille):  # AUT-13
    client.force_login(StaffFactory())
    data = {"first_name": "Camille", "last_name": "Morel", "email": NEW, "is_active": "on"}
    for prefix in ("temporary_passwords", "undelivered_mails"):
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}

    client.post(f"/admin/accounts/user/{camille.pk}/change/", data)
    for row in DBTaskResult.objects.filter(task_path="accounts.tasks.send_email_changed"):
        tasks.send_email_changed.func(*row.args_kwargs["args"])

    assert sorted(message.to for message in mail.outbox) == sorted([[FORMER], [NEW]])
    assert all("pendant 24" not in message.body for message in mail.outbox)
    retention.purge(now=NOW + timedelta(days=1))
    assert User.objects.get(pk=camille.pk).email_before == ""


def test_new_account_is_told_of_no_change(client, db):
    client.force_login(StaffFactory())

    client.post("/admin/accounts/user/add/", {"first_name": "Lou", "last_name": "Morel", "email": NEW})

    assert User.objects.get(email=NEW).email_before == ""
    assert not DBTaskResult.objects.exists()


def test_purge_forgets_the_former_address(camille):
    changed(camille, NEW)
    retention.purge(now=NOW + timedelta(days=29))
    assert User.objects.get().email_before == FORMER
    retention.purge(now=NOW + timedelta(days=31))
    assert User.objects.get().email_before == ""
