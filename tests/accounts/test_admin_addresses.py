"""An account's e-mail, changed in the admin: an agent's open window does not do it alone (ADM-05)."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django_tasks_db.models import DBTaskResult

from accounts import sessions
from accounts.models import User
from tests.accounts.conftest import log_in
from tests.clients import Client
from tests.factories import STAFF_PASSWORD, StaffFactory, UserFactory

HELP = "Obligatoire pour changer une adresse e-mail."
MISSING = "Indiquez votre mot de passe pour changer l’adresse."
WRONG = "Ce n’est pas votre mot de passe actuel."
NEW = "camille.morel@courriel.example"


@pytest.fixture
def mairie(agent) -> Client:
    """The browser of an agent who logged in hours ago."""
    client = Client()
    assert log_in(client, agent.identifiant, STAFF_PASSWORD).status_code == 302
    client.show_second_factor()
    client.grow_old()
    return client


@pytest.fixture(params=["user", "staffuser"])
def account(request, db) -> User:
    make = {"user": UserFactory, "staffuser": StaffFactory}[request.param]
    return make(first_name="Camille", last_name="Morel", email="avant@courriel.example")


def page_of(user: User) -> str:
    return f"/admin/accounts/{'staffuser' if user.is_staff else 'user'}/{user.pk}/change/"


def send(client: Client, user: User, **fields: str):
    """The page as it is shown, sent with these changes."""
    page = client.get(page_of(user))
    form = page.context["adminform"].form
    data = {name: form[name].value() or "" for name in ["first_name", "last_name", "email"]}
    data |= {"is_active": "on", "_fingerprint": page.context["fingerprint"]}
    for inline in page.context["inline_admin_formsets"]:
        data |= {f"{inline.formset.prefix}-{name}_FORMS": "0" for name in ["TOTAL", "INITIAL"]}
    return client.post(page_of(user), {**data, **fields})


def errors(response) -> list[str]:
    return response.context["adminform"].form.errors.get("own_password", [])


def email_of(user: User) -> str:
    return User.objects.get(pk=user.pk).email


def test_page_has_the_field_when_the_password_is_old(mairie, account):  # ADM-05
    assert HELP in mairie.get(page_of(account)).text
    session = mairie.session
    session["confirmed"] = session["seen"]
    session.save()
    assert HELP not in mairie.get(page_of(account)).text


def test_new_account_is_asked_no_password(mairie):
    assert HELP not in mairie.get("/admin/accounts/user/add/").text
    mairie.post("/admin/accounts/user/add/", {"first_name": "Lou", "last_name": "Brun", "email": NEW})
    assert User.objects.filter(email=NEW).exists()


def test_email_waits_for_the_password_and_nothing_typed_is_lost(mairie, account):  # ADM-05
    response = send(mairie, account, email=NEW, last_name="Moreau")

    assert (response.status_code, errors(response), email_of(account)) == (200, [MISSING], "avant@courriel.example")
    form = response.context["adminform"].form
    assert (form["email"].value(), form["last_name"].value()) == (NEW, "Moreau")
    assert (LogEntry.objects.count(), DBTaskResult.objects.count()) == (0, 0)


def test_wrong_password_is_said_beside_it(mairie, account, journal):  # ADM-05, LOG-01
    response = send(mairie, account, email=NEW, own_password="Tout autre chose 9")

    assert (errors(response), email_of(account)) == ([WRONG], "avant@courriel.example")
    assert [(line["event"], line["result"]) for line in journal.events] == [("identity_confirmed", "refused")]
    assert "Tout autre" not in response.text + journal.text


def test_right_password_changes_it_and_is_good_for_the_next(mairie, account):  # ADM-05
    response = send(mairie, account, email=NEW, last_name="Moreau", own_password=STAFF_PASSWORD)

    assert (response.status_code, email_of(account)) == (302, NEW)
    assert mairie.session["confirmed"]
    assert "own_password" not in LogEntry.objects.get().change_message
    assert send(mairie, account, email="encore@courriel.example").status_code == 302


def test_other_changes_ask_nothing(mairie, account, journal):
    """Nor does a browser that filled the field by itself, with whatever password."""
    assert send(mairie, account, last_name="Moreau", own_password="Tout autre chose 9").status_code == 302
    assert send(mairie, account, last_name="Morand").status_code == 302

    assert User.objects.get(pk=account.pk).last_name == "Morand"
    assert (journal.events, "confirmed" in mairie.session) == ([], False)


def test_page_opened_in_time_and_sent_too_late_asks_too(mairie, account, monkeypatch):  # ADM-05
    with monkeypatch.context() as patch:
        patch.setattr(sessions, "FRESH", 10**10)
        page = mairie.get(page_of(account))
    assert HELP not in page.text

    assert errors(send(mairie, account, email=NEW)) == [MISSING]


@pytest.mark.ci
def test_tries_are_limited(mairie, account):  # LIM-11
    answers = [errors(send(mairie, account, email=NEW, own_password="faux")) for _ in range(11)]
    last = errors(send(mairie, account, email=NEW, own_password=STAFF_PASSWORD))

    assert answers[:10] == [[WRONG]] * 10
    assert answers[10][0].startswith("Trop d’essais\u00a0: le mot de passe ne sera plus regardé jusqu’à ")
    assert (last, email_of(account)) == (answers[10], "avant@courriel.example")


def test_agent_who_only_reads_is_asked_nothing(account):
    client = Client()
    reader = StaffFactory(is_superuser=False)
    reader.user_permissions.set(
        reader.user_permissions.model.objects.filter(codename__in=["view_user", "view_staffuser"])
    )
    client.force_login(reader)
    client.grow_old()

    page = client.get(page_of(account))

    assert (page.status_code, HELP in page.text) == (200, False)
