"""Persons to check before they may fetch a child: all those that wait, answered in one click."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.views import RedirectURLMixin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.log import log_change
from enfance.famille.homonymes import admettre, refuser
from enfance.mairie.bureau import personnes_a_verifier
from enfance.mairie.enfants.demandes import load_a_verifier
from portail.francais import NBSP
from portail.vues import PAGE


class ReponseForm(forms.Form):
    """The request that a button answers."""

    admettre = forms.IntegerField(min_value=1, max_value=2**62, required=False)
    refuser = forms.IntegerField(min_value=1, max_value=2**62, required=False)


@staff_page("enfance.view_enfant", "enfance.view_personneautorisee")
@require_http_methods(PAGE)
def demandes(request: HttpRequest) -> HttpResponse:
    """The page of the persons to check before they may fetch a child, whom parents asked to add: those not answered
    yet. A button lets one in or refuses it, then leads back to the page where it was pressed. Raises PermissionDenied
    for the buttons without the right to add authorised persons.
    """
    if request.method == "POST":
        if not request.user.has_perm("enfance.add_personneautorisee"):  # who adds an authorised person says who is one
            raise PermissionDenied
        _answer(request, ReponseForm(request.POST))
        retour = RedirectURLMixin().get_redirect_url(request)
        return HttpResponseRedirect(retour or reverse("admin:enfance_enfant_demandes"))
    lues = personnes_a_verifier().select_related("enfant", "demandee_par")
    context = {"titre": "Personnes à vérifier", "a_verifier": load_a_verifier(lues)}
    return render(request, "mairie/enfants/demandes.html", context)


def _answer(request: HttpRequest, form: ReponseForm) -> None:
    """Let this person in, or refuse it, and keep who did it."""
    asked = form.cleaned_data if form.is_valid() else {}
    demande, now, agent = None, timezone.now(), agent_of(request)
    with transaction.atomic():
        if pk := asked.get("admettre"):
            demande = admettre(pk, agent, now=now)
            verbe = "peut venir chercher"
        elif pk := asked.get("refuser"):
            demande = refuser(pk, agent, now=now)
            verbe = "reste sans autorisation de venir chercher"
        if demande:
            phrase = f"{demande.dit} {verbe} {demande.enfant.prenom}."
            log_change(request, demande.enfant, f"Personne à vérifier{NBSP}: {phrase}")
    if demande:
        messages.success(request, phrase)
    else:
        messages.warning(request, f"Cette demande a déjà sa réponse{NBSP}: rien n’a changé.")
