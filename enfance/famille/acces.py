"""Who opens a page of a family, until when, and how often something may be told there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import ratelimit
from enfance.models import Responsable, load_responsable

DONNEES = "mes_donnees"  # in the session: until when the page of one's own data opens, in seconds
OPEN = 15 * 60  # seconds
CHANGES = ("30/h",)  # of a child's file and of a day: each of them is a mail to the adults of the child


def responsable_of(request: HttpRequest) -> Responsable:
    """The parent whose account sends this request; PermissionDenied for any other account. The parent is also set on
    the account, so that it is read once.
    """
    user: Any = request.user
    responsable = load_responsable(user.pk)
    if responsable is None:
        raise PermissionDenied
    user.responsable = responsable  # who asks for it next finds it here
    return responsable


def open_donnees(request: HttpRequest, *, now: datetime) -> HttpResponse:
    """Let this session read the page of one's own data for 15 minutes from `now`, and redirect to it, so that
    « Retour » sends no password again.
    """
    request.session[DONNEES] = int(now.timestamp()) + OPEN
    return redirect("enfance:mes_donnees")


def are_donnees_open(request: HttpRequest, *, now: datetime) -> bool:
    """Whether this session may read the page of one's own data at `now` without typing the password again."""
    limite: int = request.session.get(DONNEES, 0)
    return now.timestamp() < limite


def wait_to_tell(request: HttpRequest, responsable: Responsable) -> int:
    """How many seconds this parent must wait before they change anything more about the children; 0 when they may now.
    Asking counts as a change, of which the limit is 30 an hour.
    """
    return ratelimit.wait_for_key(request, "enfant", str(responsable.user_id), CHANGES)
