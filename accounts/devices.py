"""The browsers that an account has come in by: a random value in a signed cookie, and a row that holds its digest.

Two kinds, each with its cookie. `connu`: somebody has logged in from there, whose tries count apart from a stranger's
(LIM-15); it opens nothing. `appareil`: an agent on the ground has given a code there, and is not asked for one at the
next login (SES-02). Each account has a value of its own on a browser, drawn anew at each login: who used the browser
before, or copied its cookie, is not taken for its owner. What ends the sessions of an account deletes its rows.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.debug import sensitive_variables

from accounts.models import RememberedDevice, User

Kind = RememberedDevice.Kind
SALT = "accounts.devices"
ACCOUNTS = 8  # of one browser: a family, or the agents who share a tablet


class Cookie(NamedTuple):
    name: str
    age: int  # seconds


def cookie_of(kind: Kind) -> Cookie:
    """The name and the age, in seconds, of the cookie that holds this kind of remembered browser."""
    if kind == Kind.KNOWN:
        return Cookie(settings.KNOWN_DEVICE_COOKIE_NAME, settings.KNOWN_DEVICE_REMEMBER)
    return Cookie(settings.SECOND_FACTOR_COOKIE_NAME, settings.SECOND_FACTOR_REMEMBER)


@sensitive_variables()
def find(
    request: HttpRequest, kind: Kind, identifiant: str, *, now: datetime, bound_to: str = ""
) -> RememberedDevice | None:
    """The row by which the account of this identifiant remembers the browser of this request; None when it does not
    remember it, or no longer.

    `bound_to` is a text given when the browser was remembered: with another one, it is not found.
    """
    values = _values(request, kind)
    if not values:
        return None
    after = now - timedelta(seconds=cookie_of(kind).age)
    known = RememberedDevice.objects.filter(user__identifiant=identifiant, kind=kind, since__gt=after)
    return known.filter(digest__in=map(_digest, values), bound=_digest(bound_to)).first()


@sensitive_variables()
def remember(
    request: HttpRequest, response: HttpResponseBase, kind: Kind, user: User, *, now: datetime, bound_to: str = ""
) -> None:
    """Make this account remember the browser of this request from now on, by a new random value in the cookie of
    `response`; the value by which it was remembered before becomes worthless. `bound_to` is a text of which the browser
    is forgotten once it changes. The cookie holds the values of eight accounts at most: the oldest goes."""
    values, new = _values(request, kind), secrets.token_urlsafe(24)
    others: set[str] = set()
    if values:
        _rows(kind, values).filter(user=user).delete()
        others = set(_rows(kind, values).values_list("digest", flat=True))
    RememberedDevice.objects.create(user=user, kind=kind, digest=_digest(new), bound=_digest(bound_to), since=now)
    kept = [value for value in values if _digest(value) in others][1 - ACCOUNTS :]
    name, age = cookie_of(kind)
    response.set_signed_cookie(
        name,
        " ".join([*kept, new]),
        salt=SALT,
        max_age=age,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@sensitive_variables()
def forget(request: HttpRequest, response: HttpResponseBase, kind: Kind) -> None:
    """Make every account forget the browser of this request for this kind: the rows are deleted, so a copy of the
    cookie is worthless too, and the cookie is removed from `response`."""
    values = _values(request, kind)
    if values:
        _rows(kind, values).delete()
    name, _ = cookie_of(kind)
    if name in request.COOKIES:
        response.delete_cookie(name, samesite="Lax")


def forget_all(user: User) -> None:
    """Make this account forget every browser that it remembers."""
    RememberedDevice.objects.filter(user=user).delete()


@sensitive_variables()
def _rows(kind: Kind, values: list[str]) -> QuerySet[RememberedDevice]:
    return RememberedDevice.objects.filter(kind=kind, digest__in=map(_digest, values))


def _values(request: HttpRequest, kind: Kind) -> list[str]:
    """What the cookie of this request holds, one value an account, when it is ours and not too old."""
    name, age = cookie_of(kind)
    return (request.get_signed_cookie(name, "", salt=SALT, max_age=age) or "").split()


@sensitive_variables()
def _digest(value: str) -> str:
    """The SHA-256 digest of a device's value, as the table keeps it. Fast, as the value is 192 random bits."""
    return hashlib.sha256(value.encode()).hexdigest()
