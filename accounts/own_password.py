"""One's own password, changed on the page of one's account: a family's, or an agent's."""

from __future__ import annotations

from typing import Any

from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import devices, journal, passwords
from accounts.devices import Kind
from accounts.forms import ChangePasswordForm
from accounts.pauses import too_many_passwords
from portail.dates import jour_annee


def account_context(form: ChangePasswordForm) -> dict[str, Any]:
    """The template context of every page of an account about its password: the form, and the day of the last change in
    words, empty when there was none."""
    changed_at = form.user.password_changed_at
    changed_on = timezone.localdate(changed_at) if changed_at else None
    return {
        "form": form,
        "onglet": "compte",
        "changed_on": jour_annee(changed_on) if changed_on else "",
    }


@sensitive_variables("form")
def change_password(request: HttpRequest, form: ChangePasswordForm) -> HttpResponse | None:
    """Change the password of the account with this form, log out its other devices, and answer by the page of the
    account; None when the form has to be shown again with its errors. Too many tries have an answer of their own."""
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
