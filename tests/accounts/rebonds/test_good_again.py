"""An address whose mails come back: what takes its mark away, what gives it to another account, what erases it."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts import addresses, email_changes, merging, retention, temporary
from accounts.models import EmailChange, MailSent, UndeliveredMail, User
from accounts.rebonds import marks
from tests.accounts.conftest import log_in, send_value
from tests.accounts.rebonds import avis
from tests.accounts.rebonds.conftest import back, mark_of
from tests.factories import STAFF_PASSWORD, StaffFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.ci]
LINES = "/admin/accounts/undeliveredmail/"
ACCOUNTS = "/admin/accounts/user/"


@pytest.fixture
def refused(camille):
    """Camille, whose address is marked."""
    marks.note_sent("<a1@portail>", camille, "Garderie fermée", now=timezone.now())
    back(avis.postfix("<a1@portail>"), timezone.now())
    assert mark_of(camille) == "unknown_address"
    return camille


@pytest.fixture
def mairie(client):
    agent = StaffFactory(identifiant="5550011")
    log_in(client, agent.identifiant, STAFF_PASSWORD)
    client.show_second_factor()
    return client


def open_lines():
    return UndeliveredMail.objects.filter(settled_at=None).count()


def test_temporary_password_that_came_by_mail_shows_that_mails_arrive(client, refused):
    log_in(client, refused.identifiant, send_value(refused))
    assert (mark_of(refused), open_lines()) == ("", 0)


def test_temporary_password_that_was_printed_shows_nothing(client, refused):
    _, value = temporary.issue(refused, now=timezone.now(), printed=True)
    assert "/mot-de-passe/nouveau/" in log_in(client, refused.identifiant, value)["Location"]
    assert mark_of(refused) == "unknown_address"


def test_link_of_a_new_address_that_is_confirmed_takes_the_mark_away(refused):
    change = addresses.ask(refused, "nouvelle@example.fr", now=timezone.now())
    assert mark_of(refused) == "unknown_address"
    assert addresses.confirm(change, now=timezone.now())
    assert (mark_of(refused), refused.email, open_lines()) == ("", "nouvelle@example.fr", 0)


def test_confirmed_address_is_good_for_each_account_that_has_it_and_for_no_other(refused):
    sacha, lou = UserFactory(email="sacha@example.fr"), UserFactory(email="lou@example.fr")
    addresses.correct_email(lou, refused.email, now=timezone.now())
    assert mark_of(lou) == "unknown_address"
    addresses.confirm(addresses.ask(lou, "nouvelle@example.fr", now=timezone.now()), now=timezone.now())
    assert (mark_of(lou), mark_of(refused)) == ("", "unknown_address")

    addresses.confirm(addresses.ask(sacha, refused.email, now=timezone.now()), now=timezone.now())

    assert (mark_of(sacha), mark_of(refused)) == ("", "")


def test_verifying_the_present_address_takes_the_place_of_a_new_one_that_waits(refused):
    autre = addresses.ask(refused, "nouvelle@example.fr", now=timezone.now())
    change = addresses.verify(refused, now=timezone.now())
    assert (change.email, email_changes.live_of(refused, now=timezone.now())) == (refused.email, change)
    assert not addresses.confirm(autre, now=timezone.now())


def test_present_address_is_verified_by_a_link_without_a_word_to_anybody_else(refused):
    other = UserFactory(email=refused.email)
    User.objects.filter(pk=other.pk).update(email_refused_at=refused.email_refused_at, email_refused="unknown_address")
    change = addresses.verify(refused, now=timezone.now())
    assert addresses.verify(refused, now=timezone.now()) == change  # asked twice, it is one link
    assert addresses.confirm(EmailChange.objects.select_related("user").get(pk=change.pk), now=timezone.now())
    assert [mark_of(user) for user in (refused, other)] == ["", ""]
    assert refused.email == "camille@example.fr"
    assert addresses.verify(refused, now=timezone.now()) is None


def test_address_that_the_town_hall_corrects_has_the_mark_it_deserves(refused):
    dead, fresh = UserFactory(email="x@example.fr"), UserFactory(email="y@example.fr")
    for user, email in ((dead, refused.email), (fresh, "neuve@example.fr")):
        addresses.correct_email(user, email, now=timezone.now())
    assert [mark_of(user) for user in (dead, fresh)] == ["unknown_address", ""]

    addresses.correct_email(refused, "corrigee@example.fr", now=timezone.now())
    assert [mark_of(user) for user in (refused, dead)] == ["", "unknown_address"]


@pytest.mark.parametrize("keeps_refused", [True, False])
def test_two_accounts_made_one_have_the_mark_of_the_address_that_stays(refused, keeps_refused):
    other = UserFactory(email="bonne@example.fr")
    merging.merge(other, refused, {}, email_of=refused if keeps_refused else other, now=timezone.now())
    assert mark_of(other) == ("unknown_address" if keeps_refused else "")
    assert MailSent.objects.get().user == other


def test_secretary_says_from_the_list_that_the_address_is_good(mairie, refused, journal):
    line = UndeliveredMail.objects.get()
    page = mairie.get(LINES).text
    assert "revenu\u00a0: l’adresse n’existe pas" in page

    response = mairie.post(LINES, {"action": "write_again", "_selected_action": line.pk}, follow=True)

    told = [str(message) for message in response.context["messages"]]
    assert told == [f"Les e-mails partent de nouveau\u00a0: {refused}."]
    assert (mark_of(refused), open_lines()) == ("", 0)
    assert LogEntry.objects.get().get_change_message() == "Adresse e-mail dite bonne."
    assert journal.events[-1]["event"] == "mail_returned_cleared"


def test_page_of_the_account_says_it_and_offers_the_same(mairie, refused):
    page = f"{ACCOUNTS}{refused.pk}/change/"
    assert "\u00a0: l’adresse n’existe pas" in mairie.get(page).text
    assert mairie.get(f"{ACCOUNTS}?adresse=revient").context["cl"].result_count == 1

    mairie.post(page, {"CHANGE_FORM-action": "write_again", "_selected_action": refused.pk})

    assert mark_of(refused) == ""
    assert mairie.get(f"{ACCOUNTS}?adresse=revient").context["cl"].result_count == 0


def test_saying_so_of_an_address_that_receives_changes_nothing(mairie, camille):
    line = UndeliveredMail.objects.create(user=camille, mail="Envoi", reason="refused")
    response = mairie.post(LINES, {"action": "write_again", "_selected_action": line.pk}, follow=True)
    assert ["Rien ne change" in str(message) for message in response.context["messages"]] == [True]
    assert (open_lines(), LogEntry.objects.count()) == (1, 0)


def test_page_of_an_agent_says_it_too(client):
    agent = StaffFactory(identifiant="5550012")
    User.objects.filter(pk=agent.pk).update(email_refused_at=timezone.now(), email_refused="mailbox_full")
    log_in(client, agent.identifiant, STAFF_PASSWORD)
    client.show_second_factor()
    page = client.get("/compte/").text
    assert "la boîte est pleine" in page
    assert "verifier" not in page  # its page mails no link: the town hall corrects it


def test_link_says_new_of_a_new_address_alone(client, refused):
    change = addresses.verify(refused, now=timezone.now())
    page = client.get(f"/courriel/confirmer/{email_changes.token_of(change)}/").text
    assert "Nouvelle adresse" not in page
    assert "camille@example.fr" in page


def test_what_left_is_forgotten_after_thirty_days(camille):
    now = timezone.now()
    for n, age in enumerate([29, 30, 31]):
        marks.note_sent(f"<m{n}@portail>", camille, "Garderie", now=now - timedelta(days=age))
    assert retention.purge(now=now)["mails_sent"] == 2
    assert MailSent.objects.get().message_id == "<m0@portail>"
