"""The mailbox of RETOURS_COURRIEL, read every five minutes by the worker."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts import journal
from accounts.models import Passage, ReadMailbox
from accounts.rebonds import dsn, imap, marks
from portail.retours import Retours

logger = logging.getLogger("django.tasks")

READ, FAILING = "retours", "retours_en_panne"  # the last turn that ended well, the first that did not since


def read_returns(*, now: datetime) -> int:
    """Read the messages of the mailbox of returned mail (RETOURS_COURRIEL) that came since the last time, and mark the
    addresses that they prove to refuse our mails; how many messages were read, 0 when no mailbox is set or it cannot be
    read.

    A mailbox that cannot be read is logged once, and tried again the next time.
    """
    box = settings.RETOURS_COURRIEL
    if box is None:
        return 0
    key = key_of(box)

    def understand(content: bytes) -> bool:
        report = dsn.parse(content)
        return report is not None and marks.understand(report, now=now)

    def keep(position: imap.Position) -> None:
        values = {"uidvalidity": position.uidvalidity, "last_uid": position.last_uid}
        ReadMailbox.objects.update_or_create(key=key, defaults=values)

    known = ReadMailbox.objects.filter(key=key).first()
    position = imap.Position(known.uidvalidity, known.last_uid) if known else imap.Position()
    since = (now - marks.KEPT - timedelta(days=1)).date()
    try:
        read = imap.read(box, position, since=since, size=dsn.SIZE, understand=understand, keep=keep)
    except imap.MailboxError as error:
        _, is_new = Passage.objects.get_or_create(job=FAILING, defaults={"done_at": now})
        if is_new:
            journal.event("mailbox_failed", result=error.cause)
            logger.warning("RETOURS_COURRIEL\u00a0: %s", error)
        return 0
    Passage.objects.filter(job=FAILING).delete()
    Passage.objects.update_or_create(job=READ, defaults={"done_at": now})
    return read


def key_of(box: Retours) -> str:
    """The digest that tells this mailbox (server, user, folder) from any other: the position read is kept by it."""
    where = "\n".join([box.host, str(box.port), box.user, box.folder])
    return salted_hmac("accounts.rebonds.mailbox", where, algorithm="sha256").hexdigest()
