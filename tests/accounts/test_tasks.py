"""What the worker does for accounts, in this process: `work` runs what the queue holds, whenever it is for."""

import json
import logging
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import OperationalError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import tasks, temporary
from accounts.models import TemporaryPassword, UndeliveredMail
from accounts.outbox import RETRY_AFTER
from tests.accounts.mails import everything_stored, value_in, waiting, work
from tests.factories import UserFactory
from tests.reading import plain
from tests.smtp import MailServer, html_part, text_part

pytestmark = pytest.mark.django_db(transaction=True)
SUBJECT = "Envoi de vos identifiants de connexion"


@pytest.fixture(autouse=True)
def no_daily_tasks(settings):
    settings.DAILY_TASKS = {}


@pytest.fixture
def camille():
    return UserFactory(identifiant="3816238", first_name="Camille", email="camille@courriel.example")


@pytest.fixture
def server(settings):
    with MailServer() as server:
        settings.MAILERS = server.mailers(timeout=0.5)
        yield server


def passwords():
    return list(TemporaryPassword.objects.order_by("pk").values_list("reason", flat=True))


def test_temporary_password_arrives_and_opens(camille, server):
    tasks.send_temporary_password.enqueue("3816238")
    work()

    [received] = server.mails
    [password] = TemporaryPassword.objects.all()
    assert (received["to"], received["subject"]) == ("camille@courriel.example", SUBJECT)
    assert temporary.accept("3816238", value_in(received), now=timezone.now()) == password
    assert password.sent_at is not None
    assert waiting() == []


@pytest.mark.parametrize("asked", ["9999999", "", "381 62 38 x", "1000001"])
def test_temporary_password_is_for_an_open_account_only(server, asked):
    # TMP-10: the task is the same, and ends well
    UserFactory(identifiant="1000001", is_active=False)

    tasks.send_temporary_password.enqueue(asked)
    work()

    [row] = DBTaskResult.objects.all()
    assert (row.status, server.mails, passwords(), UndeliveredMail.objects.count()) == ("SUCCESSFUL", [], [], 0)


def test_account_without_address_is_on_the_town_halls_list_once(server):
    # TMP-16
    user = UserFactory(identifiant="3816238", email="")

    for _ in range(3):
        tasks.send_temporary_password.enqueue("3816238")
    work()

    assert (server.mails, passwords()) == ([], [])
    assert list(UndeliveredMail.objects.values_list("user", "mail", "reason", "settled_at")) == [
        (user.pk, SUBJECT, "no_address", None)
    ]


def test_shared_address_receives_one_mail_an_account_and_only_the_one_asked(camille, server):
    # TMP-17
    UserFactory(identifiant="4716230", first_name="Dominique", email=camille.email)

    tasks.send_temporary_password.enqueue("4716230")
    work()
    [first] = server.mails
    tasks.send_temporary_password.enqueue("3816238")
    work()

    assert ["Login : 4716230" in text_part(first), "3816238" in text_part(first) + html_part(first)] == [True, False]
    assert [received["to"] for received in server.mails] == ["camille@courriel.example"] * 2
    assert [re.search(r"Login : (\d+)", text_part(received))[1] for received in server.mails] == ["4716230", "3816238"]
    for received, identifiant in zip(server.mails, ["4716230", "3816238"], strict=True):
        assert temporary.accept(identifiant, value_in(received), now=timezone.now()) is not None


def test_second_request_in_ten_minutes_sends_nothing_unless_the_town_hall_asks(camille, server):
    # TMP-06
    for force in [False, False, True]:
        tasks.send_temporary_password.enqueue("3816238", force=force)
        work()

    assert len(server.mails) == 2
    assert passwords() == ["replaced", ""]


@pytest.mark.parametrize(
    ("behaviour", "result"),
    [("refuse", "refused"), ("reject", "refused"), ("hang", "unreachable"), ("drop", "unreachable")],
)
def test_failed_sending_is_tried_again_with_a_fresh_value(camille, server, journal, behaviour, result):
    # TMP-11, REL-03, LOG-01
    server.behaviour = behaviour
    tasks.send_temporary_password.enqueue("3816238")
    work()

    [failed] = TemporaryPassword.objects.all()
    assert failed.sent_at is None
    kwargs = {"attempt": 1, "instead_of": failed.pk}
    assert waiting() == [("send_temporary_password", {"args": ["3816238"], "kwargs": kwargs}, 30)]
    assert list(DBTaskResult.objects.filter(status="SUCCESSFUL").values_list("traceback", flat=True)) == [""]
    assert [(line["event"], line["result"], line["user"]) for line in journal.events] == [
        ("mail_failed", result, camille.pk)
    ]

    server.behaviour = "accept"
    work()

    [received] = server.mails
    assert passwords() == ["failed", ""]
    assert temporary.accept("3816238", value_in(received), now=timezone.now()) is not None
    assert waiting() == []
    assert UndeliveredMail.objects.count() == 0


def test_mail_that_never_leaves_is_given_up_after_five_retries_and_shown(camille, server):
    # TMP-11
    server.behaviour = "refuse"
    delays = []
    tasks.send_temporary_password.enqueue("3816238")
    for _ in range(6):
        work()
        delays += [timedelta(seconds=seconds) for _, _, seconds in waiting()]

    assert delays == RETRY_AFTER == sorted(RETRY_AFTER)
    assert (server.seen, passwords(), waiting()) == (6, [*["failed"] * 5, ""], [])
    assert list(UndeliveredMail.objects.values_list("user", "mail", "reason", "settled_at")) == [
        (camille.pk, SUBJECT, "refused", None)
    ]


