"""The second factor of staff (ADM-01): a code of the phone, or one of ten codes on paper.

Without it a session opens nothing but the pages that ask for it. On the ground (Équipe, Cantine) the device is then
recognised for 30 days, so that no page stands between an animator and the gate (SES-02).
"""

from __future__ import annotations

import time
from datetime import datetime
from math import ceil

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.debug import sensitive_variables
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from accounts import devices, recovery_codes, sessions, tasks
from accounts.devices import Kind
from accounts.models import RecoveryCode, User

MARK = "second_factor"
KEY = "second_factor_key"  # drawn for an enrolment, until it is confirmed
PHONE = "téléphone"


# --- The session --------------------------------------------------------------------------------------------------


def is_verified(request: HttpRequest) -> bool:
    """Whether the account of this session has shown its second factor."""
    return bool(request.session.get(MARK))


def verify_session(request: HttpRequest) -> None:
    """Note in the session of this request that the second factor was shown; the session takes another key (TMP-12)."""
    request.session.pop(KEY, None)
    request.session[MARK] = True
    request.session.cycle_key()


# --- The phone ----------------------------------------------------------------------------------------------------


def find_device(user: User) -> TOTPDevice | None:
    """The confirmed phone of this account, None when it has none."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


@sensitive_variables()
def pending_device(request: HttpRequest, user: User) -> TOTPDevice:
    """The phone that this session is about to enrol, which is not saved before a code confirms it. Its key is kept in
    the session; an enrolment that is given up ends with it, and the next one draws another key."""
    key = request.session.get(KEY)
    if key is None:
        key = request.session[KEY] = default_key()
    return TOTPDevice(user=user, name=PHONE, key=key)


@sensitive_variables()
def enrol(device: TOTPDevice, text: str, *, now: datetime) -> list[str] | None:
    """Save this phone when the code typed is its own, and return new recovery codes; None when the code is wrong, or
    when another phone was enrolled meanwhile."""
    code, totp = _code(text), TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = now.timestamp()
    if code is None or not totp.verify(code, device.tolerance):
        return None
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=device.user_id)
        if find_device(user):
            return None
        device.last_t, device.last_used_at = totp.t(), now  # the code has served
        device.save()
        tasks.send_second_factor_notice.enqueue(user.pk, "enrolled", now.isoformat())
    return recovery_codes.draw(user, now=now)


@sensitive_variables()
def accepts(user: User, text: str) -> bool:
    """Whether this text is the present code of the account's phone, one step (30 seconds) early or late, and has not
    served (RFC 6238, 5.2); it has served then. False during the pause that follows wrong codes (`pause`)."""
    code = _code(text)
    if code is None:
        return False
    with transaction.atomic():  # two windows with the same code: one passes
        device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
        return device is not None and device.verify_token(code)


def pause(user: User, *, now: datetime) -> int:
    """The seconds during which the codes of this account's phone are not looked at, after wrong ones: twice as long
    each time; 0 when there is no pause or no phone."""
    device = find_device(user)
    allowed, why = device.verify_is_allowed() if device else (True, None)
    return 0 if allowed or why is None else ceil((why["locked_until"] - now).total_seconds())


def forget_wrong_codes(user: User) -> None:
    """Forget the wrong codes typed for this account's phone, so that its pause ends."""
    TOTPDevice.objects.filter(user=user).update(throttling_failure_count=0, throttling_failure_timestamp=None)


def reset(user: User, *, now: datetime) -> bool:
    """Forget the phone and the recovery codes of this agent, end their sessions and mail them so: the next login enrols
    a phone again. False when no phone was enrolled: the recovery codes alone are then deleted."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        forgotten, _ = TOTPDevice.objects.filter(user=user).delete()
        RecoveryCode.objects.filter(user=user).delete()
        if forgotten:
            sessions.end_all(user)
            tasks.send_second_factor_notice.enqueue(user.pk, "reset", now.isoformat())
    return bool(forgotten)


def code_of(device: TOTPDevice) -> tuple[str, int]:
    """The next code of this phone that the portal would accept, and the seconds to wait before it does. For the
    demonstration."""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    present, early = int(time.time()), device.tolerance * device.step
    totp.time = max(present, (device.last_t + 1) * device.step)
    return f"{totp.token():0{device.digits}}", max(0, totp.time - early - present)


@sensitive_variables()
def _code(text: str) -> int | None:
    """The number typed, spaces forgiven; None when it cannot be a code."""
    digits = "".join(text.split())
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) == 6 else None


# --- The device that is remembered --------------------------------------------------------------------------------


def is_remembered(request: HttpRequest, user: User, *, now: datetime) -> bool:
    """Whether this agent, who works on the ground (gate or canteen), has shown the second factor on the browser of this
    request less than 30 days ago, and nothing has ended it since."""
    phone = find_device(user) if sessions.works_on_the_ground(user) else None
    if phone is None:
        return False
    bound_to = _bound_to(user, phone)
    return devices.find(request, Kind.SECOND_FACTOR, user.identifiant, now=now, bound_to=bound_to) is not None


def remember_device(request: HttpRequest, response: HttpResponseBase, user: User, *, now: datetime) -> None:
    """Remember the browser of this request for 30 days, so that the second factor is not asked there; nothing without a
    phone, or for an agent who does not work on the ground (gate or canteen)."""
    phone = find_device(user) if sessions.works_on_the_ground(user) else None
    if phone is not None:
        devices.remember(request, response, Kind.SECOND_FACTOR, user, now=now, bound_to=_bound_to(user, phone))


def forget_device(request: HttpRequest, response: HttpResponseBase) -> None:
    """Forget that the second factor was shown on the browser of this request, as somebody has logged out of it."""
    devices.forget(request, response, Kind.SECOND_FACTOR)


def _bound_to(user: User, phone: TOTPDevice) -> str:
    """A text that changes with the password, `session_version` and the phone; a device is known while it does not."""
    return f"{phone.pk}:{user.get_session_auth_hash()}"
