"""What counts as a mail that came back, and what it does to an address."""

from datetime import timedelta

import pytest

from accounts.models import MailSent, UndeliveredMail, User
from accounts.rebonds import marks
from tests.accounts.rebonds import avis
from tests.accounts.rebonds.conftest import NOW, back, mark_of, sent
from tests.factories import UserFactory
from tests.races import at_once

DAY = timedelta(days=1)
pytestmark = [pytest.mark.django_db, pytest.mark.ci]


def lines():
    return list(UndeliveredMail.objects.filter(settled_at=None).order_by("pk").values_list("user", "mail", "reason"))


def test_without_a_mailbox_nothing_is_kept(settings, camille):
    settings.RETOURS_COURRIEL = None
    marks.note_sent("<a1@portail>", camille, "Garderie", now=NOW)
    assert MailSent.objects.count() == 0


def test_address_is_kept_as_a_digest_alone(camille):
    row = sent(camille)
    assert "camille" not in repr(MailSent.objects.values_list().get())
    assert len(row.address) == 64


def test_permanent_refusal_marks_the_address_at_once_and_tells_the_town_hall(camille, journal):
    sent(camille)
    assert back(avis.postfix("<a1@portail>"))
    assert mark_of(camille) == "unknown_address"
    assert camille.email_refused_at == NOW
    assert lines() == [(camille.pk, "Garderie fermée", "unknown_address")]
    [event] = journal.events
    assert (event["event"], event["result"], event["user"], event["status"]) == (
        "mail_returned", "unknown_address", camille.pk, "5.1.1",
    )  # fmt: skip
    assert "example" not in journal.text


@pytest.mark.parametrize("times", [1, 2])
def test_a_report_counts_once(camille, times):
    sent(camille)
    for _ in range(times):
        assert back(avis.postfix("<a1@portail>"))
    assert MailSent.objects.get().status == "5.1.1"
    assert len(lines()) == 1


def test_ten_reports_three_of_which_are_forged_are_seven():  # REL-09
    users = [UserFactory(email=f"parent{n}@example.fr") for n in range(10)]
    for n, user in enumerate(users):
        sent(user, f"<m{n}@portail>", when=NOW - (31 * DAY if n == 9 else DAY))
    shapes = [avis.postfix, avis.exim, avis.exim_of_before, avis.gmail, avis.orange, avis.postfix, avis.gmail]
    true = [shape(f"<m{n}@portail>", users[n].email) for n, shape in enumerate(shapes)]
    forged = [
        avis.postfix("<m70@portail>", users[7].email),  # which never left
        avis.postfix("<m0@portail>", users[8].email),  # another's
        avis.postfix("<m9@portail>", users[9].email),  # a month old
    ]
    assert [back(raw) for raw in true + forged] == [True] * 7 + [False] * 3
    assert [bool(mark_of(user)) for user in users] == [True] * 7 + [False] * 3
    assert MailSent.objects.exclude(returned_at=None).count() == 7


@pytest.mark.parametrize(("age", "counts"), [(30 * DAY, False), (30 * DAY - timedelta(seconds=1), True)])
def test_a_mail_of_thirty_days_proves_nothing(camille, age, counts):
    sent(camille, when=NOW - age)
    assert back(avis.postfix("<a1@portail>")) is counts


@pytest.mark.parametrize("action", ["delayed", "relayed", "delivered", "expanded"])
def test_what_did_not_fail_is_understood_and_not_counted(camille, action):
    sent(camille)
    assert back(avis.postfix("<a1@portail>", action=action, status="4.4.1"))
    assert (mark_of(camille), lines(), MailSent.objects.get().returned_at) == ("", [], None)


def test_success_is_no_refusal(camille):
    sent(camille)
    back(avis.postfix("<a1@portail>", status="2.0.0"))
    assert mark_of(camille) == ""


