"""What every request goes through: headers, unreadable input, the life of sessions, no copy kept by caches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions import middleware
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import BadRequest
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts import held_pages, second_factor, sessions
from portail.pannes import impatient, panne_of

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class SecurityHeadersMiddleware:
    """Above all others, so that errors and static files carry them too (HDR-03). Django sets the rest of them lower
    down, but not on what is answered before it."""

    headers = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    }

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        return response


class BadInputMiddleware:
    """What no form of ours sends is a 400, once for all views (VAL-08): NUL, which PostgreSQL refuses; lone
    surrogates, which no database stores. Reading the body here also brings forward what Django refuses itself."""

    unreadable = re.compile("[\0\ud800-\udfff]")
    longest = 10_500_000  # bytes: Django bounds the fields of a form, not the files beside them; two of 5 MB at most

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > self.longest:
            raise BadRequest("The body is too long.")
        try:
            texts = [request.path_info, *request.COOKIES.values(), *_texts(request.GET), *_texts(request.POST)]
        except UnreadablePostError:
            raise BadRequest("The body stopped half-way.") from None
        if self.unreadable.search("".join(texts)):
            raise BadRequest("NUL or a lone surrogate.")
        return self.get_response(request)


def _texts(data: Iterable[str]) -> Iterator[str]:
    for name, values in data.lists():  # type: ignore[attr-defined]
        yield name
        yield from values


class SessionMiddleware(middleware.SessionMiddleware):
    """Django's, which notes that a session is used. That note is not worth a page: what a full or locked database lets
    read is shown (REL-03), and a change that is saved is not told as one that is not."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Note that the session was used, unless the view is marked `renews_nothing` or the answer is an error 5xx,
        then save the session. When that note alone cannot be written, the page is answered all the same."""
        nothing_else = not request.session.modified
        # A page fetched by a script at regular times proves nobody's presence: `@renews_nothing`.
        proof = request.resolver_match and getattr(request.resolver_match.func, "renews_session", True)
        if proof and response.status_code < 500 and SESSION_KEY in request.session:
            sessions.touch(request.session, now=timezone.now())
            held_pages.drop_old(request.session, now=timezone.now())
        try:
            with impatient() if nothing_else and request.session.modified else nullcontext():
                return super().process_response(request, response)
        except (SessionInterrupted, DatabaseError) as error:
            if nothing_else and panne_of(error):
                return response
            raise


class SessionLifetimeMiddleware:
    """Ends the sessions that rested or lived too long, and says so on the login page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if SESSION_KEY in request.session:
            over = sessions.is_over(request.session, now=timezone.now())
            if over or not request.user.is_authenticated:  # the latter: password changed, account closed
                sessions.end_idle(request, now=timezone.now())
        return self.get_response(request)


class SecondFactorMiddleware:
    """An agent who has not shown the second factor gets no further than the page that asks for it (ADM-01): closed by
    default, as `LoginRequiredMiddleware` does for a login. `@before_second_factor` says otherwise."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase], view_args: object, view_kwargs: object
    ) -> HttpResponseBase | None:
        """Send an agent who has not shown the second factor to the page that asks for it; None lets the request go on,
        as for views that need no login or are marked `before_second_factor`."""
        free = not getattr(view_func, "login_required", True) or not getattr(view_func, "second_factor_required", True)
        if free or not request.user.is_staff or second_factor.is_verified(request):
            return None
        query = {"next": request.get_full_path()} if request.method in {"GET", "HEAD"} else None
        return redirect(reverse("accounts:second_factor", query=query))


class NoStoreMiddleware:
    """No browser nor proxy keeps a page: all of them depend on who asks (SES-05).

    A view may say otherwise: the calendar feed, which its reader keeps and asks about.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
