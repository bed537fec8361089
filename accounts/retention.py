"""What accounts may keep, and for how long (RGP-06)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Q
from django_tasks_db.models import DBTaskResult

from accounts import journal
from accounts.models import (
    Counter,
    EmailChange,
    HeldMail,
    Mailing,
    MailingLine,
    RememberedDevice,
    TemporaryPassword,
    UndeliveredMail,
)


def purge(*, now: datetime) -> dict[str, int]:
    """Delete what has passed its time; the number of rows of each kind. Safe to run twice, or to be cut."""
    passwords_until = now - timedelta(days=settings.CONSERVATION_MOTS_DE_PASSE_TEMPORAIRES)
    requests_until = now - timedelta(days=settings.CONSERVATION_DEMANDES)
    devices_until = now - timedelta(seconds=settings.KNOWN_DEVICE_REMEMBER)
    mailings = Mailing.objects.filter(asked_at__lt=requests_until)
    if HeldMail.objects.exists():  # a held mail goes with its line: without it, nothing would leave
        mailings = mailings.exclude(lines__state=MailingLine.State.WAITING)
    expired = {
        "temporary_passwords": TemporaryPassword.objects.filter(
            Q(closed_at__lt=passwords_until) | Q(closed_at=None, expires_at__lt=passwords_until)
        ),
        "email_changes": EmailChange.objects.filter(
            Q(closed_at__lt=requests_until) | Q(closed_at=None, expires_at__lt=requests_until)
        ),
        "undelivered_mails": UndeliveredMail.objects.filter(settled_at__lt=requests_until),
        "mailings": mailings,
        "tasks": DBTaskResult.objects.finished().filter(finished_at__lt=requests_until),
        "counters": Counter.objects.filter(expire__lt=now.timestamp()),
        "devices": RememberedDevice.objects.filter(since__lt=devices_until),
        "sessions": Session.objects.filter(expire_date__lt=now),
    }
    deleted = {name: rows.delete()[0] for name, rows in expired.items()}
    journal.event("purge", **deleted)  # type: ignore[arg-type]
    return deleted
