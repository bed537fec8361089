"""The life of a temporary password: made and sent by the worker, accepted at the login page, closed once.

It never opens the account, only the page where a password is chosen. `accounts.passwords` changes the password; this
module stands below the tasks so that both can use it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.debug import sensitive_variables

from accounts import typable
from accounts.models import TemporaryPassword, User

LIFE = timedelta(hours=24)
COOL_DOWN = timedelta(minutes=10)
# A mail that carries a value is on its way this long at most: it starts within the first minute, or not at all, and
# then is eight exchanges with the mail server, each cut after `portail.courriels.TIMEOUT`.
START_WITHIN = timedelta(minutes=1)
SENDING = timedelta(minutes=4)
MAILED = (32, "0123456789abcdef")  # how many signs, among which: 128 bits
PRINTED = (12, typable.SIGNS)  # 59 bits, three groups of four, for who types them from paper (AUT-12)


class NoAddress(Exception):
    """The account has no address where a value could be mailed."""


class StillSending(Exception):
    """A mail is on its way with the value of this account: another one would make it a dead value (TMP-07)."""


@sensitive_variables()
def looks_temporary(text: str) -> bool:
    """Whether this text is written like a temporary password, mailed or printed."""
    return _has_form(text, MAILED) or looks_printed(text)


@sensitive_variables()
def looks_printed(text: str) -> bool:
    """Whether this text is written like a temporary password that the counter prints: short enough to be guessed, so
    that its tries are counted."""
    return _has_form(text, PRINTED)


@sensitive_variables()
def issue(
    user: User, *, now: datetime, force: bool = False, instead_of: int = 0, printed: bool = False
) -> tuple[TemporaryPassword, str] | None:
    """Make a new temporary password for this account: its row and its value; every earlier one stops serving (TMP-06).

    None when one sent less than 10 minutes ago still serves, unless `force`. Raises StillSending, even with `force`,
    while a mail may be carrying the last value, closed meanwhile or not: ask again later; `instead_of` is the key of
    one whose sending has ended without success. A `printed` one does not wait for the mail of a closed value, which
    goes to an address given up.

    The value is returned once and kept nowhere: the caller sends it to the address that `user` has from then on, that
    of the instant of the making (TMP-07), if it `may_leave`, then calls `mark_sent`; a `printed` one is short enough to
    be typed, in groups of four. Raises NoAddress when it is to be mailed, and the account has no address.
    """
    now = now.astimezone(UTC)  # 24 true hours, even when the clocks change
    with transaction.atomic():
        user.refresh_from_db(fields=["email"], from_queryset=User.objects.select_for_update())
        if not printed and not user.email:
            raise NoAddress
        if not force and was_sent_lately(user, now=now):
            return None
        live = TemporaryPassword.objects.filter(user=user, closed_at=None)
        live.filter(expires_at__lte=now).update(closed_at=now, reason=TemporaryPassword.Reason.EXPIRED)
        on_its_way = live if printed else TemporaryPassword.objects.filter(user=user)
        on_its_way = on_its_way.filter(sent_at=None, created_at__gt=now - SENDING).exclude(pk=instead_of)
        if on_its_way.exclude(reason=TemporaryPassword.Reason.FAILED).exists():
            raise StillSending
        live.filter(pk=instead_of).update(closed_at=now, reason=TemporaryPassword.Reason.FAILED)
        live.update(closed_at=now, reason=TemporaryPassword.Reason.REPLACED)
        value = typable.draw(PRINTED[0]) if printed else secrets.token_hex(16)
        temporary = TemporaryPassword.objects.create(
            user=user, digest=next(_digests(value, user.pk)), created_at=now, expires_at=now + LIFE
        )
    return temporary, typable.in_groups(value, 4) if printed else value


def was_sent_lately(user: User, *, now: datetime) -> bool:
    """Whether a temporary password sent to this account less than 10 minutes ago still serves: sending another would
    close it.

    One that was made and not sent does not count: a worker killed before sending must not silence the next request.
    """
    sent_after = now.astimezone(UTC) - COOL_DOWN
    return TemporaryPassword.objects.filter(
        user=user, closed_at=None, expires_at__gt=now, sent_at__gt=sent_after
    ).exists()


def may_leave(temporary: TemporaryPassword, *, now: datetime) -> bool:
    """Whether the mail of this temporary password may still start, less than a minute after it was made: later, one
    that replaces it could arrive before it (TMP-07)."""
    return now < temporary.created_at + START_WITHIN


def mark_sent(temporary: TemporaryPassword, *, now: datetime) -> None:
    """Note that the mail server took, at `now`, the mail of this temporary password: no other is sent for ten minutes.

    `now` is later than the instant when it was made; it is that very instant for one that is printed (`live_paper_of`).
    """
    TemporaryPassword.objects.filter(pk=temporary.pk).update(sent_at=now)


def close(temporary: TemporaryPassword, reason: str, *, now: datetime) -> bool:
    """Close this temporary password, for this reason, if it is still open; False when somebody else closed it first
    (TMP-05)."""
    still_open = TemporaryPassword.objects.filter(pk=temporary.pk, closed_at=None)
    return still_open.update(closed_at=now, reason=reason) == 1


def was_left_behind(temporary: TemporaryPassword) -> bool:
    """Whether this temporary password was closed because the account's e-mail address was changed: another one is
    awaited at the new address."""
    return TemporaryPassword.objects.filter(pk=temporary.pk, reason=TemporaryPassword.Reason.ADDRESS).exists()


def close_live(user: User, reason: str, *, now: datetime) -> None:
    """Close the open temporary password of this account, if it has one, for this reason."""
    TemporaryPassword.objects.filter(user=user, closed_at=None).update(closed_at=now, reason=reason)


def live_paper_of(user: User, *, now: datetime) -> TemporaryPassword | None:
    """The printed temporary password of this account, if it still serves; None otherwise. It is known by having been
    sent at the very instant when it was made, as no mailed one is."""
    live = TemporaryPassword.objects.filter(user=user, closed_at=None, expires_at__gt=now)
    return live.filter(sent_at=F("created_at")).first()


@sensitive_variables()
def accept(user_or_identifiant: User | str, text: str, *, now: datetime) -> TemporaryPassword | None:
    """The temporary password of this account that still serves and has this value, or None. It serves strictly before
    its 24th hour (TMP-02), and stays open until a password is chosen with it.

    No slow hash here: 128 random bits cannot be guessed, so that this works even while logins are paused (TMP-14). A
    printed one can be guessed, in time: ask `attempts.may_examine` first.
    """
    if not looks_temporary(text):
        return None
    user = User.objects.called(user_or_identifiant) if isinstance(user_or_identifiant, str) else user_or_identifiant
    pk = user.pk if user else 0  # the same questions whoever is meant
    values = TemporaryPassword.objects.select_related("user")
    live = values.filter(user=pk, user__is_active=True, closed_at=None, expires_at__gt=now).first()
    digests = _digests(typable.plain(text), pk)
    if live is None or not any(constant_time_compare(live.digest, digest) for digest in digests):
        return None
    return live


def live_key_of(identifiant: str) -> int:
    """The primary key of the open temporary password of the account that has this identifiant, past its 24 hours or
    not; 0 when there is none."""
    live = TemporaryPassword.objects.filter(user__identifiant=identifiant, closed_at=None)
    return live.order_by().values_list("pk", flat=True).first() or 0


def find_live(pk: int, *, now: datetime) -> TemporaryPassword | None:
    """The temporary password with this primary key, and its account, if it still serves; else None."""
    return (
        TemporaryPassword.objects.select_related("user")
        .filter(pk=pk, user__is_active=True, closed_at=None, expires_at__gt=now)
        .first()
    )


@sensitive_variables()
def _has_form(text: str, form: tuple[int, str]) -> bool:
    """Blanks, hyphens and capitals, which hands and phones add, are forgiven to this value alone (TMP-13)."""
    length, signs = form
    value = typable.plain(text)
    return len(value) == length and set(value) <= set(signs)


@sensitive_variables()
def _digests(value: str, pk: int) -> Iterator[str]:
    """What the database holds of this value, which is for the account `pk`; under each key that the portal accepts.

    The 59 bits of a printed one could be searched in a stolen database, so that its digest hangs on the portal's key.
    """
    if len(value) != PRINTED[0]:
        yield hashlib.sha256(value.encode()).hexdigest()
        return
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield salted_hmac("accounts.temporary.printed", f"{pk}:{value}", secret=key, algorithm="sha256").hexdigest()