def test_third_lasting_refusal_of_a_week_marks_the_address(camille):
    marked = []
    for n, day in enumerate([0, 3, 8, 9]):  # the first is more than a week before the third
        sent(camille, f"<m{n}@portail>", when=NOW + day * DAY)
        back(avis.postfix(f"<m{n}@portail>", status="4.2.2"), NOW + day * DAY + timedelta(hours=n))
        marked.append(mark_of(camille))
    assert marked == ["", "", "", "mailbox_full"]
    assert lines() == [(camille.pk, "Garderie fermée", "mailbox_full")]


def test_same_lasting_refusal_three_times_is_one(camille):
    sent(camille)
    for _ in range(3):
        back(avis.postfix("<a1@portail>", status="4.4.1"))
    assert mark_of(camille) == ""


@pytest.mark.parametrize("to", ["Camille@EXAMPLE.fr", "<camille@example.fr>", " camille@example.fr"])
def test_case_of_an_address_makes_no_difference(camille, to):
    sent(camille)
    assert back(avis.postfix("<a1@portail>", to))
    assert mark_of(camille)


def test_domain_with_accents_is_known_as_it_travels():
    user = UserFactory(email="camille@école.fr")
    sent(user)
    assert back(avis.postfix("<a1@portail>", "camille@xn--cole-9oa.fr"))
    assert mark_of(user)


def test_key_that_was_changed_still_knows_what_left_before(camille, settings):
    sent(camille)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "une autre cle", [settings.SECRET_KEY]
    assert back(avis.postfix("<a1@portail>"))
    assert mark_of(camille)


def test_accounts_that_share_the_address_share_its_mark(camille):
    other, stranger = UserFactory(email="CAMILLE@example.fr"), UserFactory(email="lou@example.fr")
    sent(camille)
    back(avis.postfix("<a1@portail>"))
    assert [mark_of(user) for user in (camille, other, stranger)] == ["unknown_address", "unknown_address", ""]
    assert lines() == [(camille.pk, "Garderie fermée", "unknown_address")]


def test_address_that_no_longer_acts_marks_nothing(camille):
    sent(camille)
    User.objects.filter(pk=camille.pk).update(email="nouvelle@example.fr")
    assert back(avis.postfix("<a1@portail>"))  # ours all the same
    assert (mark_of(camille), lines()) == ("", [])


def test_first_reason_stays(camille):
    sent(camille, "<a1@portail>")
    sent(camille, "<a2@portail>", "Mot de passe")
    back(avis.postfix("<a1@portail>"))
    back(avis.postfix("<a2@portail>", status="5.7.1"), NOW + DAY)
    assert mark_of(camille) == "unknown_address"
    assert camille.email_refused_at == NOW
    assert [line[1:] for line in lines()] == [
        ("Garderie fermée", "unknown_address"),
        ("Mot de passe", "sender_blocked"),
    ]


def test_address_that_is_good_again_begins_anew(camille, journal):
    other = UserFactory(email=camille.email)
    for n in range(2):
        sent(camille, f"<m{n}@portail>")
    back(avis.postfix("<m0@portail>"))
    later = NOW + DAY

    assert marks.clear(camille.email, now=later) == [camille, other]
    assert [mark_of(user) for user in (camille, other)] == ["", ""]
    assert lines() == []
    assert back(avis.postfix("<m1@portail>"), later) is False  # of before: it says nothing of today
    assert [event["event"] for event in journal.events] == ["mail_returned", *["mail_returned_cleared"] * 2]
    assert marks.clear(camille.email, now=later) == []


def test_other_lines_of_the_list_stay_when_the_address_is_good(camille):
    UndeliveredMail.objects.create(user=camille, mail="Envoi", reason="refused")
    sent(camille)
    back(avis.postfix("<a1@portail>"))
    marks.clear(camille.email, now=NOW)
    assert lines() == [(camille.pk, "Envoi", "refused")]


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_read_the_same_report_count_it_once(camille):
    sent(camille)
    at_once(*[lambda: back(avis.postfix("<a1@portail>"))] * 4)
    assert len(lines()) == 1
