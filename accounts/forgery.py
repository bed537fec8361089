"""Whether a form is the site's own, asked before Django asks it: what is kept of a form must not be a stranger's."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware


def is_ours(request: HttpRequest) -> bool:
    """Whether this POST comes from a form of this site: its CSRF token is right. Reads no session and no database."""
    check = _Check(_nothing)
    check.process_request(request)
    return check.process_view(request, _nothing, (), {}) is None


class _Check(CsrfViewMiddleware):
    """Django's own, whose refusal is a word rather than a page that reads the session."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def _nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()
