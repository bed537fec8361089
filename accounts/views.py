"""The pages by which people come in, and their own account."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts import (
    addresses,
    attempts,
    devices,
    journal,
    logins,
    passwords,
    ratelimit,
    recovery_codes,
    second_factor,
    sessions,
    tasks,
    temporary,
)
from accounts.confirmation import page_of_confirmation
from accounts.devices import Kind
from accounts.forms import (
    ChangePasswordForm,
    ForgotForm,
    IdentifiantForgottenForm,
    LoginForm,
    NewPasswordForm,
    PresentPasswordForm,
)
from accounts.homes import home_of, next_of, onward
from accounts.identifiants import as_query, canonical, in_address, looks_like_email
from accounts.languages import TRANSLATIONS
from accounts.models import User
from accounts.own_password import account_context, change_password
from accounts.pauses import too_many_attempts
from portail.vues import PAGE

UNKNOWN = "inconnu"  # one bucket for all that no identifiant can be (AUT-10)
KEPT_FOR_COLLEAGUES = "gardes"  # in the form of the way out (deconnexion.js)
OUT = "sortie"  # in the address of the login page: who comes there has just logged out


@login_not_required
@sensitive_post_parameters("password")
@sensitive_variables("password", "form")
@require_http_methods(PAGE)
def login(request: HttpRequest) -> HttpResponse:
    """The login page: checks identifiant and password, or a temporary password, which leads to the page that chooses
    one; 429 after too many tries. Whoever is logged in is sent to their home."""
    if request.user.is_authenticated:
        return redirect(home_of(request.user))
    filled = request.session.pop(sessions.IDENTIFIANT, "") or in_address(request.GET)
    form = LoginForm(request.POST if request.method == "POST" else None, identifiant=filled)
    if form.is_valid():
        now = timezone.now()
        identifiant, password = form.cleaned_data["identifiant"], form.cleaned_data["password"]
        attempt = attempts.begin(request, identifiant, now=now)
        with attempts.given_back_on_fault(attempt):
            user = None if attempt.wait else auth.authenticate(request, identifiant=identifiant, password=password)
            if user is not None:
                response = redirect(onward(request, user))
                logins.log_in(request, response, user, attempt, now=now, remember=form.cleaned_data["souvenir"])
                journal.event("login", user=user.pk, request=request)
                return response
            # Asked even in a pause: whoever is locked out by somebody else's tries gets in by mail (TMP-14).
            examined = attempts.may_examine(request, attempt, password)
            accepted = temporary.accept(identifiant, password, now=now) if examined else None
            if accepted is not None:
                sessions.start_restricted(request, accepted.pk, now=now)
                addresses.prove(accepted.user, password, now=now)
                journal.event("temporary_password_accepted", user=accepted.user_id, request=request)
                return redirect("accounts:new_password")
        attempts.fail(request, attempt)
        key = attempt.identifiant or UNKNOWN
        if attempt.wait:
            journal.event("limit_reached", result="refused", request=request, page="login", identifiant=key)
            return too_many_attempts(request, attempt.wait, by_mail=True)
        journal.event("login", result="refused", request=request, identifiant=key)
        form.refuse()
    notice = request.session.pop(sessions.NOTICE, "out" if OUT in request.GET else "")
    if notice == "changed":
        form.fields["password"].widget.attrs["aria-describedby"] = "resultat obligatoires"
    context = {
        "form": form,
        "notice": notice,
        "kept": sessions.count_kept(request.session, now=timezone.now()),
        "next": next_of(request),
        "languages": TRANSLATIONS,
    }
    return _silent(request, render(request, "accounts/login.html", context))


def _silent(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The same page. Where its address gives an identifiant, no request that comes from it says that address: a server
    in front, which writes down who failed and from which page, has none (HDR-08)."""
    if request.GET:
        response.headers["Referrer-Policy"] = "strict-origin"  # with « no-referrer », its forms would have no origin
    return response


