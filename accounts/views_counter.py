"""At the counter: a temporary password on paper, for whom no e-mail can reach (AUT-11, AUT-12)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts import agents, journal, passwords
from accounts.confirmation import password_asked
from accounts.decorators import agent_of, staff_page
from accounts.log import log_change
from accounts.models import StaffUser, User
from portail.vues import PAGE


class CounterForm(forms.Form):
    """What the agent says before anything is made. `after`: the account's last temporary password, so that the page
    makes one value however often it is sent."""

    identity = forms.BooleanField(
        label="J’ai vérifié l’identité de cette personne sur une pièce officielle",
        error_messages={"required": "Vérifiez d’abord l’identité, puis cochez la case."},
    )
    after = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**62)


@staff_page("accounts.print_temporarypassword")
@require_http_methods(PAGE)
@never_cache
def for_parent(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that prints a temporary password at the counter for a parent (key of the account) who has no e-mail
    address. The agent's password is asked, then whether the identity was checked; where none may be printed, the page
    says so."""
    return _counter(request, get_object_or_404(User.objects.filter(is_staff=False), pk=pk), "accounts_user")


@staff_page("accounts.add_staffuser")
@require_http_methods(PAGE)
@never_cache
def for_agent(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that prints a temporary password at the counter for a new agent (key of the account) who has no e-mail
    address and has not chosen a password yet. Asks what `for_parent` asks; 403 for whoever may not handle that agent.
    """
    agent = get_object_or_404(StaffUser, pk=pk)
    if not agents.may_handle(agent_of(request), agent):
        raise PermissionDenied
    return _counter(request, agent, "accounts_staffuser")


@sensitive_variables("issued", "value", "context")
def _counter(request: HttpRequest, user: User, model: str) -> HttpResponse:
    """Ask for the identity, then show a value once: by the answer that made it."""
    now = timezone.now()
    if passwords.may_be_printed(user) and (answer := password_asked(request)):
        return answer
    form = CounterForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {
        "titre": "Mot de passe au guichet",
        "account": user,
        "retour": reverse(f"admin:{model}_change", args=[user.pk]),
        "form": form,
        "possible": passwords.may_be_printed(user),
        "late": False,
        "adresse_site": settings.SITE_URL.partition("://")[2],
        "value": "",
    }
    if form.is_valid():
        issued = passwords.print_temporary_password(user, after=form.cleaned_data["after"], now=now)
        if issued is None:
            context["late"] = context["possible"]
        else:
            temporary, value = issued
            context |= {"value": value, "expires_at": temporary.expires_at, "titre": f"Pour {user.get_full_name()}"}
            log_change(request, user, "Identité vérifiée, mot de passe temporaire imprimé au guichet.")
            journal.event("temporary_password_printed", user=user.pk, by=agent_of(request).pk, request=request)
    if not context["value"] and (context["late"] or not form.is_bound):
        context["form"] = CounterForm(initial={"after": passwords.last_temporary(user)})
    return render(request, "mairie/guichet_mot_de_passe.html", context)
