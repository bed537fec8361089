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
    """« Rester connecté », said by the page that warns of the session's end: the middleware noted that it is used.

    The answer tells the seconds that are left in any case: no button takes those further, a password does.
    """
    left = sessions.life_left(request.session, now=timezone.now())
    return HttpResponse(status=204, headers={"Session-Left": str(left)})


@require_POST
def close_other_sessions(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    sessions.end_others(request, user)
    addresses.give_up(user, now=timezone.now())  # whoever was in there may have asked for it (AUT-13)
    journal.event("sessions_closed", user=user.pk, request=request, by="account")
    messages.success(request, "Vos autres appareils sont déconnectés.")
    response = redirect("accounts:account")
    devices.remember(request, response, Kind.KNOWN, user, now=timezone.now())
    return response