def test_mail_that_leaves_at_last_settles_the_town_halls_line(camille, server):
    other = UndeliveredMail.objects.create(user=camille, mail="Autre message", reason="refused")
    line = UndeliveredMail.objects.create(user=camille, mail=SUBJECT, reason="no_address")

    tasks.send_temporary_password.enqueue("3816238")
    work()

    other.refresh_from_db()
    line.refresh_from_db()
    assert (other.settled_at is None, line.settled_at is None) == (True, False)


@pytest.mark.ci
@pytest.mark.parametrize("behaviours", [["accept"], ["hang", "drop", "accept"], ["refuse"] * 6])
def test_value_and_address_are_written_nowhere(camille, server, journal, caplog, behaviours):
    # TMP-01: neither in a table nor in a log line, whatever happened to the mail
    caplog.set_level(logging.DEBUG)
    values = []
    original = temporary.secrets.token_hex

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(temporary.secrets, "token_hex", lambda size: values.append(original(size)) or values[-1])
        tasks.send_temporary_password.enqueue("3816238")
        for behaviour in behaviours:
            server.behaviour = behaviour
            work()

    ours = [record for record in caplog.records if record.name != "mail.log"]  # which is the mail server's
    log = "\n".join([journal.text, *(f"{record.getMessage()} {vars(record)}" for record in ours)])
    stored = everything_stored()
    queue = "\n".join(repr(row) for row in DBTaskResult.objects.values_list())
    assert len(set(values)) == len(behaviours)
    assert [value for value in values if value in stored or value in log] == []
    assert [camille.email in queue, camille.email in log] == [False, False]
    assert camille.email in stored  # the search does find what is there


def test_database_that_fails_under_a_task_does_not_lose_it(camille, server):
    # REL-03
    failures = []

    def fail_once(execute, sql, params, many, context):
        if "accounts_temporarypassword" in sql and not failures:
            failures.append(sql)
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    tasks.send_temporary_password.enqueue("3816238")
    with connection.execute_wrapper(fail_once):
        work()
    assert (len(failures), len(server.mails)) == (1, 0)
    assert waiting() == [("send_temporary_password", {"args": ["3816238"], "kwargs": {}}, 60)]

    work()
    assert len(server.mails) == 1


def test_identifiants_are_sent_to_the_address_that_is_known(camille, server):
    UserFactory(identifiant="4716230", first_name="Dominique", email=camille.email)
    UserFactory(identifiant="1000001", email=camille.email, is_active=False)
    UserFactory(identifiant="1000002", email="autre@courriel.example")

    tasks.send_identifiants.enqueue("Camille@Courriel.example")
    work()

    [received] = server.mails
    assert received["to"] == "camille@courriel.example"
    assert re.findall(r"Login : (\d+)", text_part(received)) == ["3816238", "4716230"]
    assert passwords() == []


@pytest.mark.parametrize("email", ["inconnue@courriel.example", ""])
def test_identifiants_of_an_unknown_address_are_sent_to_nobody(server, email):
    UserFactory(email="")

    tasks.send_identifiants.enqueue(email)
    work()

    assert (server.mails, UndeliveredMail.objects.count(), waiting()) == ([], 0, [])


def test_password_change_is_told(camille, server, journal):  # LOG-01
    tasks.send_password_changed.enqueue(camille.pk, "2026-12-03T19:41:00+00:00")
    work()

    [received] = server.mails
    assert "jeudi 3\u00a0décembre à\n20\u00a0h\u00a041." in text_part(received)
    [line] = journal.events
    assert line == {
        "time": line["time"],
        "event": "mail_sent",
        "result": "ok",
        "user": camille.pk,
        "mail": "password_changed",
        "attempt": 0,
    }


@pytest.mark.parametrize(
    ("what", "said"),
    [("spraying", "plus de 200 connexions"), ("full_day", "un même identifiant avait reçu 50 essais de connexion")],
)
def test_login_alarm_is_told_to_a_member_of_it(camille, server, what, said):  # LIM-09
    tasks.send_login_alarm.enqueue(camille.pk, what, "2026-12-03T19:41:00+00:00")
    work()

    [received] = server.mails
    assert said in plain(text_part(received).replace("\n", " "))


def test_password_change_without_an_address_is_told_to_nobody(server):
    user = UserFactory(email="")

    tasks.send_password_changed.enqueue(user.pk, "2026-12-03T19:41:00+00:00")
    work()

    assert (server.mails, UndeliveredMail.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("task", "arguments"),
    [
        (tasks.send_identifiants, ["camille@courriel.example"]),
        (tasks.send_password_changed, [None, "2026-12-03T19:41:00+00:00"]),
        (tasks.send_login_alarm, [None, "spraying", "2026-12-03T19:41:00+00:00"]),
    ],
)
def test_every_mail_is_tried_again_and_given_up_alike(camille, server, task, arguments):
    arguments = [camille.pk if argument is None else argument for argument in arguments]
    server.behaviour = "refuse"

    task.enqueue(*arguments)
    for _ in range(6):
        work()

    assert (server.seen, waiting()) == (6, [])
    assert UndeliveredMail.objects.get().reason == "refused"


def test_queue_holds_what_json_can_say(camille):
    tasks.send_temporary_password.enqueue("3816238")

    row = DBTaskResult.objects.get()
    assert json.dumps(row.args_kwargs) == '{"args": ["3816238"], "kwargs": {}}'
    assert mail.outbox == []  # nothing is sent inside the request (TMP-10)
