"""The worker goes and looks at the mail server, in a thread of its own: a passage never waits for it."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from threading import Thread

from accounts import mail_contact, outbox
from accounts.serveur_courriel import MailServerError, check_server

logger = logging.getLogger(__name__)

QUIET_FOR = timedelta(minutes=2)  # without a word of the server, after which a worker goes to look
CLAIMED_FOR = timedelta(seconds=25)  # less than two passages of a worker: while it fails, each of them looks
TIMEOUT = 10  # seconds, for each exchange
ENDS_WITHIN = 30  # seconds for all of them, names to be resolved included


class MailProbe:
    """One look at a time. Its thread reads and writes no database: what it found is noted by who asks for it."""

    def __init__(self) -> None:
        self._thread: Thread | None = None
        self._began = 0.0
        self._failure: MailServerError | None = None
        self._said = ""
        self._failing_since: datetime | None = None

    def begin(self, *, now: datetime) -> bool:
        """Start a look at the mail server, in a thread, when nothing was heard of it for two minutes or when it fails,
        unless a look goes on here or in another worker. Whether one was started. When a failure of five minutes or more
        is over, the mails that it put off are tried at once."""
        rows = mail_contact.load_rows()
        self._hurry_if_back(rows, now=now)
        if self._thread or not is_due(rows, now=now) or not mail_contact.claim_probe(CLAIMED_FOR, now=now):
            return False
        self._failure = None
        self._began = time.monotonic()
        self._thread = Thread(target=self._look, name="mail probe", daemon=True)
        self._thread.start()
        return True

    def gather(self, *, now: datetime) -> None:
        """Note in the database what the look at the mail server has found, if it has ended; a look that lasts more than
        30 seconds is noted as a failure. Nothing when none goes on."""
        if self._thread is None:
            return
        if not self._thread.is_alive():
            self._thread = None
            self._note(self._failure, now=now)
        elif time.monotonic() - self._began > ENDS_WITHIN:
            self._began = time.monotonic()
            self._note(MailServerError("Le serveur de mail ne répond pas.", "timeout"), now=now)

    def _hurry_if_back(self, rows: dict[str, datetime | None], *, now: datetime) -> None:
        """After a failure that lasted, the mails that it put off are tried at once, whoever saw the server again."""
        since = mail_contact.read(rows, now=now).failing_since
        if since is None and self._failing_since and now - self._failing_since >= mail_contact.DOWN_AFTER:
            outbox.bring_forward_retries(now=now)
        self._failing_since = since

    def _look(self) -> None:
        try:
            check_server(TIMEOUT)
        except MailServerError as failure:
            self._failure = failure
        except Exception as error:  # whatever it is, no mail leaves
            name = type(error).__name__
            self._failure = MailServerError(f"Le serveur de mail ne peut pas être joint\u00a0: {name}.", "other")

    def _note(self, failure: MailServerError | None, *, now: datetime) -> None:
        if failure is None:
            mail_contact.note_let_in(now=now)
        else:
            mail_contact.note_away(now=now)
        self._say(failure.sentence if failure else "")

    def _say(self, sentence: str) -> None:
        """Once for each thing that changes: the log is not filled by a server that is away for a night."""
        if sentence and sentence != self._said:
            logger.warning("%s Les e-mails attendent.", sentence)
        elif self._said and not sentence:
            logger.warning("Le serveur de mail répond de nouveau.")
        self._said = sentence


def is_due(rows: dict[str, datetime | None], *, now: datetime) -> bool:
    """Whether it is time to look at the mail server: it does not let us in, or nothing was heard of it for two minutes.
    `rows`: what `mail_contact.load_rows` gives."""
    last_ok = rows.get(mail_contact.CONTACT)
    failing = rows.get(mail_contact.AWAY) is not None
    return failing or last_ok is None or abs(now - last_ok) >= QUIET_FOR