@login_not_required
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Log out and erase what the portal keeps on the browser, but the cookie `connu`, which opens nothing: without it,
    a stranger's tries could keep out who has just logged out. The session's own cookie goes with the session (SES-03):
    the address says that it is done.

    What waits on a shared phone for another agent stays there, for they have no other way to send it; the page, which
    says so, has erased the rest. No page of a family keeps any.
    """
    family = request.user.is_authenticated and not request.user.is_staff
    kept = KEPT_FOR_COLLEAGUES in request.POST and not family
    if request.user.is_authenticated:
        journal.event("logout", user=request.user.pk, request=request)
    auth.logout(request)
    response = HttpResponseRedirect(reverse("accounts:login", query={OUT: "1"}))
    second_factor.forget_device(request, response)
    response.delete_cookie(settings.CSRF_COOKIE_NAME, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache"' if kept else '"cache", "storage"'
    return response


@login_not_required
@require_http_methods(PAGE)
def forgot(request: HttpRequest) -> HttpResponse:
    """The page of a forgotten password. It enqueues the request and looks no account up: the same answer in the same
    time for everybody (TMP-10). Asked too often for one number, nothing is sent and nothing shows it; too often from
    one network address, 429."""
    form = ForgotForm(request.POST if request.method == "POST" else None, identifiant=in_address(request.GET))
    if form.is_valid():
        typed = form.cleaned_data["identifiant"]
        identifiant = canonical(typed)
        key = identifiant or UNKNOWN
        wait = ratelimit.wait_for_address(request, "forgot", ratelimit.REQUEST_BY_ADDRESS)
        if wait:
            journal.event("limit_reached", result="refused", request=request, page="forgot", identifiant=key)
            return too_many_attempts(request, wait)
        # Asked too often, the last mail stays good: nothing is sent, and nothing shows it (LIM-02).
        throttled = identifiant and ratelimit.wait_for_key(request, "forgot", identifiant, ratelimit.REQUEST_BY_KEY)
        passwords.request_temporary_password("" if throttled else typed)
        journal.event("forgot_asked", result="throttled" if throttled else "ok", request=request, identifiant=key)
        return _answer(request, "accounts:forgot_done", typed)
    return _silent(request, render(request, "accounts/forgot.html", {"form": form}))


@login_not_required
@require_http_methods(["GET", "HEAD"])
def forgot_done(request: HttpRequest) -> HttpResponse:
    """The page that follows the request for a temporary password: the same whether the account exists or not."""
    typed = request.session.get("typed")
    if typed is None:
        return redirect("accounts:forgot")
    context = {"typed": typed, "typed_email": looks_like_email(typed), "query": as_query(typed)}
    return render(request, "accounts/forgot_done.html", context)


@login_not_required
@require_http_methods(PAGE)
def identifiant_forgotten(request: HttpRequest) -> HttpResponse:
    """The page of a forgotten identifiant: asks the worker to mail the identifiants of an address; the same answer for
    any address, also when it was asked too often and nothing is sent; 429 after too many tries from one network
    address."""
    form = IdentifiantForgottenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        email = form.cleaned_data["email"]
        wait = ratelimit.wait_for_address(request, "identifiant", ratelimit.REQUEST_BY_ADDRESS)
        if wait:
            journal.event("limit_reached", result="refused", request=request, page="identifiant_forgotten")
            return too_many_attempts(request, wait)
        throttled = ratelimit.wait_for_key(request, "identifiant", email.casefold(), ratelimit.REQUEST_BY_KEY)
        tasks.send_identifiants.enqueue("" if throttled else email)
        journal.event("identifiants_asked", result="throttled" if throttled else "ok", request=request)
        return _answer(request, "accounts:identifiant_forgotten_done", email)
    return render(request, "accounts/identifiant_forgotten.html", {"form": form})


@login_not_required
@require_http_methods(["GET", "HEAD"])
def identifiant_forgotten_done(request: HttpRequest) -> HttpResponse:
    """The page that follows the request for the identifiants of an address: the same whether the address is known or
    not."""
    typed = request.session.get("typed")
    if typed is None:
        return redirect("accounts:identifiant_forgotten")
    return render(request, "accounts/identifiant_forgotten_done.html", {"typed": typed})


def _answer(request: HttpRequest, page: str, typed: str) -> HttpResponse:
    """What was typed goes by the session, never by the address (HDR-08)."""
    request.session["typed"] = typed[:100]
    if not request.user.is_authenticated:
        request.session.set_expiry(settings.SESSION_RESTRICTED)
    return redirect(page)


@login_not_required
@sensitive_post_parameters("new_password1", "new_password2")
@sensitive_variables("form")
@require_http_methods(PAGE)
def new_password(request: HttpRequest) -> HttpResponse:
    """The page where a password is chosen, the only one that a temporary password opens. The user stays anonymous
    (TMP-04), and logs in afterwards on the login page."""
    now = timezone.now()
    if sessions.RESTRICTED not in request.session:
        return redirect("accounts:login")
    pk = sessions.restricted_to(request.session, now=now)
    if pk is None:
        sessions.end_with_notice(request, "ended")
        return redirect("accounts:login")
    live = temporary.find_live(pk, now=now)
    if live is None:
        return _no_longer_serves(request)
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=live.user)
    if not form.is_bound:
        form.fields["new_password1"].widget.attrs["autofocus"] = True
    if request.method == "POST":
        wait = ratelimit.wait_for_key(request, "new_password", str(pk), ratelimit.CHANGE_BY_ACCOUNT)
        if wait:
            journal.event("limit_reached", result="refused", user=live.user_id, request=request, page="new_password")
            return too_many_attempts(request, wait)
        if form.is_valid():
            user = passwords.change_with_temporary(pk, form.cleaned_data["new_password1"], now=now)
            if user is None:
                return _no_longer_serves(request)
            ratelimit.forget("login", user.identifiant, ratelimit.LOGIN_BY_IDENTIFIANT)
            journal.event("password_changed", user=user.pk, request=request, by="temporary")
            sessions.end_with_notice(request, "changed")
            request.session[sessions.IDENTIFIANT] = user.identifiant
            response = redirect("accounts:login")
            devices.remember(request, response, Kind.KNOWN, user, now=now)  # and no stranger's tries stop its login
            return response
    return render(request, "accounts/new_password.html", {"form": form, "identifiant": live.user.identifiant})


def _no_longer_serves(request: HttpRequest) -> HttpResponse:
    """It served in another window, another one was sent, or 24 hours went by meanwhile."""
    request.session.flush()
    return render(request, "accounts/new_password_expired.html")


@sensitive_post_parameters("password", "new_password1", "new_password2")
@sensitive_variables("form")
@require_http_methods(PAGE)
def account(request: HttpRequest) -> HttpResponse:
    """The page of an agent's own account, where the password is changed: a family has another page for it."""
    form = ChangePasswordForm(request.POST if request.method == "POST" else None, user=cast(User, request.user))
    answer = change_password(request, form) if request.method == "POST" else None
    context = account_context(form) | {
        "home": home_of(form.user),
        "codes_left": recovery_codes.left(form.user) if form.user.is_staff else None,
    }
    return answer or render(request, "accounts/account.html", context)


@sensitive_post_parameters("password")
@sensitive_variables("form")
@require_http_methods(PAGE)
def confirm(request: HttpRequest) -> HttpResponse:
    """The page that asks an agent's password again, before what an open window left alone must not do (ADM-05); then it
    leads back to where the agent was. 403 for a family."""
    if not request.user.is_staff:
        raise PermissionDenied
    user, address = request.user, next_of(request)
    form = PresentPasswordForm(request.POST if request.method == "POST" else None, user=user)
    kept = [("next", address)] if address else []
    page = page_of_confirmation(request, form, reverse("accounts:confirm"), kept)
    return page or redirect(onward(request, user))
