"""The page behind the link mailed to a new address: reading it changes nothing, its button confirms (AUT-13)."""

import re
from datetime import datetime, timedelta

import pytest
from django.core.signing import Signer

from accounts import addresses, email_changes
from accounts.models import EmailChange, User
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import UserFactory
from tests.reading import html_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
FORMER, NEW = "camille@courriel.example", "nouvelle@courriel.example"
DEAD, DONE = "Ce lien ne sert plus", "C’est fait"


@pytest.fixture
def camille(time_machine):
    time_machine.move_to(NOW, tick=False)
    return UserFactory(identifiant="3816238", first_name="Camille", email=FORMER)


@pytest.fixture
def link(camille):
    return f"/courriel/confirmer/{email_changes.token_of(addresses.ask(camille, NEW, now=NOW))}/"


def address_of(user):
    return User.objects.get(pk=user.pk).email


def state():
    return list(EmailChange.objects.values_list()), list(User.objects.values_list())


@pytest.mark.parametrize("method", ["get", "head"])
def test_reading_confirms_nothing(client, link, method):  # SES-06
    before = state()
    for _ in range(3):
        assert getattr(client, method)(link).status_code == 200
    assert state() == before


def test_page_shows_the_address_its_button_and_nobody(client, link):
    page = html_of(client.get(link))
    assert NEW in page
    assert "Confirmer cette adresse</button>" in page
    assert [word for word in ("Camille", "Morel", "3816238", FORMER) if word in page] == []
    assert page.count("<h1>") == 1


def test_button_confirms_without_a_login(client, camille, link, journal):  # LOG-01
    response = client.post(link, follow=True)
    assert (DONE in html_of(response), address_of(camille)) == (True, NEW)
    assert "_auth_user_id" not in client.session
    [event] = [event for event in journal.events if event["event"] == "email_changed"]
    assert (event["result"], event["user"], event["by"]) == ("ok", camille.pk, "confirmation")
    assert "@" not in journal.text
    assert link.split("/")[3] not in journal.text


def test_button_asks_for_the_token_of_its_form(camille, link):  # SES-06
    client = Client(enforce_csrf_checks=True)
    assert client.post(link).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(link).text)[1]
    assert (address_of(camille), client.post(link, {"csrfmiddlewaretoken": token}).status_code) == (FORMER, 302)
    assert address_of(camille) == NEW


def test_second_click_is_told_that_it_is_done_and_no_address(client, link):  # VAL-04
    client.post(link)
    for response in (client.post(link, follow=True), client.get(link), Client().get(link)):
        page = html_of(response)
        assert (DONE in page, DEAD in page, "@courriel.example" in page) == (True, False, False)


def forged(camille, link):
    return f"/courriel/confirmer/{Signer().sign('1')}/"


def unknown(camille, link):
    EmailChange.objects.all().delete()
    return link


def given_up(camille, link):
    addresses.give_up(camille, now=NOW)
    return link


def replaced(camille, link):
    addresses.ask(camille, "autre@courriel.example", now=NOW)
    return link


def closed(camille, link):
    User.objects.update(is_active=False)
    return link


def served_and_changed_since(camille, link):
    addresses.confirm(EmailChange.objects.get(), now=NOW)
    User.objects.update(email="autre@courriel.example")
    return link


@pytest.mark.parametrize("how", [forged, unknown, given_up, replaced, closed, served_and_changed_since])
def test_link_that_serves_no_more_says_what_to_do(client, camille, link, how, journal):
    link = how(camille, link)
    before = state()
    for response in (client.get(link), client.post(link, follow=True)):
        page = html_of(response)
        assert (DEAD in page, 'href="/compte/"' in page, "04 65 71 00 38" in page) == (True, True, True)
        assert "@courriel.example" not in page
    assert state() == before
    [event] = [event for event in journal.events if event["event"] == "email_changed"]
    assert event["result"] == "refused"


@pytest.mark.parametrize("serves", [False, True])
def test_link_is_dead_24_hours_after_it_was_asked_for(client, camille, link, serves, time_machine):
    if serves:
        client.post(link)
    time_machine.move_to(NOW + timedelta(hours=24) - timedelta(seconds=1), tick=False)
    assert DEAD not in html_of(client.get(link))
    time_machine.move_to(NOW + timedelta(hours=24), tick=False)
    assert DEAD in html_of(client.get(link))
    assert DEAD in html_of(client.post(link, follow=True))
    assert address_of(camille) == (NEW if serves else FORMER)


def test_dead_links_have_one_answer(client, camille, link):
    """Nothing tells a link that was never made from one that served or was dropped."""
    addresses.give_up(camille, now=NOW)
    pages = {
        re.sub(r'value="\w{64}"', "", html_of(client.get(address)))
        for address in (link, forged(camille, link), "/courriel/confirmer/x/")
    }
    assert len(pages) == 1


def test_somebody_else_who_is_logged_in_may_open_it(client, camille, link):
    """A shared computer: the link speaks for the mailbox, not for the session."""
    other = UserFactory()
    client.force_login(other)
    client.post(link)
    assert (address_of(camille), address_of(other)) == (NEW, other.email)


def test_page_is_kept_nowhere_and_sends_its_address_to_nobody(client, link):  # SES-05, HDR-07
    response = client.get(link)
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["Referrer-Policy"] == "same-origin"
