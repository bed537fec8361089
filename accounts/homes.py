"""Where people go once they are in: the page that they asked for, or the first page of theirs."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User


def home_of(user: User) -> str:
    """The address where this account goes after a login: the parents' home for a family; for an agent, the first page
    of STAFF_HOMES that their rights open, else the page of their account."""
    if not user.is_staff:
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    homes = (address for right, address in settings.STAFF_HOMES.items() if user.has_perm(right))
    return resolve_url(next(homes, "accounts:account"))


def onward(request: HttpRequest, user: User) -> str:
    """The address where this account goes after a login: the page asked for before, else its home (`home_of`). The
    parents' home, which is the site's own address, is not kept for an agent, who did not choose it."""
    address = next_of(request)
    if user.is_staff and address == resolve_url(settings.LOGIN_REDIRECT_URL):
        address = ""
    return address or home_of(user)


def next_of(request: HttpRequest) -> str:
    """The address, in `next`, of the page asked for before the login page; empty without one, or when it is one of
    another host (SES-07) or has no « / »."""
    address = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if safe and "/" in address else ""  # a bare word would be taken for the name of a page
