"""What no longer holds in a database that comes back from an archive: whoever came in since must come in again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.sessions.models import Session

from accounts import held_mails, mail_contact
from accounts.models import EmailChange, RememberedDevice, TemporaryPassword


@dataclass(frozen=True)
class Voids:
    """How many of each were made void; and the mails that are held, which may have left since."""

    sessions: int
    devices: int
    passwords: int
    addresses: int
    mails: int


def make_void(*, now: datetime) -> Voids:
    """In the database of the default connection, end what was only good in its day: sessions, known devices, temporary
    passwords, addresses to confirm. The mails that waited are held, and what was noted of the mail server is forgotten.
    Returns how many of each. Passwords and second factors stay those of the archive.

    `session_version` stays as well: it ends sessions, and no row of a session is left.
    """
    live = {"closed_at": now, "reason": TemporaryPassword.Reason.CLOSED}
    waiting = {"closed_at": now, "reason": EmailChange.Reason.CLOSED}
    mail_contact.forget()
    return Voids(
        sessions=Session.objects.all().delete()[0],
        devices=RememberedDevice.objects.all().delete()[0],
        passwords=TemporaryPassword.objects.filter(closed_at=None).update(**live),
        addresses=EmailChange.objects.filter(closed_at=None).update(**waiting),
        mails=held_mails.hold_restored(now=now),
    )
