"""What who is logged in does with their sessions: keep this one, end the others."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import addresses, devices, journal, sessions
from accounts.decorators import before_second_factor
from accounts.devices import Kind
from accounts.models import User


@before_second_factor
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Answer the button « Rester connecté » of the page that warns of the session's end: like any request, it counts as
    a use of the session.

    The answer tells, in its header `Session-Left`, the seconds that the session may still live in any case: no button
    takes those further, a password does.
    """
    left = sessions.life_left(request.session, now=timezone.now())
    return HttpResponse(status=204, headers={"Session-Left": str(left)})


@require_POST
def close_other_sessions(request: HttpRequest) -> HttpResponse:
    """Log out the other devices of whoever is logged in, and drop the new e-mail address that waits to be confirmed."""
    user = cast(User, request.user)
    sessions.end_others(request, user)
    addresses.give_up(user, now=timezone.now())  # whoever was in there may have asked for it (AUT-13)
    journal.event("sessions_closed", user=user.pk, request=request, by="account")
    messages.success(request, "Vos autres appareils sont déconnectés.")
    response = redirect("accounts:account")
    devices.remember(request, response, Kind.KNOWN, user, now=timezone.now())
    return response
