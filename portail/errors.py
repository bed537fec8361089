"""Error pages: they say what to do, and nothing of what happened inside (LOG-04)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string

from accounts.models import User
from accounts.views import home_of
from portail.context import commune


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open for too long, or did not come from this site."""
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", {"home": _home(request)}, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", {"home": _home(request)}, status=404)


def _home(request: HttpRequest) -> str:
    """The reader's own first page."""
    user = getattr(request, "user", None)  # an answer may come before anybody is known
    return home_of(user) if isinstance(user, User) else resolve_url(settings.LOGIN_REDIRECT_URL)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: its session and its user may be what cannot be read any more."""
    return HttpResponseServerError(render_to_string("500.html", commune(None)))
