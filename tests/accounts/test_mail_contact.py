"""What is noted of the mail server as mails leave, and what it comes to."""

from __future__ import annotations

import smtplib
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from accounts import mail_contact
from accounts.emails import NotDelivered, send
from accounts.mail_contact import AWAY, CONTACT, NOT_TAKEN, PROBED, ROWS, MailContact
from accounts.models import Passage, UndeliveredMail
from portail.courriels import mailer_from_url
from tests.factories import UserFactory
from tests.faults import another, run
from tests.smtp import MailServer

NOW = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
REFUSED, UNREACHABLE = UndeliveredMail.Reason.REFUSED, UndeliveredMail.Reason.UNREACHABLE


def minutes(n: float) -> datetime:
    return NOW + timedelta(minutes=n)


def noted() -> dict[str, datetime | None]:
    return {job: when for job, when in mail_contact.load_rows().items() if when}


def send_one(settings, server: MailServer, clock, at: datetime) -> UndeliveredMail.Reason | None:
    settings.MAILERS = server.mailers(timeout=0.3)
    clock.move_to(at, tick=False)
    try:
        send("password_changed", "camille@courriel.example", {"changed_at": "hier"})
    except NotDelivered as failure:
        return failure.reason
    return None


@pytest.mark.django_db
def test_mail_that_leaves_is_a_contact_and_ends_every_failure(settings, time_machine):
    mail_contact.note_away(now=minutes(-9))
    mail_contact.note_not_taken(now=minutes(-8))
    with MailServer() as server:
        assert send_one(settings, server, time_machine, NOW) is None
        assert noted() == {CONTACT: NOW}
        send_one(settings, server, time_machine, minutes(1))

    assert noted() == {CONTACT: minutes(1)}
    assert Passage.objects.filter(job__in=ROWS).count() == 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("behaviour", "reason", "then"),
    [
        ("refuse", REFUSED, {CONTACT: NOW}),  # one address is wrong: the server is there
        ("reject", REFUSED, {CONTACT: NOW}),  # this text is refused for good
        ("hang", UNREACHABLE, {CONTACT: minutes(-9), NOT_TAKEN: NOW}),
        ("drop", UNREACHABLE, {CONTACT: minutes(-9), NOT_TAKEN: NOW}),
    ],
)
def test_mail_that_does_not_leave_says_whether_it_is_the_server(settings, time_machine, behaviour, reason, then):
    # REL-08
    mail_contact.note_let_in(now=minutes(-9))
    with MailServer(behaviour) as server:
        assert send_one(settings, server, time_machine, NOW) == reason

    assert noted() == then


@pytest.mark.django_db
def test_server_that_is_gone_is_noted_from_its_first_failure(settings, time_machine):
    with MailServer() as server:
        pass
    assert send_one(settings, server, time_machine, NOW) == UNREACHABLE
    assert send_one(settings, server, time_machine, minutes(3)) == UNREACHABLE

    assert noted() == {AWAY: NOW}


@pytest.mark.django_db
def test_folder_that_is_full_takes_no_mail(settings, tmp_path, time_machine):
    (tmp_path / "courriels").write_text("")
    settings.MAILERS = {"default": mailer_from_url(f"filemail://{tmp_path}/courriels")}
    time_machine.move_to(NOW, tick=False)

    with pytest.raises(NotDelivered):
        send("password_changed", "camille@courriel.example", {"changed_at": "hier"})
    assert noted() == {NOT_TAKEN: NOW}


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"no such user")}), False),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (450, b"greylisted")}), False),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (421, b"closing")}), True),
        (smtplib.SMTPDataError(554, b"spam"), False),
        (smtplib.SMTPDataError(451, b"filter is away"), True),
        (smtplib.SMTPDataError(452, b"disk full"), True),
        (smtplib.SMTPSenderRefused(553, b"not yours", "garderie@commune.example"), True),
        (smtplib.SMTPAuthenticationError(535, b"no"), True),
        (smtplib.SMTPConnectError(554, b"no"), True),
        (smtplib.SMTPServerDisconnected("cut"), True),
        (TimeoutError(), True),
        (ConnectionRefusedError(), True),
    ],
)
def test_fault_of_the_server_would_meet_any_mail(error, fault):
    assert mail_contact.is_server_fault(error) is fault


