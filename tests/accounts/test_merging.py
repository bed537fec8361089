"""An identifiant that somebody had still leads to them; two accounts made one."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from accounts import addresses, merging, passwords, tasks, temporary
from accounts.models import FormerIdentifiant, UndeliveredMail, User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 19, 41, tzinfo=UTC)


@pytest.fixture
def kept():
    return UserFactory(identifiant="3816238", email="camille@courriel.example")


@pytest.fixture
def double():
    return UserFactory(identifiant="4000001", email="c.morel@travail.example")


def merge(kept, double, email_of=None):
    merging.merge(kept, double, {}, email_of=email_of or kept, now=NOW)
    kept.refresh_from_db()


@pytest.mark.parametrize("text", ["3816238", "381 62 38", "4000001", "4000002", "abc", ""])
def test_same_questions_are_asked_whoever_it_is(kept, django_assert_num_queries, text):  # AUT-08
    FormerIdentifiant.objects.create(identifiant="4000001", user=kept)

    with django_assert_num_queries(2):
        found = User.objects.called(text)

    assert found == (kept if text in {"3816238", "381 62 38", "4000001"} else None)


def test_number_of_an_account_that_is_gone_leads_nowhere(db):
    FormerIdentifiant.objects.create(identifiant="4000001")

    assert User.objects.called("4000001") is None


def test_identifiant_given_up_receives_its_temporary_password(kept, double):
    merge(kept, double)
    mail.outbox.clear()

    tasks.send_temporary_password.func("4000001")

    assert [message.to for message in mail.outbox] == [["camille@courriel.example"]]
    live = kept.temporary_passwords.get(closed_at=None)
    value = next(word for word in mail.outbox[0].body.split() if temporary.looks_temporary(word))
    assert temporary.accept("4000001", value, now=live.created_at) == live


@pytest.mark.parametrize("address_since", ["", "camille@courriel.example"])
def test_paper_of_the_double_is_closed_and_another_can_be_had_at_once(kept, double, address_since):  # TMP-07, AUT-12
    User.objects.update(email="")
    passwords.print_temporary_password(double, after=0, now=NOW)
    User.objects.update(email=address_since)

    merge(kept, double)

    [paper] = kept.temporary_passwords.all()
    assert (paper.closed_at, paper.reason) == (NOW, "replaced")
    if address_since:
        assert passwords.send_temporary_password(kept, now=NOW) == passwords.Sending.ASKED
    else:
        _, value = passwords.print_temporary_password(kept, after=paper.pk, now=NOW)
        assert temporary.accept("4000001", value, now=NOW).user == kept


def test_addresses_that_waited_wait_no_more(kept, double):  # AUT-13
    for user in (kept, double):
        addresses.ask(user, "nouvelle@courriel.example", now=NOW)

    merge(kept, double, email_of=double)

    assert kept.email == "c.morel@travail.example"
    assert list(kept.email_changes.values_list("reason", flat=True)) == ["closed", "closed"]


@pytest.mark.parametrize(
    ("ici", "la", "last"),
    [(None, None, None), (NOW, None, NOW), (None, NOW, NOW), (NOW, NOW + timedelta(days=1), NOW + timedelta(days=1))],
)
def test_last_login_is_the_later_of_both(kept, double, ici, la, last):
    for user, when in ((kept, ici), (double, la)):
        User.objects.filter(pk=user.pk).update(last_login=when)

    merge(kept, double)

    assert kept.last_login == last


def test_lack_of_an_address_is_settled_when_the_other_has_one(kept, double):
    User.objects.filter(pk=double.pk).update(email="")
    UndeliveredMail.objects.create(user=double, mail="Envoi", reason="no_address")
    UndeliveredMail.objects.create(user=double, mail="Autre", reason="refused")

    merge(kept, double)

    lines = kept.undelivered_mails.order_by("mail").values_list("mail", "settled_at")
    assert list(lines) == [("Autre", None), ("Envoi", NOW)]


@pytest.mark.parametrize("given_up", ["", "c.morel@travail.example"])
def test_mail_tells_which_identifiant_stays(kept, given_up):
    tasks.send_accounts_merged.func(kept.pk, "4000001", given_up)

    (message,) = mail.outbox
    assert message.to == [given_up or "camille@courriel.example"]
    assert "Votre identifiant\u00a0: 3816238" in message.body
    assert "L’autre, 4000001, ne sera donné à personne" in message.body
    assert ("n’est plus celle de votre compte" in message.body) is bool(given_up)


def test_mail_of_an_account_that_is_gone_is_not_sent(kept):
    tasks.send_accounts_merged.func(kept.pk + 1, "4000001")

    assert mail.outbox == []
