"""Which of our mails came back, and what the portal makes of it: the only writer of the mark of an address.

A report counts for a mail that we sent to that very address within thirty days, each once. A permanent refusal marks
the address at once, a lasting one the third time in a week. The mark is the address's: of all its accounts.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from accounts import journal
from accounts.models import MailSent, Refusal, UndeliveredMail, User
from accounts.rebonds.dsn import FAILED, Echec, Report
from accounts.rebonds.reasons import PERMANENT, PERSISTENT, reason_of

KEPT = timedelta(days=30)
WEEK = timedelta(days=7)
TIMES = 3  # that a lasting refusal takes within a week
STOPPED = UndeliveredMail.Reason.STOPPED
TOLD = [*Refusal.values, STOPPED.value]  # the lines that say something of an address


# --- What left --------------------------------------------------------------------------------------------------------


def note_sent(message_id: str, user: User, mail: str, *, now: datetime) -> None:
    """Keep that the mail of this Message-ID left for the address that `user` has, so that its return can be recognised;
    `mail` is its name for the town hall. Nothing when no mailbox for returned mail is set. A worker that dies before
    this call leaves a mail whose return will not be counted."""
    if settings.RETOURS_COURRIEL is not None:
        MailSent.objects.create(
            message_id=message_id, user_id=user.pk, address=digest_of(user.email), mail=mail[:100], sent_at=now
        )


def digest_of(address: str, secret: str | bytes | None = None) -> str:
    """The keyed digest of an e-mail address that is kept in its place: the same whatever its case and the way its
    domain is written (IDN or ASCII)."""
    local, _, domain = address.strip().lower().rpartition("@")
    with suppress(UnicodeError):  # of what is no domain of mail: it matches itself
        domain = domain.encode("idna").decode()
    return salted_hmac("accounts.rebonds", f"{local}@{domain}", secret=secret, algorithm="sha256").hexdigest()


def _digests_of(address: str) -> set[str]:
    """Under this key and under those of before."""
    return {digest_of(address, key) for key in (None, *settings.SECRET_KEY_FALLBACKS)}


# --- What came back ---------------------------------------------------------------------------------------------------


def understand(report: Report, *, now: datetime) -> bool:
    """Mark the addresses that this report of undelivered mail proves to refuse our mails; whether it is about a mail
    that we sent to one of those addresses within thirty days, counted or not."""
    sent = MailSent.objects.filter(message_id__in=report.message_ids, sent_at__gt=now - KEPT).select_related("user")
    proved = False
    for mail in sent:
        for echec in report.recipients:
            if any(mail.address in _digests_of(address) for address in echec.addresses):
                proved = True
                if echec.action == FAILED and echec.status[:1] in {PERMANENT, PERSISTENT}:
                    _count(mail, echec, now=now)
    return proved


def _count(mail: MailSent, echec: Echec, *, now: datetime) -> None:
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=mail.user_id).first()
        once = MailSent.objects.filter(pk=mail.pk, returned_at=None)
        if user is None or not once.update(returned_at=now, status=echec.status):
            return
        reason = reason_of(echec.status, echec.reply)
        journal.event("mail_returned", result=reason.value, user=user.pk, status=echec.status)
        if mail.address not in _digests_of(user.email):
            return  # another address acts since, or this one waits to be confirmed
        if echec.status[:1] == PERSISTENT and user.email_refused_at is None and not _lasts(mail.address, now):
            return
        _accounts_of(user.email).filter(email_refused_at=None).update(email_refused_at=now, email_refused=reason)
        record_undelivered(user, mail.mail, UndeliveredMail.Reason(reason.value), now=now)


def _lasts(address: str, now: datetime) -> bool:
    """Whether this address has refused mails often enough, this one among them."""
    week = MailSent.objects.filter(address=address, returned_at__gt=now - WEEK, status__startswith=PERSISTENT)
    return week.count() >= TIMES


def _accounts_of(address: str) -> QuerySet[User]:
    return User.objects.filter(email__iexact=address)


def record_undelivered(user: User, mail: str, reason: UndeliveredMail.Reason, *, now: datetime) -> None:
    """Put this mail to this account on the town hall's list of undelivered mails, unless an open line has the same
    account, mail and reason, so that asking ten times does not fill the list."""
    line = UndeliveredMail.objects.filter(user=user, mail=mail[:100], reason=reason, settled_at=None)
    if not line.exists():
        UndeliveredMail.objects.create(user=user, mail=mail[:100], reason=reason, created_at=now)


# --- What is known to be good again -----------------------------------------------------------------------------------


def clear(address: str, *, now: datetime) -> list[User]:
    """Note that this e-mail address receives mails: its accounts are no longer marked as refusing them, and mails to
    them leave again; those that were marked are returned. A mail sent before, should it come back later, will prove
    nothing."""
    if not address:
        return []
    with transaction.atomic():
        marked = list(_accounts_of(address).exclude(email_refused_at=None).select_for_update().order_by("pk"))
        if marked:
            MailSent.objects.filter(address__in=_digests_of(address)).delete()
            _settle(marked, now)
            for user in marked:
                journal.event("mail_returned_cleared", user=user.pk)
    return marked


def inherit_mark(user: User, *, now: datetime) -> None:
    """Mark this account, whose e-mail address was just changed, as its new address requires: when mails to another
    account with this address come back, they are noted as coming back from this one too, since the same instant; else
    it loses the mark that it had, and its open lines about returned mails are settled."""
    others = _accounts_of(user.email).exclude(pk=user.pk).exclude(email_refused_at=None) if user.email else None
    known = others.first() if others is not None else None
    if known is None:
        _settle([user], now)
    else:
        User.objects.filter(pk=user.pk).update(
            email_refused_at=known.email_refused_at, email_refused=known.email_refused
        )


def _settle(users: list[User], now: datetime) -> None:
    pks = [user.pk for user in users]
    User.objects.filter(pk__in=pks).update(email_refused_at=None, email_refused="")
    lines = UndeliveredMail.objects.filter(user__in=pks, reason__in=TOLD, settled_at=None)
    lines.update(settled_at=now)
