"""Parents to call back: all those who wait, each answered in one click, or with another day."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.log import log_change
from enfance.mairie.familles.rappels import load_rappels, repondre
from portail.dates import jour_long
from portail.formulaires import WholeForm
from portail.francais import NBSP
from portail.vues import PAGE


class RappelFaitForm(WholeForm):
    """The request that a button answers: today, or on this day."""

    demande = forms.IntegerField(min_value=1, max_value=2**62)
    aujourdhui = forms.BooleanField(required=False)
    jour = forms.DateField(required=False, input_formats=["%Y-%m-%d", "%d/%m/%Y"])


@staff_page("enfance.view_enfant", "enfance.view_demanderappel")
@require_http_methods(PAGE)
def rappels(request: HttpRequest) -> HttpResponse:
    """The page of the parents who wait for a call of the town hall; a button notes that one was called, today or on
    another day. Raises PermissionDenied for the button without the right to change these requests.
    """
    if request.method == "POST":
        if not request.user.has_perm("enfance.change_demanderappel"):
            raise PermissionDenied
        _answer(request, RappelFaitForm(request.POST))
        return HttpResponseRedirect(reverse("admin:enfance_enfant_rappels"))
    context = {"titre": "Parents à rappeler", "rappels": load_rappels(), "aujourdhui": timezone.localdate()}
    return render(request, "mairie/familles/rappels.html", context)


def _answer(request: HttpRequest, form: RappelFaitForm) -> None:
    """Note the call, and keep who did it."""
    if not form.is_valid() or not (form.cleaned_data["aujourdhui"] or form.cleaned_data["jour"]):
        messages.warning(request, f"Choisissez le jour de l’appel{NBSP}: rien n’a changé.")
        return
    jour = None if form.cleaned_data["aujourdhui"] else form.cleaned_data["jour"]
    with transaction.atomic():
        demande = repondre(form.cleaned_data["demande"], agent_of(request), jour, now=timezone.now())
        if demande and demande.rappele_le:
            phrase = f"{demande.demandee_par.get_full_name()}, rappelé le {jour_long(demande.rappele_le)}."
            log_change(request, demande.enfant, f"Demande de rappel{NBSP}: {phrase}")
    if demande:
        messages.success(request, phrase)
    else:
        messages.warning(
            request,
            "Cette demande a déjà sa réponse, ou le parent l’a retirée, ou ce jour n’est pas entre la demande et "
            f"aujourd’hui{NBSP}: rien n’a changé.",
        )