@pytest.mark.parametrize(
    ("rows", "at", "since", "failing"),
    [
        ({}, 0, None, False),
        ({CONTACT: minutes(0)}, 600, None, False),
        ({CONTACT: minutes(0), AWAY: minutes(2)}, 4.9, 2, False),
        ({CONTACT: minutes(0), AWAY: minutes(2)}, 5, 2, True),  # five minutes without a server
        ({CONTACT: minutes(-600), AWAY: minutes(0)}, 1.9, 0, False),  # the first look after a night without worker
        ({CONTACT: minutes(-600), AWAY: minutes(0)}, 2, 0, True),
        ({AWAY: minutes(0)}, 1.9, 0, False),
        ({AWAY: minutes(0)}, 2, 0, True),
        ({CONTACT: minutes(9), NOT_TAKEN: minutes(5)}, 9.9, 5, False),
        ({CONTACT: minutes(9), NOT_TAKEN: minutes(5)}, 10, 5, True),  # let in each time, and no mail is taken
        ({CONTACT: minutes(300), NOT_TAKEN: minutes(5)}, 364.9, 5, True),
        ({CONTACT: minutes(300), NOT_TAKEN: minutes(5)}, 365, None, False),  # that mail was given up
        ({CONTACT: minutes(0), AWAY: minutes(9), NOT_TAKEN: minutes(5)}, 20, 5, True),
    ],
)
def test_server_is_failing_when_nothing_was_accepted_for_five_minutes(rows, at, since, failing):
    # REL-08
    read = mail_contact.read(rows, now=minutes(at))

    assert read == MailContact(rows.get(CONTACT), None if since is None else minutes(since), failing)


@pytest.mark.django_db
def test_mail_that_is_not_taken_six_hours_later_is_a_new_failure():
    for at in (0, 10, 359):
        mail_contact.note_not_taken(now=minutes(at))
        assert noted() == {NOT_TAKEN: NOW}
    mail_contact.note_not_taken(now=minutes(361))

    assert noted() == {NOT_TAKEN: minutes(361)}


@pytest.mark.django_db
def test_being_let_in_does_not_say_that_mails_are_taken():
    mail_contact.note_not_taken(now=NOW)
    mail_contact.note_let_in(now=minutes(1))

    assert noted() == {NOT_TAKEN: NOW, CONTACT: minutes(1)}


@pytest.mark.django_db
def test_contact_is_noted_in_one_statement():
    mail_contact.note_taken(now=NOW)

    with CaptureQueriesContext(connection) as captured:
        mail_contact.note_taken(now=minutes(1))
    said = [query["sql"] for query in captured if "accounts_passage" in query["sql"]]
    assert [sql.split()[0] for sql in said] == ["UPDATE"]


@pytest.mark.django_db(transaction=True)
def test_mail_leaves_though_its_note_cannot_be_written(settings, time_machine):
    # REL-03
    mail_contact.note_taken(now=minutes(-9))

    def refuse(execute, sql, *args):
        if "accounts_passage" in sql.lower():
            raise OperationalError("disk full")
        return execute(sql, *args)

    with MailServer() as server, connection.execute_wrapper(refuse):
        assert send_one(settings, server, time_machine, NOW) is None
        assert len(server.mails) == 1
    assert noted() == {CONTACT: minutes(-9)}


@pytest.mark.django_db(transaction=True)
def test_note_that_fails_leaves_the_transaction_around_it_whole():
    UserFactory(first_name="Camille")
    mail_contact.note_taken(now=NOW)

    with transaction.atomic():
        user = UserFactory(first_name="Dominique")
        with connection.execute_wrapper(broken_update):
            mail_contact.note_taken(now=minutes(1))
        user.refresh_from_db()

    assert noted() == {CONTACT: NOW}


def broken_update(execute, sql, *args):
    return execute(sql.replace('"accounts_passage"', '"no_such_table"') if sql.startswith("UPDATE") else sql, *args)


@pytest.mark.ci
@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_note_waits_a_second_at_most_for_another_that_writes():
    mail_contact.note_taken(now=NOW)
    with another() as other:
        other.set_autocommit(False)
        run("UPDATE accounts_passage SET done_at = done_at", other)
        mail_contact.note_taken(now=minutes(1))
        other.rollback()

    assert noted() == {CONTACT: NOW}
    mail_contact.note_taken(now=minutes(2))
    assert noted() == {CONTACT: minutes(2)}


@pytest.mark.django_db(transaction=True)
def test_one_worker_of_several_goes_and_looks():
    # REL-05
    together, mine = Barrier(4), []

    def claim() -> None:
        try:
            together.wait(10)
            mine.append(mail_contact.claim_probe(timedelta(seconds=25), now=NOW))
        finally:
            connections.close_all()

    threads = [Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(mine) == [False, False, False, True]
    assert noted() == {PROBED: NOW}


@pytest.mark.django_db
@pytest.mark.parametrize(("later", "claimed"), [(24, False), (25, True), (-24, False), (-3600, True)])
def test_claim_lasts_for_its_time_and_survives_a_clock_that_was_wrong(later, claimed):
    every = timedelta(seconds=25)
    assert mail_contact.claim_probe(every, now=NOW)

    assert mail_contact.claim_probe(every, now=NOW + timedelta(seconds=later)) is claimed


@pytest.mark.django_db
def test_nothing_is_known_any_more_once_forgotten():
    mail_contact.note_away(now=NOW)
    mail_contact.note_let_in(now=NOW)
    mail_contact.note_not_taken(now=NOW)

    mail_contact.forget()

    assert noted() == {}
