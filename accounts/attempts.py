"""One try to log in: what it counts on, and what comes of its failing (LIM-01, LIM-15, LIM-16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from accounts import devices, login_alarm, ratelimit, temporary
from accounts.devices import Kind
from accounts.models import RememberedDevice, User

PER_DAY = ratelimit.LOGIN_BY_IDENTIFIANT[-1]


@dataclass(frozen=True)
class Attempt:
    """`identifiant` is that of the account meant, None when what was typed is no number. `device` is the browser, when
    that account has come in by it before. `wait`: the seconds before it may be tried, 0 when it may be now;
    `address_spent`, whether it is the network address that must wait."""

    identifiant: str | None
    device: RememberedDevice | None
    wait: int
    address_spent: bool = False


def begin(request: HttpRequest, typed: str, *, now: datetime) -> Attempt:
    """Count one try, before the password is looked at.

    A browser that has logged in to this account before counts on itself alone: the tries of a stranger, from wherever
    they come, never shut it out. Any other counts on its network address, then on the account, whichever of its
    numbers was typed; what is no number can be no account, and counts on the address alone.
    """
    identifiant = User.objects.present_identifiant(typed)
    device = devices.find(request, Kind.KNOWN, identifiant, now=now) if identifiant else None
    if device is not None:
        wait = ratelimit.wait_for_key(request, "known_device", str(device.pk), ratelimit.LOGIN_BY_IDENTIFIANT)
        return Attempt(identifiant, device, wait)
    with transaction.atomic():  # its own, over at once: one wait for the disk, not one for each counter
        if wait := ratelimit.wait_for_address(request, "login", ratelimit.LOGIN_BY_ADDRESS):
            return Attempt(identifiant, None, wait, address_spent=True)
        if identifiant:
            wait = ratelimit.wait_for_key(request, "login", identifiant, ratelimit.LOGIN_BY_IDENTIFIANT)
    return Attempt(identifiant, None, wait)


@sensitive_variables("text")
def may_examine(request: HttpRequest, attempt: Attempt, text: str) -> bool:
    """Whether `text` may be tried as a temporary password, which is asked even while the account waits.

    128 bits may always be. The 59 of a printed one are examined 20 times a day an account, and never for a network
    address that has tried too often (AUT-12). Whether the account has any is not asked (AUT-08).
    """
    if not temporary.looks_printed(text):
        return True
    if attempt.address_spent or attempt.identifiant is None:
        return False
    return not ratelimit.wait_for_key(request, "printed", attempt.identifiant, ratelimit.PRINTED_BY_IDENTIFIANT)


def succeed(attempt: Attempt) -> None:
    """Give back its tries to what this one counted on; those of a stranger are not given back by a known browser."""
    if attempt.device is not None:
        ratelimit.forget("known_device", str(attempt.device.pk), ratelimit.LOGIN_BY_IDENTIFIANT)
    elif attempt.identifiant:
        ratelimit.forget("login", attempt.identifiant, ratelimit.LOGIN_BY_IDENTIFIANT)


def fail(request: HttpRequest, attempt: Attempt) -> None:
    """Note a failed or refused try where many of them raise the alarm (LIM-09). Whether the number is an account's is
    not asked: the answer would take longer for one than for the other (AUT-08)."""
    login_alarm.note_failure(request)
    group, key = ("known_device", str(attempt.device.pk)) if attempt.device else ("login", attempt.identifiant)
    if attempt.identifiant and key and ratelimit.is_spent(group, key, PER_DAY):
        login_alarm.note_full_day(request, attempt.identifiant)
