"""The pages by which people come in, and their own account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
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
from accounts.devices import Kind
from accounts.forms import (
    ChangePasswordForm,
    ForgotForm,
    IdentifiantForgottenForm,
    LoginForm,
    NewPasswordForm,
    PresentPasswordForm,
)
from accounts.identifiants import as_query, canonical, in_address, looks_like_email
from accounts.languages import TRANSLATIONS
from accounts.models import User
from portail.dates import heure_texte, jour_annee, jour_long

UNKNOWN = "inconnu"  # one bucket for all that no identifiant can be (AUT-10)
PAGE = ["GET", "HEAD", "POST"]
KEPT_FOR_COLLEAGUES = "gardes"  # in the form of the way out (deconnexion.js)
OUT = "sortie"  # in the address of the login page: who comes there has just logged out


def home_of(user: User) -> str:
    """Where somebody who just logged in goes; an agent, to the page of what their rights are for."""
    if not user.is_staff:
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    homes = (address for right, address in settings.STAFF_HOMES.items() if user.has_perm(right))
    return resolve_url(next(homes, "accounts:account"))


def onward(request: HttpRequest, user: User) -> str:
    """The page asked for before the login came between, else theirs. The parents' home, which is the site's own
    address, is nobody's choice among agents."""
    address = next_of(request)
    if user.is_staff and address == resolve_url(settings.LOGIN_REDIRECT_URL):
        address = ""
    return address or home_of(user)


