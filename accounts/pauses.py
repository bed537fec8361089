"""What is answered after too many tries, and when to come back."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import journal, ratelimit
from portail.dates import heure_texte, jour_long


def wait_for_password(request: HttpRequest) -> int:
    """Count one try of the present password of who is logged in, whatever page asks for it; the seconds to wait, 0 when
    the password may be checked."""
    wait = ratelimit.wait_for_key(request, "account", str(request.user.pk), ratelimit.CHANGE_BY_ACCOUNT)
    if wait:
        journal.event("limit_reached", result="refused", user=request.user.pk, request=request, page="account")
    return wait


def too_many_passwords(request: HttpRequest) -> HttpResponse | None:
    """Count one try of the present password of who is logged in; the answer 429 when there were too many, else None."""
    wait = wait_for_password(request)
    return too_many_attempts(request, wait) if wait else None


@login_not_required
def too_many_attempts(request: HttpRequest, wait: int, *, by_mail: bool = False) -> HttpResponse:
    """The answer 429 to too many tries: it says when to come back after `wait` seconds, in its header for programs, in
    words for people (LIM-07).

    `by_mail`: a temporary password still gets in meanwhile (TMP-14), so the page says so.
    """
    response = render(request, "429.html", {"fin_pause": end_of_pause(wait), "by_mail": by_mail}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response


def end_of_pause(wait: int) -> str:
    """The hour, in Paris, when these seconds from now will be over, up to the next full minute, in words: « 14 h 12 »,
    or with its day when it is not today: « vendredi 4 décembre, 0 h 05 »."""
    now = timezone.localtime()
    end = now + timedelta(seconds=wait + 59)
    hour = heure_texte(end.time())
    return hour if end.date() == now.date() else f"{jour_long(end.date())}, {hour}"
