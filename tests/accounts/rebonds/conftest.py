"""A mailbox for what comes back, and mails that left."""

from datetime import UTC, datetime

import pytest

from accounts.models import MailSent
from accounts.rebonds import dsn, marks
from portail.retours import Retours
from tests.factories import UserFactory

NOW = datetime(2026, 12, 8, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def box(settings):
    settings.RETOURS_COURRIEL = Retours("127.0.0.1", 9, False, "retours@commune.fr", "x", "INBOX", "retours@commune.fr")
    return settings.RETOURS_COURRIEL


@pytest.fixture
def camille(db):
    return UserFactory(first_name="Camille", last_name="Morel", email="camille@example.fr")


def sent(user, message_id="<a1@portail>", mail="Garderie fermée", when=NOW):
    marks.note_sent(message_id, user, mail, now=when)
    return MailSent.objects.get(message_id=message_id)


def back(raw, now=NOW):
    """Hand this over as if it had been read; whether it was understood."""
    report = dsn.parse(raw)
    return report is not None and marks.understand(report, now=now)


def mark_of(user):
    user.refresh_from_db()
    return user.email_refused
