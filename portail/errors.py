"""Error pages: they say what to do, and nothing of what happened inside (LOG-04)."""

import sys

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string

from accounts.forgery import is_ours
from accounts.homes import home_of
from accounts.models import User
from accounts.sessions import KEPT_MAX, holds_secret
from portail.context import commune
from portail.pannes import panne_of

RETRY_AFTER = 30  # seconds: a lock is gone by then


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page 403 of a form that was open for too long, or that did not come from this site."""
    return render(request, "403_csrf.html", {"home": _home(request)}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page 400; the page 503 when the cause is a session that the database could not write."""
    if panne_of(exception):
        return unavailable(request)
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page 403, with a link to the reader's own first page."""
    return render(request, "403.html", {"home": _home(request)}, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page 404, with a link to the reader's own first page."""
    return render(request, "404.html", {"home": _home(request)}, status=404)


def _home(request: HttpRequest) -> str:
    """The address of the reader's first page: the town hall's for an agent, else the family's."""
    user = getattr(request, "user", None)  # an answer may come before anybody is known
    return home_of(user) if isinstance(user, User) else resolve_url(settings.LOGIN_REDIRECT_URL)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page 500, drawn without session nor user, which may be what cannot be read; the page 503 when the machine is
    at fault."""
    if panne_of(sys.exception()):
        return unavailable(request)
    return HttpResponseServerError(render_to_string("500.html", commune(None)), headers={"Cache-Control": "no-store"})


def unavailable(request: HttpRequest) -> HttpResponse:
    """The page 503: the machine is at fault, the same request will do in a moment. A form that was sent is in the page,
    ready to be sent again (REL-03). Drawn without session nor user, which may be what cannot be read."""
    fields, lost = _kept(request)
    context = commune(None) | {
        "address": request.get_full_path(),
        "fields": fields,
        "held": any(name != "csrfmiddlewaretoken" for name, _ in fields or ()),
        "lost": lost,
    }
    headers = {"Retry-After": RETRY_AFTER, "Cache-Control": "no-store"}
    return HttpResponse(render_to_string("503.html", context), status=503, headers=headers)


def _kept(request: HttpRequest) -> tuple[list[tuple[str, str]] | None, str]:
    """The fields that a form sent; or None, and why a page may not hold them: « secret », « file », « form ». A form
    that came from elsewhere is not to be sent by a click of ours."""
    if request.method != "POST":
        return None, ""
    if holds_secret(request.POST):
        return None, "secret"
    if request.FILES:
        return None, "file"
    if not is_ours(request) or len(request.POST.urlencode()) > KEPT_MAX:
        return None, "form"
    return [(name, value) for name, values in request.POST.lists() for value in values], ""
