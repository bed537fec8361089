"""One try to log in: what it counts on, and what comes of its failing (LIM-01, LIM-15, LIM-16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from accounts import devices, login_alarm, ratelimit
from accounts.devices import Kind
from accounts.models import RememberedDevice, User

PER_DAY = ratelimit.LOGIN_BY_IDENTIFIANT[-1]


@dataclass(frozen=True)
class Attempt:
    """`identifiant` is that of the account meant, None when what was typed is no number. `device` is the browser, when
    that account has come in by it before. `wait`: the seconds before it may be tried, 0 when it may be now."""

    identifiant: str | None
    device: RememberedDevice | None
    wait: int


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
    else:
        wait = ratelimit.wait_for_address(request, "login", ratelimit.LOGIN_BY_ADDRESS)
        if not wait and identifiant:
            wait = ratelimit.wait_for_key(request, "login", identifiant, ratelimit.LOGIN_BY_IDENTIFIANT)
    return Attempt(identifiant, device, wait)


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
