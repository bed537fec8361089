"""What a login writes: the tries given back, the session, the date, the browser known from now on.

All of it at once. Written one after the other, each waited for the disk and for whoever was writing: on the evening
when a year opens, four hundred parents log in within the same minutes.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from accounts import attempts, devices, second_factor, sessions
from accounts.attempts import Attempt
from accounts.devices import Kind
from accounts.models import User


def log_in(
    request: HttpRequest, response: HttpResponseBase, user: User, attempt: Attempt, *, now: datetime, remember: bool
) -> None:
    """Log in this account, whose password was right at this attempt: in one transaction, its counters of tries are
    reset, the session starts (`remember`: the long one), the second factor is taken as shown on a device that has shown
    it, and the browser is remembered."""
    with transaction.atomic():
        attempts.succeed(attempt)
        sessions.start(request, user, now=now, remember=remember)
        if second_factor.is_remembered(request, user, now=now):
            second_factor.verify_session(request)
        devices.remember(request, response, Kind.KNOWN, user, now=now)
        request.session.save()
