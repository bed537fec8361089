"""The worker's look at the mail server: when it goes, what it notes, and that nothing waits for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from django.db import connections
from django_tasks_db.models import DBTaskResult

from accounts import mail_contact, mail_probe, outbox, tasks
from accounts.mail_contact import AWAY, CONTACT, PROBED
from accounts.mail_probe import MailProbe
from accounts.models import Passage
from accounts.serveur_courriel import MailServerError
from accounts.worker import Worker
from tests.accounts.scripted import SILENT, scripted
from tests.smtp import MailServer

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)


def seconds(n: float) -> datetime:
    return NOW + timedelta(seconds=n)


def noted() -> dict[str, datetime | None]:
    return {job: when for job, when in mail_contact.load_rows().items() if when and job != PROBED}


def wait(probe: MailProbe) -> None:
    if probe._thread:
        probe._thread.join(10)


def look(probe: MailProbe, at: datetime) -> bool:
    """Whether it went to look; what it found is noted then."""
    begun = probe.begin(now=at)
    wait(probe)
    probe.gather(now=at)
    return begun


def test_look_at_a_server_that_is_there_is_a_contact(settings):
    with MailServer() as server:
        settings.MAILERS = server.mailers()

        assert look(MailProbe(), NOW) is True
    assert (noted(), server.seen) == ({CONTACT: NOW}, 0)


def test_worker_looks_when_nothing_was_heard_for_two_minutes(settings):
    with MailServer() as server:
        settings.MAILERS = server.mailers()
        mail_contact.note_taken(now=NOW)
        looks = [at for at in range(0, 300, 30) if look(MailProbe(), seconds(at))]

    assert looks == [120, 240]


def test_worker_looks_at_each_passage_while_the_server_is_away(settings):
    # REL-08
    with MailServer() as server:
        settings.MAILERS = server.mailers(timeout=0.3)
    mail_contact.note_let_in(now=NOW)
    probe = MailProbe()

    looks = [at for at in range(0, 300, 30) if look(probe, seconds(at))]

    assert looks == list(range(120, 300, 30))
    assert noted() == {CONTACT: NOW, AWAY: seconds(120)}
    assert not mail_contact.read(mail_contact.load_rows(), now=seconds(299)).failing
    assert mail_contact.read(mail_contact.load_rows(), now=seconds(300)).failing


def test_server_that_comes_back_ends_the_failure(settings):
    mail_contact.note_away(now=seconds(-600))
    with MailServer() as server:
        settings.MAILERS = server.mailers()
        look(MailProbe(), NOW)

    assert noted() == {CONTACT: NOW}


def put_off(until: datetime) -> list[DBTaskResult]:
    """Three mails that wait for `until`: one that has failed, one that never began, one of a restored archive."""
    later = tasks.send_identifiants.using(run_after=until)
    rows = [later.enqueue("camille@exemple.fr", attempt=3), later.enqueue("camille@exemple.fr")]
    rows.append(later.using(queue_name=outbox.RESTORED).enqueue("camille@exemple.fr", attempt=3))
    return [DBTaskResult.objects.get(pk=row.id) for row in rows]


def hours_of(rows: list[DBTaskResult]) -> list[datetime]:
    for row in rows:
        row.refresh_from_db()
    return [row.run_after for row in rows]


@pytest.mark.parametrize("end", [mail_contact.note_let_in, mail_contact.note_taken])
def test_mails_that_an_outage_put_off_are_tried_as_soon_as_the_server_is_back(monkeypatch, end):
    monkeypatch.setattr(mail_probe, "check_server", lambda timeout: None)
    until = seconds(4 * 3600)
    rows = put_off(until)
    mail_contact.note_away(now=seconds(-300))
    probe = MailProbe()
    probe.begin(now=NOW)  # away: seen by this worker; the server is heard of again, here or by a mail of another one
    end(now=seconds(10))
    wait(probe)
    probe.gather(now=seconds(10))

    probe.begin(now=seconds(30))

    assert hours_of(rows) == [seconds(30), until, until]


def test_short_failure_hurries_nothing(monkeypatch):
    monkeypatch.setattr(mail_probe, "check_server", lambda timeout: None)
    until = seconds(4 * 3600)
    rows = put_off(until)
    mail_contact.note_away(now=seconds(-120))
    probe = MailProbe()
    look(probe, NOW)

    look(probe, seconds(30))

    assert hours_of(rows) == [until] * 3


def test_nobody_waits_for_a_server_that_says_nothing(settings, monkeypatch):
    asked, answered = Event(), Event()

    def check(timeout: float) -> None:
        asked.set()
        answered.wait(10)
        raise MailServerError("Il ne répond pas.", "timeout")

    monkeypatch.setattr(mail_probe, "check_server", check)
    probe = MailProbe()

    assert probe.begin(now=NOW) is True
    assert asked.wait(10)
    probe.gather(now=seconds(1))
    assert noted() == {}
    assert probe.begin(now=seconds(30)) is False  # one at a time
    monkeypatch.setattr(mail_probe, "ENDS_WITHIN", -1)
    probe.gather(now=seconds(31))
    assert noted() == {AWAY: seconds(31)}  # it lasts, which says enough
    answered.set()
    wait(probe)
    probe.gather(now=seconds(40))
    assert noted() == {AWAY: seconds(31)}
    assert probe._thread is None


def test_thread_of_a_look_opens_no_database(settings, monkeypatch):
    opened = []
    monkeypatch.setattr(mail_probe, "check_server", lambda timeout: opened.extend(connections.all(True)))

    look(MailProbe(), NOW)

    assert opened == []


def test_look_that_breaks_is_a_failure_and_says_no_more_than_its_kind(monkeypatch, caplog):
    def check(timeout: float) -> None:
        raise RuntimeError("camille@courriel.example")

    monkeypatch.setattr(mail_probe, "check_server", check)
    look(MailProbe(), NOW)

    assert noted() == {AWAY: NOW}
    assert "RuntimeError" in caplog.text
    assert "camille" not in caplog.text


def test_log_says_once_that_the_server_is_away_and_once_that_it_is_back(settings, caplog):
    probe = MailProbe()
    with MailServer() as server:
        settings.MAILERS = server.mailers()
    for at in (0, 30, 60):
        look(probe, seconds(at))
    with MailServer() as server:
        settings.MAILERS = server.mailers()
        for at in (90, 120):
            look(probe, seconds(at))

    [away, back] = [record.getMessage() for record in caplog.records]
    assert away.endswith("refuse la connexion\u00a0: rien n’y écoute. Les e-mails attendent.")
    assert back == "Le serveur de mail répond de nouveau."


@pytest.mark.ci
@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_worker_looks_at_its_passages_and_goes_on_with_its_tasks(settings, monkeypatch):
    settings.DAILY_TASKS = {}
    with scripted([SILENT]) as (port, heard):
        settings.MAILERS = {
            "default": {
                "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "OPTIONS": {"host": "127.0.0.1", "port": port},
            }
        }
        monkeypatch.setattr(mail_probe, "TIMEOUT", 0.5)
        worker = Worker()
        assert worker._turn() is False  # at once
        assert noted() == {}
        wait(worker.mail_probe)
        worker._turn()

    assert list(noted()) == [AWAY]


@pytest.mark.django_db(transaction=True)
def test_worker_that_leaves_when_nothing_is_to_be_done_does_not_look(settings):
    settings.DAILY_TASKS = {}

    Worker(batch=True).run()

    assert not Passage.objects.filter(job__startswith="courriel").exists()
