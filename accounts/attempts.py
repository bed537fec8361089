"""One try to log in: what it counts on, and what comes of its failing (LIM-01, LIM-15, LIM-16)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from accounts import devices, login_alarm, ratelimit, temporary
from accounts.devices import Kind
from accounts.models import RememberedDevice, User
from portail.pannes import panne_of

PER_DAY = ratelimit.LOGIN_BY_IDENTIFIANT[-1]


@dataclass(frozen=True)
class Attempt:
    """`identifiant` is that of the account meant, None when what was typed is no number. `device` is the browser, when
    that account has come in by it before. `wait`: the seconds before it may be tried, 0 when it may be now;
    `address_spent`, whether it is the network address that must wait; `counters`, those that it counted on."""

    identifiant: str | None
    device: RememberedDevice | None
    wait: int
    address_spent: bool = False
    counters: tuple[str, ...] = ()


def begin(request: HttpRequest, typed: str, *, now: datetime) -> Attempt:
    """Count one try to log in with the identifiant `typed`, before the password is looked at; the `Attempt`, whose
    `wait` says in how many seconds it may be made. Tries that earlier failures of the machine owed are given back
    first."""
    ratelimit.give_back([])
    with ratelimit.counted() as counters:
        attempt = _count(request, typed, now=now)
    return replace(attempt, counters=tuple(counters))


@contextmanager
def given_back_on_fault(attempt: Attempt) -> Iterator[None]:
    """Within this block the login is answered: when it raises because the machine is at fault, as when a migration
    holds SQLite, this try is given back, and the exception goes on. A 503 says nothing of the password, and whoever
    waits for an upgrade to end has not tried too often."""
    try:
        yield
    except Exception as error:
        if panne_of(error):
            ratelimit.give_back(attempt.counters)
        raise


def _count(request: HttpRequest, typed: str, *, now: datetime) -> Attempt:
    """Count one try.

    A browser that has logged in to this account before counts on itself alone: the tries of a stranger, from wherever
    they come, never shut it out. Once its own are spent, it has a few more from each network address: who copied its
    cookie spends those of another place than its owner's. Then it is one as any other.

    Any other counts on its network address, then on the account, whichever of its numbers was typed; what is no number
    can be no account, and counts on the address alone.
    """
    identifiant = User.objects.present_identifiant(typed)
    device = devices.find(request, Kind.KNOWN, identifiant, now=now) if identifiant else None
    pause = math.inf
    if device is not None:
        pause = ratelimit.wait_for_key(request, "known_device", str(device.pk), ratelimit.LOGIN_BY_IDENTIFIANT)
        if not pause or not _wait_here(request, device):
            return Attempt(identifiant, device, 0)
    with transaction.atomic():  # its own, over at once: one wait for the disk, not one for each counter
        wait = by_address = ratelimit.wait_for_address(request, "login", ratelimit.LOGIN_BY_ADDRESS)
        if identifiant and not by_address:
            wait = ratelimit.wait_for_key(request, "login", identifiant, ratelimit.LOGIN_BY_IDENTIFIANT)
    return Attempt(identifiant, None, int(min(wait, pause)), address_spent=bool(by_address))


def _wait_here(request: HttpRequest, device: RememberedDevice) -> int:
    """The seconds before a known browser whose own tries are spent may try again from this network address. All its
    addresses have one bound together: a cookie copied to a thousand of them guesses no thousand times more."""
    with transaction.atomic():
        return ratelimit.wait_for_address(
            request, f"known_device:{device.pk}", ratelimit.SPENT_DEVICE_BY_ADDRESS
        ) or ratelimit.wait_for_key(request, "spent_device", str(device.pk), ratelimit.SPENT_DEVICE)


@sensitive_variables("text")
def may_examine(request: HttpRequest, attempt: Attempt, text: str) -> bool:
    """Whether `text` may be tried as a temporary password, which is allowed even while logins to the account are
    paused.

    A mailed one, of 128 bits, always may. A printed one, of 59 bits, has its own limit of tries, for each day, network
    address and printed password: a stranger uses up the tries of neither another place nor the next printed password
    (AUT-12, LIM-15). False for an address that has tried too often, or for what is no number; a known browser always
    may, as this try was counted on itself. One query whether there is a printed password or not (AUT-08).
    """
    if attempt.device is not None or not temporary.looks_printed(text):
        return True
    if attempt.address_spent or attempt.identifiant is None:
        return False
    paper = temporary.live_key_of(attempt.identifiant)
    return not ratelimit.wait_for_address(request, f"printed:{paper}", ratelimit.PRINTED_BY_ADDRESS)


def succeed(attempt: Attempt) -> None:
    """Reset the counters on which this attempt, which succeeded, was counted: those of the known browser, or else those
    of the account. A login from a known browser does not reset the tries that strangers have made on the account."""
    if attempt.device is not None:
        ratelimit.forget("known_device", str(attempt.device.pk), ratelimit.LOGIN_BY_IDENTIFIANT)
    elif attempt.identifiant:
        ratelimit.forget("login", attempt.identifiant, ratelimit.LOGIN_BY_IDENTIFIANT)


def fail(request: HttpRequest, attempt: Attempt) -> None:
    """Count this failed or refused try to log in towards the alarms of the IT service (LIM-09), which also learn when
    it used up the last try of the day. Whether the number is an account's is not asked: the answer would take longer
    for one than for the other (AUT-08)."""
    login_alarm.note_failure(request)
    group, key = ("known_device", str(attempt.device.pk)) if attempt.device else ("login", attempt.identifiant)
    if attempt.identifiant and key and ratelimit.is_spent(group, key, PER_DAY):
        login_alarm.note_full_day(request, attempt.identifiant)
