"""The life of a new e-mail address: asked for, mailed to, confirmed or closed once (AUT-13).

`accounts.addresses` writes the address of the account; this module stands below the tasks so that both can use it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.core.signing import BadSignature, Signer

from accounts.models import EmailChange, User

LIFE = timedelta(hours=24)
COOL_DOWN = timedelta(minutes=10)
SIGNER = Signer(salt="accounts.email_changes")
Reason = EmailChange.Reason


def begin(user: User, email: str, *, now: datetime) -> EmailChange:
    """A change to this address, which waits; the one before it no longer does. The caller holds the account's lock."""
    now = now.astimezone(UTC)  # 24 true hours, even when the clocks change
    close_live(user, Reason.REPLACED, now=now)
    return EmailChange.objects.create(user=user, former=user.email, email=email, asked_at=now, expires_at=now + LIFE)


def note(user: User, former: str, *, now: datetime) -> EmailChange:
    """The present address of this account has just taken the place of `former` and acts; what waited is dropped."""
    close_live(user, Reason.REPLACED, now=now)
    return EmailChange.objects.create(
        user=user, former=former, email=user.email, asked_at=now, expires_at=now, closed_at=now, reason=Reason.AT_ONCE
    )


def live_of(user: User, *, now: datetime) -> EmailChange | None:
    """The change of this account that waits for a confirmation, if there is one."""
    return EmailChange.objects.filter(user=user, closed_at=None, expires_at__gt=now).first()


def token_of(change: EmailChange) -> str:
    """The signed token of this change, for the link of its mail. Computed for each mail, and kept in no table."""
    return SIGNER.sign(str(change.pk))


def find(token: str) -> EmailChange | None:
    """The change that this token was made for, with its account, whatever became of it.

    Nothing is looked up for a forged one: as the signature cannot be guessed, no limit on tries is needed.
    """
    try:
        pk = int(SIGNER.unsign(token))
    except (BadSignature, ValueError):
        return None
    return EmailChange.objects.select_related("user").filter(pk=pk).first()


def is_live(change: EmailChange, *, now: datetime) -> bool:
    """Whether it may be confirmed: strictly before the 24th hour, once, while the account is open."""
    return change.closed_at is None and now < change.expires_at and change.user.is_active


def has_served(change: EmailChange, *, now: datetime) -> bool:
    """Whether this change was confirmed a moment ago and is still the account's address: a second click is no error."""
    is_theirs = change.reason == Reason.CONFIRMED and change.user.email == change.email
    return is_theirs and now < change.expires_at and change.user.is_active


def was_sent_lately(change: EmailChange, *, now: datetime) -> bool:
    """Whether its mail left less than 10 minutes ago: another would only be a nuisance to whoever receives it."""
    return change.sent_at is not None and now < change.sent_at + COOL_DOWN


def mark_sent(change: EmailChange, *, now: datetime) -> None:
    """Note that the mail server took the mail of this change: no other is sent for ten minutes."""
    EmailChange.objects.filter(pk=change.pk).update(sent_at=now)


def close(change: EmailChange, reason: Reason, *, now: datetime) -> bool:
    """Close this change if it is still open; False when somebody else closed it first."""
    return EmailChange.objects.filter(pk=change.pk, closed_at=None).update(closed_at=now, reason=reason) == 1


def close_live(user: User, reason: Reason, *, now: datetime) -> bool:
    """Close the change of this account that waits; whether there was one. What was past 24 hours is closed as such."""
    waiting = EmailChange.objects.filter(user=user, closed_at=None)
    waiting.filter(expires_at__lte=now).update(closed_at=now, reason=Reason.EXPIRED)
    return waiting.update(closed_at=now, reason=reason) == 1
