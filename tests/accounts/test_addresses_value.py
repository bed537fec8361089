"""What was read in the former mailbox opens nothing, whoever changed the address, and proves nothing of the new one."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import addresses, email_changes, mailings, merging, passwords, tasks, temporary
from accounts.models import Mailing, MailingLine, TemporaryPassword, User
from tests.accounts.adresses import FORMER, NEW, save_in_admin
from tests.accounts.conftest import NEW_PASSWORD, choose, log_in, send_value
from tests.accounts.mails import opens, value_in, waiting, while_on_its_way, work
from tests.clients import Client
from tests.factories import UserFactory
from tests.races import at_once
from tests.smtp import MailServer

pytestmark = [pytest.mark.django_db, pytest.mark.ci]


@pytest.fixture(autouse=True)
def no_daily_tasks(settings):
    settings.DAILY_TASKS = {}


@pytest.fixture
def camille(db):
    return UserFactory(identifiant="3816238", first_name="Camille", email=FORMER)


@pytest.fixture
def server(settings):
    with MailServer() as server:
        settings.MAILERS = server.mailers(timeout=30)
        yield server


def by_its_owner(user):
    token = email_changes.token_of(addresses.ask(user, NEW, now=timezone.now()))
    Client().post(f"/courriel/confirmer/{token}/")


def by_the_town_hall(user):
    save_in_admin(Client(), user, email=NEW)


def by_taking_it_away(user):
    save_in_admin(Client(), user, email="")


def by_an_import(user):
    addresses.correct_email(user, NEW, now=timezone.now())


def by_merging_a_double_whose_address_stays(user):
    double = UserFactory(email=NEW)
    merging.merge(user, double, {}, email_of=double, now=timezone.now())


def by_merging_into_another_whose_address_stays(user):
    kept = UserFactory(email=NEW)
    merging.merge(kept, user, {}, email_of=kept, now=timezone.now())


DOORS = [
    by_its_owner,
    by_the_town_hall,
    by_taking_it_away,
    by_an_import,
    by_merging_a_double_whose_address_stays,
    by_merging_into_another_whose_address_stays,
]


# --- What was read before ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
def test_value_of_the_former_mailbox_opens_nothing(camille, door):  # TMP-07
    value, already_in = send_value(camille), Client()
    assert log_in(already_in, "3816238", value)["Location"] == "/mot-de-passe/nouveau/"

    door(camille)

    assert TemporaryPassword.objects.get().reason == "address"
    assert not opens("3816238", value)
    assert "ne sert plus" in choose(already_in).text
    assert set(User.objects.filter(is_staff=False).values_list("password_changed_at", flat=True)) == {None}


def test_value_stays_good_while_its_address_does(camille):
    """The address is said to be good, is written as it was, is that of the other account as well."""
    value, now = send_value(camille), timezone.now()
    TemporaryPassword.objects.update(sent_at=now)  # a mail takes time, as paper does not
    User.objects.update(email_refused_at=now, email_refused="mailbox_full")
    addresses.confirm(addresses.verify(camille, now=now), now=now)
    addresses.correct_email(camille, FORMER, now=now)
    merging.merge(UserFactory(identifiant="4716230", email=FORMER), camille, {}, email_of=camille, now=now)

    assert opens("4716230", value)


def test_paper_of_the_counter_stays_good_when_a_first_address_comes(db):  # AUT-12
    """Nobody has read it in a mailbox: the parent gives an address while the paper is printed."""
    user = UserFactory(identifiant="3816238", email="")
    _, value = passwords.print_temporary_password(user, after=0, now=timezone.now())
    addresses.correct_email(user, NEW, now=timezone.now())

    assert opens("3816238", value)


@pytest.mark.parametrize("door", [by_its_owner, by_an_import])
def test_value_read_in_the_former_mailbox_proves_nothing_of_the_new_address(camille, door):
    """Not even when the address changes while it is typed."""
    value, now = send_value(camille), timezone.now()
    accepted = temporary.accept("3816238", value, now=now)
    door(camille)
    User.objects.filter(email=NEW).update(email_refused_at=now, email_refused="mailbox_full")

    addresses.prove(accepted.user, value, now=now)
    log_in(Client(), "3816238", value)

    assert User.objects.get().email_refused_at == now


# --- What is on its way -----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", [by_the_town_hall, by_merging_a_double_whose_address_stays])
def test_value_made_before_the_address_changes_leaves_for_the_new_one(camille, server, monkeypatch, door):  # TMP-07
    _, [line] = mailings.open_mailing(
        Mailing.Mail.CREDENTIALS, [camille], recipients="une famille", by=None, now=timezone.now()
    )
    issue = temporary.issue

    def issue_then_change(*args, **kwargs):
        issued = issue(*args, **kwargs)
        monkeypatch.undo()
        door(User.objects.get(identifiant="3816238"))
        return issued

    monkeypatch.setattr(temporary, "issue", issue_then_change)
    DBTaskResult.objects.all().delete()
    tasks.send_temporary_password.enqueue("3816238", line=line.pk)
    while waiting():
        work()

    credentials = [received for received in server.mails if "identifiants" in received["subject"]]
    assert [received["to"] for received in credentials] == [NEW]
    assert opens("3816238", value_in(credentials[0]))
    assert MailingLine.objects.get().state == "sent"


@pytest.mark.django_db(transaction=True)
def test_mail_that_arrives_while_the_address_changes_carries_a_dead_value(camille, server):  # TMP-07
    """The former mailbox has it already: it opens nothing, and another leaves for the new one."""
    tasks.send_temporary_password.enqueue("3816238")

    while_on_its_way(server, lambda: addresses.correct_email(camille, NEW, now=timezone.now()))
    while waiting():
        work()

    values = {received["to"]: value_in(received) for received in server.mails if "identifiants" in received["subject"]}
    assert list(values) == [FORMER, NEW]
    assert [opens("3816238", value) for value in values.values()] == [False, True]


@pytest.mark.django_db(transaction=True)
def test_account_merged_before_its_value_is_made_receives_that_of_the_other(camille, server, monkeypatch):
    kept, called = UserFactory(identifiant="4716230", email=NEW), User.objects.called

    def called_then_merged(identifiant):
        user = called(identifiant)
        monkeypatch.undo()
        merging.merge(kept, camille, {}, email_of=kept, now=timezone.now())
        return user

    monkeypatch.setattr(User.objects, "called", called_then_merged)
    tasks.send_temporary_password.enqueue("3816238")
    while waiting():
        work()

    [received] = [received for received in server.mails if "Envoi" in received["subject"]]
    assert (received["to"], opens("4716230", value_in(received))) == (NEW, True)


# --- At the same instant ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_value_sent_and_address_changed_at_once_leave_nothing_good_in_the_former_mailbox(camille, server, turn):
    tasks.send_temporary_password.enqueue("3816238")

    at_once(work, lambda: addresses.correct_email(camille, NEW, now=timezone.now()))
    while waiting():
        work()

    mails = [received for received in server.mails if "identifiants" in received["subject"]]
    assert [opens("3816238", value_in(received)) for received in mails if received["to"] == FORMER] in ([], [False])
    assert opens("3816238", value_in(mails[-1]))


@pytest.mark.django_db(transaction=True)
def test_password_chosen_with_the_value_and_address_confirmed_at_once_are_never_both_done(camille):
    """Whichever comes first: the value has served and the new address never acts, or the value opens nothing."""
    change = addresses.ask(camille, NEW, now=timezone.now())
    value, client = send_value(camille), Client()
    log_in(client, "3816238", value)

    chosen, confirmed = at_once(lambda: choose(client), lambda: addresses.confirm(change, now=timezone.now()))

    user = User.objects.get()
    served = chosen.get("Location") == "/connexion/"
    assert (served, user.check_password(NEW_PASSWORD), user.email) == (
        not confirmed,
        served,
        NEW if confirmed else FORMER,
    )


@pytest.mark.django_db(transaction=True)
def test_value_typed_while_the_town_hall_changes_the_address_chooses_no_password_after(camille):
    value, client = send_value(camille), Client()

    at_once(lambda: log_in(client, "3816238", value), lambda: addresses.correct_email(camille, NEW, now=timezone.now()))

    choose(client)
    assert not User.objects.get().check_password(NEW_PASSWORD)


# --- One writer -------------------------------------------------------------------------------------------------------

HOUSES = ["accounts", "conservation", "enfance", "facturation", "portail", "surveillance"]
# `tasks` gives another address to an object that is never saved: the mail that must reach it.
WRITERS = {"accounts/addresses.py", "accounts/tasks.py"}


def writes_an_email(node):
    """Whether this writes an `email` over another: of an object, or of rows."""
    match node:
        case ast.Attribute(attr="email", ctx=ast.Store()):
            return True
        case ast.Call(func=ast.Attribute(attr="update"), keywords=keywords):
            return any(keyword.arg == "email" for keyword in keywords)
        case ast.Call(func=ast.Attribute(attr="save" | "bulk_update")):
            named = [*node.args, *(keyword.value for keyword in node.keywords)]
            return any(
                isinstance(each, ast.Constant) and each.value == "email" for arg in named for each in ast.walk(arg)
            )
    return False


@pytest.mark.une_fois
def test_address_of_an_account_is_written_in_one_place():
    """A door that wrote it elsewhere would leave a good value in the former mailbox."""
    writers = set()
    for house in HOUSES:
        for path in Path(settings.BASE_DIR, house).rglob("*.py"):
            if any(map(writes_an_email, ast.walk(ast.parse(path.read_text())))):
                writers.add(str(path.relative_to(settings.BASE_DIR)))
    assert writers == WRITERS
