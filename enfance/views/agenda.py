"""The calendar feed: no login, no session, a secret in its address."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts import ratelimit
from enfance.famille.agenda import find_responsable, load_agenda

# A phone and a computer ask every quarter of an hour; what is limited is a reader that has lost its mind.
BY_FEED = ("60/h",)
UNKNOWN_BY_ADDRESS = "60/h"


@login_not_required
@require_safe
@gzip_page
def agenda(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar feed (iCalendar) of the adult to whom this secret belongs; 304 without content for a program that
    has it already, 429 for one that asks too often, 404 for an unknown secret.
    """
    responsable = find_responsable(secret)
    if responsable is None:
        wait = ratelimit.wait_for_address(request, "agenda", UNKNOWN_BY_ADDRESS)
        if wait:
            return too_often(wait)
        raise Http404
    wait = ratelimit.wait_for_key(request, "agenda", str(responsable.pk), BY_FEED)
    if wait:
        return too_often(wait)
    agenda = load_agenda(responsable, today=timezone.localdate())
    response = get_conditional_response(request, etag=agenda.etag) or HttpResponse(
        b"" if request.method == "HEAD" else agenda.to_ical(),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'inline; filename="garderie.ics"'},
    )
    response.headers["ETag"] = agenda.etag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def too_often(wait: int) -> HttpResponse:
    """The answer 429 to a program that asks for a calendar too often: one line of text, and in how many seconds
    (`wait`) it may come back.
    """
    return HttpResponse(
        "Trop de demandes.\n", status=429, content_type="text/plain; charset=utf-8", headers={"Retry-After": str(wait)}
    )
