"""What was last heard of the mail server: when it let us in, since when it does not, since when it takes no mail.

Four rows of `Passage`, made together; in each an hour, or nothing. A contact writes one of them, in one statement.
"""

from __future__ import annotations

import smtplib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Case, DateTimeField, Q, Value, When

from accounts.models import Passage
from portail.pannes import impatient

CONTACT = "courriel"  # the last time that the server took a mail, or let us in
AWAY = "courriel_en_panne"  # since when it does not let us in
NOT_TAKEN = "courriel_non_pris"  # since when it lets us in and takes no mail
PROBED = "courriel_sonde"  # when a worker last went to look
ROWS = (CONTACT, AWAY, NOT_TAKEN, PROBED)

DOWN_AFTER = timedelta(minutes=5)  # nothing was accepted for so long…
SURE_AFTER = timedelta(minutes=2)  # …and more than one try has failed
UNWRITTEN = (DatabaseError, InterfaceError)  # a note is worth no mail: where it cannot be written, the next one will be
GIVEN_UP_AFTER = timedelta(hours=6)  # the mail that was not taken is not tried again: no more is known of the others


@dataclass(frozen=True)
class MailContact:
    """What the rows say at an instant. `failing_since`: of a failure that lasts, however short."""

    last_ok: datetime | None
    failing_since: datetime | None
    failing: bool


def read(passes: Mapping[str, datetime | None], *, now: datetime) -> MailContact:
    """What is known of the mail server at `now`, from the hours of `load_rows` by the names of their rows. A mail that
    was not taken six hours ago or more no longer counts as a failure."""
    last_ok, away, not_taken = passes.get(CONTACT), passes.get(AWAY), passes.get(NOT_TAKEN)
    if not_taken and now - not_taken >= GIVEN_UP_AFTER:
        not_taken = None
    down = bool(away and now - away >= SURE_AFTER and (last_ok is None or now - last_ok >= DOWN_AFTER))
    useless = bool(not_taken and now - not_taken >= DOWN_AFTER)
    return MailContact(last_ok, min(filter(None, (away, not_taken)), default=None), down or useless)


def load_rows() -> dict[str, datetime | None]:
    """The four hours noted about the mail server, by the names of their rows (`ROWS`); None where nothing is noted, and
    no key at all for a row that was never made."""
    return dict(Passage.objects.filter(job__in=ROWS).values_list("job", "done_at"))


# --- Noting ---------------------------------------------------------------------------------------------------------


def note_taken(*, now: datetime) -> None:
    """Note that the mail server took a mail at `now`: no failure goes on."""
    _note_contact(now, ends=[AWAY, NOT_TAKEN])


def note_let_in(*, now: datetime) -> None:
    """Note that the mail server let us in at `now`, or refused one recipient: it is there, and whether it takes mails
    is not known."""
    _note_contact(now, ends=[AWAY])


def note_away(*, now: datetime) -> None:
    """Note that the mail server did not let us in at `now`; the instant is kept only when it begins a failure."""
    _note_failure(AWAY, now, Q(done_at=None))


def note_not_taken(*, now: datetime) -> None:
    """Note that at `now` the mail server let us in and then took no mail, for a reason that is not this mail's; the
    instant is kept only when it begins a failure, or when the one before is six hours old."""
    _note_failure(NOT_TAKEN, now, Q(done_at=None) | Q(done_at__lte=now - GIVEN_UP_AFTER))


def note_failure_of(error: OSError, *, let_in: bool, now: datetime) -> bool:
    """Note what this failure of a mail says of the mail server (`let_in`: whether it had let us in); whether it is the
    server's fault, and not this mail's."""
    if not is_server_fault(error):
        note_let_in(now=now)
        return False
    (note_not_taken if let_in else note_away)(now=now)
    return True


def is_server_fault(error: OSError) -> bool:
    """Whether this error of a mail would have met any other mail too: not let in, connection cut, no answer, no room,
    sender refused. False when it is about this mail alone: its recipient was refused, or its text for good."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(code == 421 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code < 500
    return True


def _note_contact(now: datetime, *, ends: Sequence[str]) -> None:
    begun = Q(job__in=ends, done_at__isnull=False)
    then = Case(When(job=CONTACT, then=Value(now)), default=Value(None), output_field=DateTimeField())
    with suppress(*UNWRITTEN), impatient(), transaction.atomic():
        if not Passage.objects.filter(Q(job=CONTACT) | begun).update(done_at=then):
            _make_rows()
            Passage.objects.filter(job=CONTACT).update(done_at=now)


def _note_failure(job: str, now: datetime, unless_noted: Q) -> None:
    with suppress(*UNWRITTEN), impatient(), transaction.atomic():
        _set(job, now, unless_noted)


def claim_probe(every: timedelta, *, now: datetime) -> bool:
    """Whether this worker is the one to go and look at the mail server; no other worker then gets True for the time
    `every`."""
    mine = Q(done_at=None) | Q(done_at__lte=now - every) | Q(done_at__gt=now + every)
    with transaction.atomic():
        return _set(PROBED, now, mine)


def _set(job: str, now: datetime, condition: Q) -> bool:
    """Write the hour in this row where the condition holds; whether it was written by us."""
    row = Passage.objects.filter(condition, job=job)
    if row.update(done_at=now):
        return True
    if Passage.objects.filter(job=job).exists():
        return False
    _make_rows()
    return bool(row.update(done_at=now))


def _make_rows() -> None:
    Passage.objects.bulk_create([Passage(job=job) for job in ROWS], ignore_conflicts=True)


def forget() -> None:
    """Erase all that was noted of the mail server, in a database that comes back from an archive and whose hours are
    those of another time."""
    Passage.objects.filter(job__in=ROWS).update(done_at=None)
