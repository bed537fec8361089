"""Another e-mail address: it acts once its owner has confirmed it, or at once when the town hall wrote it (AUT-13)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.signing import Signer
from django_tasks_db.models import DBTaskResult

from accounts import addresses, email_changes, passwords, retention, tasks
from accounts.models import EmailChange, UndeliveredMail, User
from accounts.outbox import RETRY_AFTER
from portail.dates import PARIS
from tests.accounts.adresses import CHOSEN, FORMER, NEW, NOW, OTHER, save_in_admin
from tests.factories import PASSWORD, StaffFactory, UserFactory
from tests.races import at_once
from tests.reading import body_of
from tests.smtp import MailServer, html_part, text_part

pytestmark = pytest.mark.django_db
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def camille(time_machine):
    time_machine.move_to(NOW, tick=False)
    return UserFactory(identifiant="3816238", first_name="Camille", email=FORMER)


def run_tasks():
    """Run what was enqueued, in order, and forget it."""
    for row in DBTaskResult.objects.order_by("enqueued_at", "pk"):
        row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
    DBTaskResult.objects.all().delete()


def told():
    """Who was told what since the last time."""
    mails = sorted((message.to[0], message.subject) for message in mail.outbox)
    mail.outbox.clear()
    return mails


def address_of(user):
    return User.objects.get(pk=user.pk).email


def reasons(user):
    return list(user.email_changes.order_by("pk").values_list("email", "reason"))


# --- Asked for --------------------------------------------------------------------------------------------------------


def test_nothing_changes_before_the_new_address_is_confirmed(camille):
    addresses.ask(camille, NEW, now=NOW)
    run_tasks()
    assert told() == [
        (FORMER, "Une nouvelle adresse e-mail a été demandée"),
        (NEW, "Confirmez votre nouvelle adresse e-mail"),
    ]
    tasks.send_temporary_password.func("3816238")
    assert (address_of(camille), told()) == (FORMER, [(FORMER, "Envoi de vos identifiants de connexion")])


def test_present_address_is_told_what_to_do_and_never_the_new_one(camille):
    addresses.ask(camille, NEW, now=NOW)
    run_tasks()
    [message] = [message for message in mail.outbox if message.to == [FORMER]]
    assert "Bonjour Camille, Une autre adresse" in body_of(message)
    for words in ["le jeudi 3 décembre à 20 h 41", "Rien ne change", "Changez tout de suite votre mot de passe"]:
        assert words in body_of(message)
    assert NEW not in message.body
    assert "/courriel/confirmer/" not in message.body + message.alternatives[0].content


def test_link_is_of_this_site_and_its_mail_names_nobody(camille, settings):  # AUT-13, TMP-15
    settings.SITE_URL = "https://famille.saint-sauveur.example"
    change = addresses.ask(camille, NEW, now=NOW)
    run_tasks()
    [message] = [message for message in mail.outbox if message.to == [NEW]]
    link = f"https://famille.saint-sauveur.example/courriel/confirmer/{email_changes.token_of(change)}/"
    html = message.alternatives[0].content
    assert (f"\n{link}\n" in message.body, f"<strong>{link}</strong>" in html) == (True, True)
    assert "jusqu’au vendredi 4 décembre à 20 h 41" in body_of(message)
    for content in (message.body, html):
        links = re.findall(r"https?://[^\s<\"]+", content)
        assert (set(links), links.count(link)) == ({link, "https://famille.saint-sauveur.example/"}, 1)
        assert [word for word in ("Camille", "Morel", "3816238", FORMER) if word in content] == []


def test_queue_and_table_keep_no_link_and_the_queue_no_address(camille):
    change = addresses.ask(camille, NEW, now=NOW)
    addresses.confirm(change, now=NOW)
    kept = repr(list(DBTaskResult.objects.values_list("args_kwargs", flat=True)))
    assert "@" not in kept
    signature = email_changes.token_of(change).partition(":")[2]
    assert signature not in kept + repr(list(EmailChange.objects.values_list()))


def test_address_as_it_was_asks_for_nothing(camille):
    waiting = addresses.ask(camille, NEW, now=NOW)
    DBTaskResult.objects.all().delete()
    assert addresses.ask(camille, FORMER, now=NOW) is None
    assert (DBTaskResult.objects.count(), email_changes.live_of(camille, now=NOW)) == (0, waiting)


def test_first_address_waits_too_and_nobody_else_is_told(time_machine):
    time_machine.move_to(NOW, tick=False)
    user = UserFactory(email="")
    change = addresses.ask(user, NEW, now=NOW)
    run_tasks()
    assert told() == [(NEW, "Confirmez votre nouvelle adresse e-mail")]
    assert addresses.confirm(change, now=NOW)
    run_tasks()
    assert (address_of(user), told()) == (NEW, [])


def test_another_address_replaces_the_one_that_waits(camille):
    first, second = (addresses.ask(camille, email, now=NOW) for email in (NEW, OTHER))
    assert reasons(camille) == [(NEW, "replaced"), (OTHER, "")]
    assert [addresses.confirm(change, now=NOW) for change in (first, second)] == [False, True]
    assert address_of(camille) == OTHER


def test_same_address_asked_twice_is_one_request_and_one_link(camille):  # VAL-04
    assert addresses.ask(camille, NEW, now=NOW) == addresses.ask(camille, NEW, now=NOW)
    run_tasks()
    assert [to for to, _ in told()] == [FORMER, NEW]  # the second mail was asked for less than ten minutes after


def test_mail_leaves_again_after_ten_minutes_with_the_same_link_until_the_same_hour(camille, time_machine):
    addresses.ask(camille, NEW, now=NOW)
    run_tasks()
    bodies = [message.body for message in mail.outbox if message.to == [NEW]]
    for minutes, mails in ((9, 0), (10, 1)):
        mail.outbox.clear()
        time_machine.move_to(NOW + timedelta(minutes=minutes), tick=False)
        assert addresses.send_again(camille, now=NOW + timedelta(minutes=minutes))
        run_tasks()
        assert len(mail.outbox) == mails
        bodies += [message.body for message in mail.outbox]
    assert bodies == bodies[:1] * 2


def test_two_accounts_and_two_requests_of_one_wait_apart(camille):
    sacha = UserFactory(email="sacha@courriel.example")
    theirs, first = addresses.ask(sacha, OTHER, now=NOW), addresses.ask(camille, NEW, now=NOW)
    assert [email_changes.live_of(user, now=NOW) for user in (sacha, camille)] == [theirs, first]
    email_changes.mark_sent(first, now=NOW)
    second, later = addresses.ask(camille, OTHER, now=NOW), NOW + timedelta(minutes=1)
    email_changes.mark_sent(second, now=later)
    assert dict(EmailChange.objects.values_list("pk", "sent_at")) == {theirs.pk: None, first.pk: NOW, second.pk: later}
    assert (addresses.give_up(camille, now=later), reasons(sacha)) == (True, [(OTHER, "")])
    assert addresses.confirm(theirs, now=later)
    assert (address_of(sacha), address_of(camille)) == (OTHER, FORMER)


def test_nothing_that_waits_is_mailed_again_or_given_up(camille):
    assert addresses.send_again(camille, now=NOW) is None
    assert addresses.give_up(camille, now=NOW) is False


def test_link_that_serves_no_more_is_not_mailed(camille, time_machine):
    addresses.ask(camille, NEW, now=NOW)
    time_machine.move_to(NOW + timedelta(hours=24), tick=False)
    run_tasks()
    assert [to for to, _ in told()] == [FORMER]


def test_mail_that_never_leaves_joins_the_list_of_the_town_hall(camille, settings):  # TMP-11
    change = addresses.ask(camille, NEW, now=NOW)
    with MailServer("refuse") as server:
        settings.MAILERS = server.mailers(timeout=0.5)
        tasks.send_email_confirmation.func(change.pk, attempt=len(RETRY_AFTER))
    line = UndeliveredMail.objects.get()
    assert (line.user, line.mail) == (camille, "Confirmez votre nouvelle adresse e-mail")
    change.refresh_from_db()
    assert change.sent_at is None


def test_server_receives_the_link_at_the_new_address(camille, settings):
    change = addresses.ask(camille, NEW, now=NOW)
    with MailServer() as server:
        settings.MAILERS = server.mailers()
        tasks.send_email_confirmation.func(change.pk)
        [received] = server.mails
    assert received["to"] == NEW
    for content in (text_part(received), html_part(received)):
        assert email_changes.token_of(change) in content
    change.refresh_from_db()
    assert change.sent_at == NOW


# --- Confirmed --------------------------------------------------------------------------------------------------------


def test_confirmed_address_acts_and_the_former_one_is_told(camille):
    change = addresses.ask(camille, NEW, now=NOW)
    run_tasks()
    mail.outbox.clear()
    assert addresses.confirm(change, now=NOW) is True
    run_tasks()
    assert (address_of(camille), told()) == (NEW, [(FORMER, "Votre adresse e-mail a été changée")])
    tasks.send_temporary_password.func("3816238")
    assert told() == [(NEW, "Envoi de vos identifiants de connexion")]


def test_link_serves_once(camille):
    change = addresses.ask(camille, NEW, now=NOW)
    assert [addresses.confirm(change, now=NOW) for _ in range(3)] == [True, False, False]
    for is_active in (True, False):
        User.objects.update(is_active=is_active)
        change = EmailChange.objects.select_related("user").get()
        assert email_changes.has_served(change, now=NOW) is is_active


@pytest.mark.parametrize(
    ("asked_at", "after", "serves"),
    [
        (NOW, timedelta(hours=24) - MICROSECOND, True),
        (NOW, timedelta(hours=24), False),
        # The night of 28 March 2027 has no 2 o’clock, that of 31 October has two: true hours all the same.
        (datetime(2027, 3, 27, 20, 0, tzinfo=PARIS), timedelta(hours=24) - MICROSECOND, True),
        (datetime(2027, 3, 27, 20, 0, tzinfo=PARIS), timedelta(hours=24), False),
        (datetime(2027, 10, 30, 20, 0, tzinfo=PARIS), timedelta(hours=24) - MICROSECOND, True),
        (datetime(2027, 10, 30, 20, 0, tzinfo=PARIS), timedelta(hours=24), False),
    ],
)
def test_link_serves_strictly_before_24_true_hours(camille, asked_at, after, serves):
    change = addresses.ask(camille, NEW, now=asked_at)
    change = EmailChange.objects.get(pk=change.pk)
    now = (asked_at.astimezone(UTC) + after).astimezone(PARIS)
    assert email_changes.is_live(change, now=now) is serves
    assert addresses.confirm(change, now=now) is serves
    assert address_of(camille) == (NEW if serves else FORMER)


def test_address_asked_again_after_24_hours_has_a_link_of_its_own(camille):
    first = addresses.ask(camille, NEW, now=NOW)
    later = NOW + timedelta(hours=24)
    assert addresses.ask(camille, NEW, now=later) != first
    assert reasons(camille) == [(NEW, "expired"), (NEW, "")]


@pytest.mark.django_db(transaction=True)
def test_six_at_once_confirm_once():
    user = UserFactory(email=FORMER)
    change = addresses.ask(user, NEW, now=NOW)
    DBTaskResult.objects.all().delete()
    done = at_once(*[lambda: addresses.confirm(change, now=NOW)] * 6)
    assert (sorted(done), address_of(user)) == ([False] * 5 + [True], NEW)
    assert DBTaskResult.objects.count() == 1  # the former address, told once


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_leave_one_that_waits():
    user = UserFactory(email=FORMER)
    at_once(*[lambda n=n: addresses.ask(user, f"adresse{n % 3}@courriel.example", now=NOW) for n in range(6)])
    assert user.email_changes.filter(closed_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_new_password_and_confirmation_at_once_never_leave_what_waits():
    """Whichever comes first: the address has changed and its former owner is told, or it never will."""
    user = UserFactory(email=FORMER)
    change = addresses.ask(user, NEW, now=NOW)
    _, confirmed = at_once(lambda: passwords.change(user, CHOSEN, now=NOW), lambda: addresses.confirm(change, now=NOW))
    assert reasons(user) == [(NEW, "confirmed" if confirmed else "password")]
    assert address_of(user) == (NEW if confirmed else FORMER)


# --- The link ---------------------------------------------------------------------------------------------------------


def test_forged_link_is_looked_up_nowhere(camille, django_assert_num_queries):
    pk = addresses.ask(camille, NEW, now=NOW).pk
    forged = ["", str(pk), f"{pk}:", f"{pk}:AAAA", Signer().sign(str(pk)), Signer(salt="enfance.rappels").sign(str(pk))]
    with django_assert_num_queries(0):
        assert [email_changes.find(token) for token in forged] == [None] * len(forged)


def test_link_of_a_row_that_is_gone_leads_nowhere(camille):
    change = addresses.ask(camille, NEW, now=NOW)
    token = email_changes.token_of(change)
    change.delete()
    assert email_changes.find(token) is None


# --- The town hall and its imports ------------------------------------------------------------------------------------


def test_address_written_by_the_town_hall_acts_at_once_and_both_are_told(client, camille):
    save_in_admin(client, camille, email=NEW)
    run_tasks()
    assert {"Votre adresse e-mail a été changée"} == {message.subject for message in mail.outbox}
    assert all("le jeudi 3 décembre à 20 h 41" in body_of(message) for message in mail.outbox)
    assert sorted(to for to, _ in told()) == sorted([FORMER, NEW])
    tasks.send_temporary_password.func("3816238")
    assert [to for to, _ in told()] == [NEW]
    assert reasons(camille) == [(NEW, "at_once")]


def test_address_taken_away_by_the_town_hall_is_told_of_it(client, camille):
    save_in_admin(client, camille, email="")
    run_tasks()
    assert (address_of(camille), [to for to, _ in told()]) == ("", [FORMER])


def test_new_account_is_told_of_no_change(client, db):
    client.force_login(StaffFactory())
    client.post("/admin/accounts/user/add/", {"first_name": "Lou", "last_name": "Morel", "email": NEW})
    assert User.objects.get(email=NEW).email_changes.count() == 0
    assert not DBTaskResult.objects.exists()


def sent(user):
    addresses.ask(user, NEW, now=NOW)
    run_tasks()


def expired(user):
    addresses.ask(user, NEW, now=NOW - timedelta(hours=24))


def confirmed(user):
    addresses.confirm(addresses.ask(user, NEW, now=NOW), now=NOW)


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (lambda user: None, "aucun"),
        (
            lambda user: addresses.ask(user, NEW, now=NOW),
            f"{NEW} : demandée le jeudi 3 décembre à 20 h 41, e-mail pas encore parti, à confirmer avant le vendredi",
        ),
        (sent, "e-mail envoyé le jeudi 3 décembre à 20 h 41, à confirmer avant le vendredi 4 décembre à 20 h 41"),
        (expired, f"{NEW} : pas confirmée avant le jeudi 3 décembre à 20 h 41"),
        (confirmed, f"{NEW} : confirmée, le jeudi 3 décembre à 20 h 41"),
    ],
)
def test_town_hall_sees_what_became_of_a_new_address(client, camille, happens, words):
    happens(camille)
    client.force_login(StaffFactory())
    page = client.get(f"/admin/accounts/user/{camille.pk}/change/").text
    shown = re.search(r'field-email_change.*?class="readonly">(.*?)</div>', page, re.DOTALL)[1]
    assert words in " ".join(shown.split())


# --- Kept for a time --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ends", [lambda change: None, lambda change: addresses.confirm(change, now=NOW)])
def test_purge_forgets_the_addresses(camille, ends):  # RGP-06
    ends(addresses.ask(camille, NEW, now=NOW))
    retention.purge(now=NOW + timedelta(days=29))
    assert EmailChange.objects.count() == 1
    assert retention.purge(now=NOW + timedelta(days=32))["email_changes"] == 1


def test_password_of_the_account_is_that_of_before(camille):
    addresses.confirm(addresses.ask(camille, NEW, now=NOW), now=NOW)
    assert User.objects.get().check_password(PASSWORD)
