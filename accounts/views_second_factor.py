"""The pages of an agent's second factor (ADM-01): show it, enrol a phone, draw new recovery codes."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts import journal, qr, ratelimit, recovery_codes, tasks
from accounts import second_factor as factor
from accounts.decorators import before_second_factor
from accounts.forms import CodeForm, PresentPasswordForm, RecoveryCodeForm
from accounts.homes import home_of, next_of, onward
from accounts.models import User
from accounts.pauses import too_many_attempts, too_many_passwords
from portail.vues import PAGE

LONG_PAUSE = 30  # seconds: a shorter one is over when the phone shows its next code


def for_staff(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view for agents alone: 403 for a family."""

    @wraps(view)
    def wrapper(request: HttpRequest) -> HttpResponse:
        if not request.user.is_staff:
            raise PermissionDenied
        return view(request)

    return wrapper


@before_second_factor
@for_staff
@sensitive_post_parameters("code", "secours")
@sensitive_variables("phone", "paper", "form")
@require_http_methods(PAGE)
def second_factor(request: HttpRequest) -> HttpResponse:
    """The page, after the password, where an agent shows the second factor: the code of the phone, or a recovery code
    on paper. On to the enrolment when no phone is enrolled; 429 after too many tries."""
    user, now = cast(User, request.user), timezone.now()
    if factor.is_verified(request):
        return redirect(onward(request, user))
    if factor.find_device(user) is None:
        return redirect(reverse("accounts:second_factor_enrolment", query=_onward(request)))
    on_paper = "secours" in request.POST
    phone = CodeForm(request.POST if request.method == "POST" and not on_paper else None)
    paper = RecoveryCodeForm(request.POST if on_paper else None)
    form: CodeForm | RecoveryCodeForm = paper if on_paper else phone
    if form.is_valid():
        if answer := _too_many_codes(request, user, now):
            return answer
        if on_paper and recovery_codes.use(user, form.typed, now=now):
            _verified(request, user, how="recovery_code")
            context = {"codes_left": recovery_codes.left(user), "next": onward(request, user)}
            return render(request, "accounts/second_factor_recovered.html", context)
        if not on_paper and factor.accepts(user, form.typed):
            _verified(request, user, how="phone")
            response = redirect(onward(request, user))
            factor.remember_device(request, response, user, now=now)
            return response
        _refused(request, user, form, how="recovery_code" if on_paper else "phone")
    context = {"phone": phone, "paper": paper, "form": form, "next": next_of(request)}
    return render(request, "accounts/second_factor.html", context)


@before_second_factor
@for_staff
@sensitive_post_parameters("code")
@sensitive_variables()
@require_http_methods(PAGE)
def enrolment(request: HttpRequest) -> HttpResponse:
    """The page where an agent enrols a phone, which nobody may skip at the first login: the phone reads a key, and
    proves it by a code. The recovery codes are then shown, by this answer and never again."""
    user, now = cast(User, request.user), timezone.now()
    if factor.is_verified(request) or factor.find_device(user):
        return redirect(reverse("accounts:second_factor", query=_onward(request)))
    device = factor.pending_device(request, user)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if answer := _too_many_codes(request, user, now):
            return answer
        codes = factor.enrol(device, form.typed, now=now)
        if codes:
            _verified(request, user, how="enrolment")
            response = _show_codes(request, codes, enrolled=True)
            factor.remember_device(request, response, user, now=now)
            return response
        _refused(request, user, form, how="enrolment")
    key = b32encode(device.bin_key).decode()
    context = {
        "form": form,
        "next": next_of(request),
        "qr": qr.draw(device.config_url),
        "key": " ".join(key[start : start + 4] for start in range(0, len(key), 4)),
    }
    return render(request, "accounts/second_factor_enrolment.html", context)


@for_staff
@sensitive_post_parameters("password")
@sensitive_variables("form", "codes")
@require_http_methods(PAGE)
def new_recovery_codes(request: HttpRequest) -> HttpResponse:
    """The page where an agent, with the password, draws ten new recovery codes: those drawn before no longer serve."""
    user, now = cast(User, request.user), timezone.now()
    form = PresentPasswordForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST":
        if answer := too_many_passwords(request):
            return answer
        if form.is_valid():
            codes = recovery_codes.draw(user, now=now)
            tasks.send_second_factor_notice.enqueue(user.pk, "renewed", now.isoformat())
            journal.event("recovery_codes_renewed", user=user.pk, request=request)
            return _show_codes(request, codes, enrolled=False)
        journal.event("recovery_codes_renewed", result="refused", user=user.pk, request=request)
    context = {"form": form, "home": home_of(user), "codes_left": recovery_codes.left(user)}
    return render(request, "accounts/recovery_codes.html", context)


@sensitive_variables("codes")
def _show_codes(request: HttpRequest, codes: list[str], *, enrolled: bool) -> HttpResponse:
    """In the answer itself: kept nowhere, not even in the session, they cannot be shown twice."""
    home = home_of(cast(User, request.user)) if enrolled else reverse("accounts:account")
    context = {"codes": codes, "enrolled": enrolled, "next": next_of(request) or home}
    return render(request, "accounts/second_factor_codes.html", context)


def _onward(request: HttpRequest) -> dict[str, str] | None:
    """The page asked for, carried from one page of the factor to the other."""
    address = next_of(request)
    return {"next": address} if address else None


def _too_many_codes(request: HttpRequest, user: User, now: datetime) -> HttpResponse | None:
    """Count one try, of the phone or on paper (LIM-11); an answer when there were too many."""
    wait = ratelimit.wait_for_key(request, "second_factor", str(user.pk), ratelimit.FACTOR_BY_ACCOUNT)
    pause = factor.pause(user, now=now) if "code" in request.POST else 0
    if not wait and pause <= LONG_PAUSE:
        return None
    journal.event("limit_reached", result="refused", user=user.pk, request=request, page="second_factor")
    return too_many_attempts(request, max(wait, pause))


def _verified(request: HttpRequest, user: User, *, how: str) -> None:
    ratelimit.forget("second_factor", str(user.pk), ratelimit.FACTOR_BY_ACCOUNT)
    factor.verify_session(request)
    journal.event("second_factor", user=user.pk, request=request, how=how)


@sensitive_variables("form")
def _refused(request: HttpRequest, user: User, form: CodeForm | RecoveryCodeForm, *, how: str) -> None:
    journal.event("second_factor", result="refused", user=user.pk, request=request, how=how)
    form.refuse()
