"""At the counter: a temporary password on paper, once, for a parent whom no e-mail can reach (AUT-12)."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts import temporary
from accounts.models import TemporaryPassword
from tests.accounts.conftest import choose, log_in
from tests.accounts.mails import everything_stored
from tests.clients import Client
from tests.factories import STAFF_PASSWORD, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def parent():
    return UserFactory(identifiant="3816238", first_name="Yvonne", last_name="Besson", email="")


@pytest.fixture
def mairie(agent):
    client = Client()
    client.force_login(agent)
    return client


def page_of(user):
    return f"/admin/accounts/user/{user.pk}/guichet/"


def ask(client, user, **fields):
    after = client.get(page_of(user)).context["form"].initial["after"]
    return client.post(page_of(user), {"identity": "on", "after": after, **fields})


def values(response):
    return re.findall(r"\b[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}\b", response.text)


def test_value_is_shown_once_and_opens_the_change_of_password(mairie, client, parent):
    response = ask(mairie, parent)

    [value] = values(response)
    assert "no-store" in response["Cache-Control"]  # SES-05
    assert value not in everything_stored()
    log_in(client, "3816238", value)
    assert choose(client).headers["Location"] == "/connexion/"


def test_page_sent_again_shows_and_makes_nothing(mairie, parent):
    after = mairie.get(page_of(parent)).context["form"].initial["after"]
    data = {"identity": "on", "after": after}
    [value] = values(mairie.post(page_of(parent), data))

    again = mairie.post(page_of(parent), data)

    assert values(again) == []
    assert "Aucun mot de passe n’est fait" in again.text
    assert temporary.accept(parent, value, now=timezone.now()) is not None
    assert len(values(ask(mairie, parent))) == 1  # asked anew, knowingly


def test_page_alone_makes_nothing(mairie, parent):  # SES-06
    assert values(mairie.get(page_of(parent))) == []
    assert TemporaryPassword.objects.count() == 0


@pytest.mark.parametrize("fields", [{"identity": ""}, {"after": "x"}, {"after": ""}, {"after": "9" * 40}])
def test_identity_is_checked_first(mairie, parent, fields):
    response = ask(mairie, parent, **fields)

    assert (response.status_code, values(response), TemporaryPassword.objects.count()) == (200, [], 0)


def test_value_before_serves_no_more(mairie, parent):  # TMP-06
    [former] = values(ask(mairie, parent))

    ask(mairie, parent)

    assert temporary.accept(parent, former, now=timezone.now()) is None


def test_printing_is_traced_without_the_value(mairie, agent, parent, journal):  # ADM-04, LOG-01
    [value] = values(ask(mairie, parent))

    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (agent, str(parent.pk))
    assert entry.get_change_message() == "Identité vérifiée, mot de passe temporaire imprimé au guichet."
    assert [line["event"] for line in journal.events if line["user"] == parent.pk] == ["temporary_password_printed"]
    assert value not in journal.text


def test_parent_with_an_address_is_sent_a_mail_instead(mairie):
    user = UserFactory()

    response = mairie.get(page_of(user))

    assert "a une adresse e-mail" in response.text
    assert values(mairie.post(page_of(user), {"identity": "on", "after": 0})) == []


@pytest.mark.parametrize("rights", [[], ["view_user", "change_user"]])
def test_right_of_its_own_is_asked(parent, rights):
    client, user = Client(), StaffFactory(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(user)

    assert client.post(page_of(parent), {"identity": "on", "after": 0}).status_code == 403
    assert TemporaryPassword.objects.count() == 0


def test_agent_is_never_given_one(mairie):
    assert mairie.get(page_of(StaffFactory(email=""))).status_code == 404


def test_account_leads_there_when_it_has_no_address(mairie, parent):
    for user, shown in [(parent, True), (UserFactory(), False)]:
        html = mairie.get(f"/admin/accounts/user/{user.pk}/change/").text
        assert (page_of(user) in html) is shown


def test_password_of_the_agent_is_asked_before_anything_is_made(mairie, parent):  # ADM-05
    mairie.grow_old()

    asked = mairie.get(page_of(parent), follow=True)

    assert asked.request["PATH_INFO"] == "/compte/confirmer/"
    back = mairie.confirm(asked, STAFF_PASSWORD)
    assert back.headers["Location"] == page_of(parent)
    assert len(values(ask(mairie, parent))) == 1


def test_value_asked_of_an_old_page_is_made_once_the_password_is_given(mairie, parent):  # ADM-05
    after = mairie.get(page_of(parent)).context["form"].initial["after"]
    mairie.grow_old()

    asked = mairie.post(page_of(parent), {"identity": "on", "after": after})
    wrong = mairie.confirm(asked, "Tout autre chose 9")

    assert (values(asked), values(wrong), TemporaryPassword.objects.count()) == ([], [], 0)
    assert "Ce n’est pas votre mot de passe actuel." in wrong.text
    assert len(values(mairie.confirm(wrong, STAFF_PASSWORD))) == 1
