"""The mailbox, read in a real Dovecot over TLS."""

import socket
import threading
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import MailSent, Passage, ReadMailbox
from accounts.rebonds import dsn, imap, reading
from accounts.worker import Worker, enqueue_frequent
from portail.retours import Retours
from tests.accounts.rebonds import avis
from tests.accounts.rebonds.conftest import mark_of, sent
from tests.dovecot import Dovecot
from tests.factories import UserFactory

pytestmark = pytest.mark.ci

TASK = "accounts.tasks.read_returns"


@pytest.fixture(scope="module")
def dovecot():
    with Dovecot() as server:
        yield server


@pytest.fixture
def mailbox(dovecot, settings, monkeypatch):
    """Empty, trusted, and where mail comes back."""
    with dovecot.client() as client:
        client.uid("STORE", "1:*", "+FLAGS.SILENT", r"(\Deleted)")
        client.expunge()
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate))
    settings.RETOURS_COURRIEL = dovecot.box()
    return dovecot


def read():
    return reading.read_returns(now=timezone.now())


@pytest.mark.dovecot
@pytest.mark.django_db
@pytest.mark.parametrize("starttls", [False, True])
def test_ten_reports_three_forged_among_other_mail(mailbox, settings, starttls):
    settings.RETOURS_COURRIEL = mailbox.box(starttls=starttls)
    users = [UserFactory(email=f"parent{n}@example.fr") for n in range(10)]
    for n, user in enumerate(users):
        sent(user, f"<m{n}@portail>", when=timezone.now() - timedelta(days=31 if n == 9 else 1))
    shapes = [avis.postfix, avis.exim, avis.exim_of_before, avis.gmail, avis.orange, avis.postfix, avis.gmail]
    true = [shape(f"<m{n}@portail>", users[n].email) for n, shape in enumerate(shapes)]
    forged = [
        avis.postfix("<m70@portail>", users[7].email),
        avis.postfix("<m0@portail>", users[8].email),
        avis.postfix("<m9@portail>", users[9].email),
    ]
    broken = b'Subject: Illisible\r\nContent-Type: multipart/report; boundary="\r\n\r\n--\xff\x00'[:-1] + b"\xfe"
    large = b"Subject: Grand\r\n\r\n" + b"x" * 70 * 15_000
    mailbox.put(avis.away(), broken, *true[:4], large, *forged, *true[4:])

    assert read() == 13
    assert [bool(mark_of(user)) for user in users] == [True] * 7 + [False] * 3
    returned = "Undelivered Mail Returned to Sender"
    assert mailbox.left() == [(subject, "") for subject in ["Absente", "Illisible", "Grand", *[returned] * 3]]
    assert set(Passage.objects.values_list("job", flat=True)) == {reading.READ}
    assert read() == 0  # what is left is not read again
    mailbox.put(avis.away())
    assert read() == 1


@pytest.mark.dovecot
@pytest.mark.django_db
def test_turn_that_is_cut_goes_on_from_there(mailbox, monkeypatch):
    camille = UserFactory(email="camille@example.fr")
    sent(camille, when=timezone.now())
    mailbox.put(avis.away(), avis.postfix("<a1@portail>"), avis.away())
    monkeypatch.setattr(imap, "MESSAGES", 1)
    assert [read() for _ in range(4)] == [1, 1, 1, 0]
    assert mark_of(camille)

    # Killed once it was counted and before it was taken out: it is handed over once more, and counts once.
    MailSent.objects.all().delete()
    sent(camille, "<a2@portail>", when=timezone.now())
    mailbox.put(avis.postfix("<a2@portail>"))
    with monkeypatch.context() as patch:
        patch.setattr(imap, "_take_out", lambda client, uid, one_alone: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            read()
    assert read() == 1
    assert [subject for subject, _ in mailbox.left()] == ["Absente", "Absente"]


@pytest.mark.dovecot
@pytest.mark.django_db
def test_mailbox_that_was_made_anew_is_read_from_its_beginning(mailbox):
    mailbox.put(avis.away())
    assert read() == 1
    ReadMailbox.objects.update(uidvalidity=1)
    assert read() == 1


@pytest.mark.dovecot
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "cause"),
    [({"password": "un autre"}, "refused"), ({"folder": "Absent"}, "folder"), ({"starttls": True}, "certificate")],
)
def test_mailbox_that_refuses_is_said_once(mailbox, settings, monkeypatch, journal, caplog, change, cause):
    settings.RETOURS_COURRIEL = mailbox.box(**change)
    if cause == "certificate":
        monkeypatch.delenv("SSL_CERT_FILE")
    assert [read(), read()] == [0, 0]
    assert [(event["event"], event["result"]) for event in journal.events] == [("mailbox_failed", cause)]
    assert len([record for record in caplog.records if record.name == "django.tasks"]) == 1
    assert "un autre" not in caplog.text + journal.text
    assert set(Passage.objects.values_list("job", flat=True)) == {reading.FAILING}


@pytest.mark.dovecot
def test_mailbox_is_entered_without_a_word_read(mailbox):
    imap.check(mailbox.box())
    with pytest.raises(imap.MailboxError, match="mot de passe"):
        imap.check(mailbox.box(password="un autre"))


# --- Servers that misbehave -------------------------------------------------------------------------------------------


def speak(server, said, then):
    """Accept one connection, say this, then do that until its end."""
    connection, _ = server.accept()
    with connection:
        connection.sendall(said)
        then(connection)


def drip(connection):
    """A letter now and then, for ever."""
    try:
        while not gone.wait(0.05):
            connection.sendall(b"x")
    except OSError:
        pass


gone = threading.Event()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "then"),
    [
        (b"", lambda connection: gone.wait(5)),  # hangs
        (b"* OK", drip),
        (b"220 smtp.commune.fr ESMTP\r\n", lambda connection: connection.recv(100)),
        (b"* BYE\r\n", lambda connection: None),
    ],
)
def test_server_that_hangs_or_speaks_otherwise_does_not_hold_the_worker(said, then):  # REL-09
    gone.clear()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=speak, args=(server, said, then), daemon=True)
        thread.start()
        box = Retours("127.0.0.1", server.getsockname()[1], True, "retours@commune.fr", "x", "INBOX", "r@commune.fr")
        with pytest.raises(imap.MailboxError, match="ne répond pas"):
            imap.read(
                box, imap.Position(), since=timezone.now().date(), size=dsn.SIZE,
                understand=bool, keep=print, timeout=0.3, turn=0.6,
            )  # fmt: skip
        gone.set()
        thread.join(5)
    assert not thread.is_alive()


# --- The worker -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_worker_reads_the_mailbox_every_five_minutes(settings):
    settings.DAILY_TASKS, settings.FREQUENT_TASKS = {}, {TASK: timedelta(minutes=5)}
    now = timezone.now()
    tasks = DBTaskResult.objects.filter(task_path=TASK)
    for seconds in (0, 30, 299):
        enqueue_frequent(now=now + timedelta(seconds=seconds))
    assert tasks.count() == 1
    enqueue_frequent(now=now + timedelta(seconds=300))  # the first one waits still
    assert tasks.count() == 1

    Worker(batch=True).run()
    assert [row.status for row in tasks] == ["SUCCESSFUL"]
    assert Passage.objects.filter(job=reading.FAILING).exists()  # nobody listens at the port of these tests
    tasks.update(finished_at=now - timedelta(hours=2))
    enqueue_frequent(now=now - timedelta(days=1))  # the clock had been ahead
    Worker(batch=True).run()
    assert tasks.count() == 1  # the old one has gone
