"""An agent's password once more, before what their open window must not do alone (ADM-05)."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts import journal, ratelimit, sessions
from accounts.forms import PresentPasswordForm
from accounts.homes import home_of
from accounts.models import User
from accounts.pauses import too_many_passwords


def password_asked(request: HttpRequest, *, back: str = "") -> HttpResponse | None:
    """The answer that asks an agent's password again (ADM-05); None when it was typed less than a quarter of an hour
    ago, or when the form that was sent, without `back`, holds the right one.

    For a page that is only looked at, the answer leads to the page `confirm`, and from there back. A form that was sent
    is kept as it is in the page that asks, and sent again from there, so nothing chosen is lost. With `back`, an
    address, the agent goes there in any case: who downloads a file stays on the page that stood before, which must not
    be the one that asks for the password.
    """
    if sessions.is_fresh(request.session, now=timezone.now()):
        return None
    if back or request.method != "POST":
        return redirect(reverse("accounts:confirm", query={"next": back or request.get_full_path()}))
    form = PresentPasswordForm(request.POST if "password" in request.POST else None, user=cast(User, request.user))
    sent = [(name, value) for name, values in request.POST.lists() for value in values]
    kept = [(name, value) for name, value in sent if name not in {"csrfmiddlewaretoken", "password"}]
    return page_of_confirmation(request, form, request.get_full_path(), kept)


def page_of_confirmation(
    request: HttpRequest, form: PresentPasswordForm, address: str, kept: list[tuple[str, str]]
) -> HttpResponse | None:
    """The page that asks an agent's password again, whose form is sent to `address` with the hidden fields `kept`, or
    the answer to too many tries; None once the password given is the right one."""
    if form.is_bound:
        if answer := too_many_passwords(request):
            return answer
        if is_confirmed(request, form):
            return None
    context = {"form": form, "address": address, "kept": kept, "home": home_of(form.user)}
    return render(request, "accounts/confirm.html", context)


def is_confirmed(request: HttpRequest, form: PresentPasswordForm) -> bool:
    """Whether this form holds the password of the agent who is logged in; the session is then confirmed, so that it is
    not asked again for a quarter of an hour, and the tries that were counted are forgotten. The journal is told either
    way."""
    confirmed = form.is_valid()
    if confirmed:
        sessions.confirm(request.session, now=timezone.now())
        ratelimit.forget("account", str(request.user.pk), ratelimit.CHANGE_BY_ACCOUNT)  # asked often, and rightly
    journal.event("identity_confirmed", result="ok" if confirmed else "refused", user=request.user.pk, request=request)
    return confirmed