@login_not_required
@sensitive_post_parameters("password")
@sensitive_variables("password", "form")
@require_http_methods(PAGE)
def login(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(home_of(request.user))
    filled = request.session.pop(sessions.IDENTIFIANT, "") or in_address(request.GET)
    form = LoginForm(request.POST if request.method == "POST" else None, identifiant=filled)
    if form.is_valid():
        now = timezone.now()
        identifiant, password = form.cleaned_data["identifiant"], form.cleaned_data["password"]
        attempt = attempts.begin(request, identifiant, now=now)
        with attempts.answered(attempt):
            user = None if attempt.wait else auth.authenticate(request, identifiant=identifiant, password=password)
            if user is not None:
                response = redirect(onward(request, user))
                logins.come_in(request, response, user, attempt, now=now, remember=form.cleaned_data["souvenir"])
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


def next_of(request: HttpRequest) -> str:
    """The page asked for before the login page came between; never one of another host (SES-07)."""
    address = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if safe and "/" in address else ""  # a bare word would be taken for the name of a page


@login_not_required
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Leaves nothing on the browser but `connu`, which opens nothing: without it, a stranger's tries could keep out who
    has just logged out. The session's own cookie goes with the session (SES-03): the address says that it is done.

    What waits on a shared phone for another agent stays there, for they have no other way to send it; the page, which
    says so, has erased the rest. No page of a family keeps any."""
    family = request.user.is_authenticated and not cast(User, request.user).is_staff
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
    """Writes the request down and looks nothing up: the same answer in the same time for everybody (TMP-10)."""
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
    typed = request.session.get("typed")
    if typed is None:
        return redirect("accounts:forgot")
    context = {"typed": typed, "typed_email": looks_like_email(typed), "query": as_query(typed)}
    return render(request, "accounts/forgot_done.html", context)


@login_not_required
@require_http_methods(PAGE)
def identifiant_forgotten(request: HttpRequest) -> HttpResponse:
    """Asks the worker for the identifiants of an address; the same answer for any address, and limits on tries."""
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
    """The only page that a temporary password opens. The user stays anonymous (TMP-04)."""
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
    """The account of whoever has no page of their own for it: agents."""
    form = ChangePasswordForm(request.POST if request.method == "POST" else None, user=cast(User, request.user))
    answer = change_password(request, form) if request.method == "POST" else None
    context = account_context(form) | {
        "home": home_of(form.user),
        "codes_left": recovery_codes.left(form.user) if form.user.is_staff else None,
    }
    return answer or render(request, "accounts/account.html", context)


def account_context(form: ChangePasswordForm) -> dict[str, Any]:
    """What every page of an account says of its password."""
    changed_at = form.user.password_changed_at
    changed_on = timezone.localdate(changed_at) if changed_at else None
    return {
        "form": form,
        "onglet": "compte",
        "changed_on": jour_annee(changed_on) if changed_on else "",
    }


def wait_for_password(request: HttpRequest) -> int:
    """Count one try of the present password, whatever it is asked for: the seconds to wait, 0 when it may go on."""
    wait = ratelimit.wait_for_key(request, "account", str(request.user.pk), ratelimit.CHANGE_BY_ACCOUNT)
    if wait:
        journal.event("limit_reached", result="refused", user=request.user.pk, request=request, page="account")
    return wait


def too_many_passwords(request: HttpRequest) -> HttpResponse | None:
    """Count one try of the present password; an answer when there were too many."""
    wait = wait_for_password(request)
    return too_many_attempts(request, wait) if wait else None


@sensitive_variables("form")
def change_password(request: HttpRequest, form: ChangePasswordForm) -> HttpResponse | None:
    """Change it, and keep this session alone; None when the form has to be shown again."""
    if answer := too_many_passwords(request):
        return answer
    user = form.user
    if not form.is_valid():
        journal.event("password_changed", result="refused", user=user.pk, request=request, by="account")
        return None
    now = timezone.now()
    if not passwords.change(user, form.cleaned_data["new_password1"], now=now):
        form.refuse_present()
        return None
    auth.update_session_auth_hash(request, user)
    journal.event("password_changed", user=user.pk, request=request, by="account")
    messages.success(request, "Votre mot de passe est changé. Vos autres appareils sont déconnectés.")
    response = redirect("accounts:account")
    devices.remember(request, response, Kind.KNOWN, user, now=now)
    return response


@sensitive_post_parameters("password")
@sensitive_variables("form")
@require_http_methods(PAGE)
def confirm(request: HttpRequest) -> HttpResponse:
    """The password once more, before what an agent's open window must not do alone (ADM-05); then where they were."""
    if not request.user.is_staff:
        raise PermissionDenied
    user, address = cast(User, request.user), next_of(request)
    form = PresentPasswordForm(request.POST if request.method == "POST" else None, user=user)
    kept = [("next", address)] if address else []
    page = _page_of_confirmation(request, form, reverse("accounts:confirm"), kept)
    return page or redirect(onward(request, user))


def password_asked(request: HttpRequest, *, back: str = "") -> HttpResponse | None:
    """The answer that asks an agent's password again (ADM-05); None when it was typed a moment ago.

    A page that is only looked at is come back to from `confirm`. What a form sends waits in the page that asks, and
    goes on as it was sent: nothing chosen is lost. `back` is come back to in any case: who downloads a file stays on
    the page before it, which must not be the one that asks.
    """
    if sessions.is_fresh(request.session, now=timezone.now()):
        return None
    if back or request.method != "POST":
        return redirect(reverse("accounts:confirm", query={"next": back or request.get_full_path()}))
    form = PresentPasswordForm(request.POST if "password" in request.POST else None, user=cast(User, request.user))
    sent = [(name, value) for name, values in request.POST.lists() for value in values]
    kept = [(name, value) for name, value in sent if name not in {"csrfmiddlewaretoken", "password"}]
    return _page_of_confirmation(request, form, request.get_full_path(), kept)


def _page_of_confirmation(
    request: HttpRequest, form: PresentPasswordForm, address: str, kept: list[tuple[str, str]]
) -> HttpResponse | None:
    """The page that asks, sent to `address` with the fields `kept`; None once the password is the right one."""
    if form.is_bound:
        if answer := too_many_passwords(request):
            return answer
        if is_confirmed(request, form):
            return None
    context = {"form": form, "address": address, "kept": kept, "home": home_of(form.user)}
    return render(request, "accounts/confirm.html", context)


def is_confirmed(request: HttpRequest, form: PresentPasswordForm) -> bool:
    """Whether this is the password of who is logged in, which is then good for a quarter of an hour."""
    confirmed = form.is_valid()
    if confirmed:
        sessions.confirm(request.session, now=timezone.now())
        ratelimit.forget("account", str(request.user.pk), ratelimit.CHANGE_BY_ACCOUNT)  # asked often, and rightly
    journal.event("identity_confirmed", result="ok" if confirmed else "refused", user=request.user.pk, request=request)
    return confirmed


@login_not_required
def too_many_attempts(request: HttpRequest, wait: int, *, by_mail: bool = False) -> HttpResponse:
    """429, and when to come back: in seconds for programs, in words for people (LIM-07).

    `by_mail`: a temporary password still gets in meanwhile (TMP-14), so the page says so.
    """
    response = render(request, "429.html", {"fin_pause": end_of_pause(wait), "by_mail": by_mail}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response


def end_of_pause(wait: int) -> str:
    """When these seconds will be over, to the next full minute, Paris time: « 14 h 12 », « vendredi 4, 0 h 05 »."""
    now = timezone.localtime()
    end = now + timedelta(seconds=wait + 59)
    hour = heure_texte(end.time())
    return hour if end.date() == now.date() else f"{jour_long(end.date())}, {hour}"
