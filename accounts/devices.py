"""The browsers that an account has come in by: a random value in a signed cookie, and a row an account that knows it.

Two kinds, each with its cookie. `connu`: somebody has logged in from there, whose tries count apart from a stranger's
(LIM-15); it opens nothing. `appareil`: an agent on the ground has given a code there, and is not asked for one at the
next login (SES-02). What ends the sessions of an account deletes its rows: a copy of the cookie is then worth nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.debug import sensitive_variables

from accounts.models import RememberedDevice, User

Kind = RememberedDevice.Kind
SALT = "accounts.devices"


class Cookie(NamedTuple):
    name: str
    age: int  # seconds


def cookie_of(kind: Kind) -> Cookie:
    if kind == Kind.KNOWN:
        return Cookie(settings.KNOWN_DEVICE_COOKIE_NAME, settings.KNOWN_DEVICE_REMEMBER)
    return Cookie(settings.SECOND_FACTOR_COOKIE_NAME, settings.SECOND_FACTOR_REMEMBER)


@sensitive_variables()
def find(
    request: HttpRequest, kind: Kind, identifiant: str, *, now: datetime, bound_to: str = ""
) -> RememberedDevice | None:
    """The row by which the account of this identifiant knows the browser; None when it does not, or no longer.

    `bound_to` is what must be as it was when the device was remembered: it is in the digest.
    """
    value = _value(request, kind)
    if not value:
        return None
    after = now - timedelta(seconds=cookie_of(kind).age)
    known = RememberedDevice.objects.filter(user__identifiant=identifiant, kind=kind, since__gt=after)
    return known.filter(digest=_digest(value, bound_to)).first()


@sensitive_variables()
def remember(
    request: HttpRequest, response: HttpResponseBase, kind: Kind, user: User, *, now: datetime, bound_to: str = ""
) -> None:
    """Know this browser from now on. One value a browser, however many accounts come in by it."""
    value = _value(request, kind) or secrets.token_urlsafe(24)
    RememberedDevice.objects.bulk_create(  # one statement, whether the row is there or not
        [RememberedDevice(user=user, kind=kind, digest=_digest(value, bound_to), since=now)],
        update_conflicts=True,
        unique_fields=["user", "kind", "digest"],
        update_fields=["since"],
    )
    name, age = cookie_of(kind)
    response.set_signed_cookie(
        name,
        value,
        salt=SALT,
        max_age=age,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@sensitive_variables()
def forget(
    request: HttpRequest, response: HttpResponseBase, kind: Kind, user: User | None, *, bound_to: str = ""
) -> None:
    """Know this browser no more: neither this account by its row, nor any other by the cookie."""
    value = _value(request, kind)
    if value and user is not None:
        RememberedDevice.objects.filter(user=user, kind=kind, digest=_digest(value, bound_to)).delete()
    name, _ = cookie_of(kind)
    if name in request.COOKIES:
        response.delete_cookie(name, samesite="Lax")


def forget_all(user: User) -> None:
    """Forget every browser of this account."""
    RememberedDevice.objects.filter(user=user).delete()


def _value(request: HttpRequest, kind: Kind) -> str:
    """What the cookie of this request holds, when it is one of ours and not too old; else empty."""
    name, age = cookie_of(kind)
    return request.get_signed_cookie(name, "", salt=SALT, max_age=age) or ""


@sensitive_variables()
def _digest(value: str, bound_to: str) -> str:
    return hashlib.sha256(f"{value}:{bound_to}".encode()).hexdigest()  # of 192 random bits: no slow hash is needed
