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
    """Create a change of this account to the address `email`, which waits 24 hours for its confirmation; a change that
    waited before is closed. The caller holds the account's lock."""
    now = now.astimezone(UTC)  # 24 true hours, even when the clocks change
    close_live(user, Reason.REPLACED, now=now)
    return EmailChange.objects.create(user=user, former=user.email, email=email, asked_at=now, expires_at=now + LIFE)


def note(user: User, former: str, *, now: datetime) -> EmailChange:
    """Record a change of e-mail address that is already made: the present address of this account has just replaced
    `former`. A change that waited for a confirmation is closed."""
    close_live(user, Reason.REPLACED, now=now)
    return EmailChange.objects.create(
        user=user, former=former, email=user.email, asked_at=now, expires_at=now, closed_at=now, reason=Reason.AT_ONCE
    )


def live_of(user: User, *, now: datetime) -> EmailChange | None:
    """The change of e-mail address that waits for a confirmation on this account; None when none waits."""
    return EmailChange.objects.filter(user=user, closed_at=None, expires_at__gt=now).first()


def token_of(change: EmailChange) -> str:
    """The signed token of this change, for the link of its mail. Computed for each mail, and kept in no table."""
    return SIGNER.sign(str(change.pk))


def find(token: str) -> EmailChange | None:
    """The change of e-mail address that this token was made for, with its account, whatever became of it; None for a
    token that is forged or whose change is gone.

    Nothing is looked up for a forged one: as the signature cannot be guessed, no limit on tries is needed.
    """
    try:
        pk = int(SIGNER.unsign(token))
    except (BadSignature, ValueError):
        return None
    return EmailChange.objects.select_related("user").filter(pk=pk).first()


def is_live(change: EmailChange, *, now: datetime) -> bool:
    """Whether this change of e-mail address may be confirmed: it is less than 24 hours old, still open, and its account
    is open."""
    return change.closed_at is None and now < change.expires_at and change.user.is_active


def has_served(change: EmailChange, *, now: datetime) -> bool:
    """Whether this change was confirmed, within its 24 hours, and is still the account's address: a second click on its
    link is then no error."""
    is_theirs = change.reason == Reason.CONFIRMED and change.user.email == change.email
    return is_theirs and now < change.expires_at and change.user.is_active


def was_sent_lately(change: EmailChange, *, now: datetime) -> bool:
    """Whether the mail of this change left less than 10 minutes ago: another would only be a nuisance to whoever
    receives it."""
    return change.sent_at is not None and now < change.sent_at + COOL_DOWN


def mark_sent(change: EmailChange, *, now: datetime) -> None:
    """Note that the mail server took, at `now`, the mail of this change: `was_sent_lately` holds for the next ten
    minutes."""
    EmailChange.objects.filter(pk=change.pk).update(sent_at=now)


def close(change: EmailChange, reason: Reason, *, now: datetime) -> bool:
    """Close this change of e-mail address, for this reason, if it is still open; False when somebody else closed it
    first."""
    return EmailChange.objects.filter(pk=change.pk, closed_at=None).update(closed_at=now, reason=reason) == 1


def close_live(user: User, reason: Reason, *, now: datetime) -> bool:
    """Close, for this reason, the change of e-mail address that waits on this account; whether there was one. One past
    its 24 hours is closed as expired, and is not counted."""
    waiting = EmailChange.objects.filter(user=user, closed_at=None)
    waiting.filter(expires_at__lte=now).update(closed_at=now, reason=Reason.EXPIRED)
    return waiting.update(closed_at=now, reason=reason) == 1
