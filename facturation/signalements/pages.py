"""Errors that families told of their invoices: where to correct, what to answer; the answer is dated and mailed."""

from __future__ import annotations

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
from facturation.models import SignalementFacture
from facturation.signalements.ecriture import repondre_signalement
from facturation.signalements.forms import ReponseSignalementForm
from facturation.signalements.lecture import CHANGE, LISTE, VIEW, load_signalements_vus
from portail.francais import NBSP
from portail.vues import PAGE


def _empty(dit: SignalementFacture) -> ReponseSignalementForm:
    return ReponseSignalementForm(initial={"signalement": dit.pk}, auto_id=f"r{dit.pk}_%s")


@staff_page(VIEW, "enfance.view_enfant")
@require_http_methods(PAGE)
def signalements(request: HttpRequest) -> HttpResponse:
    """The town hall's page of errors that parents reported on invoices: those that wait, with where to correct, then
    the last answered. A POST, for who may answer, writes an answer and comes back to the page.
    """
    form = None
    if request.method == "POST":
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        form = ReponseSignalementForm(request.POST, auto_id=f"r{request.POST.get('signalement', '')}_%s")
        if form.is_valid():
            _answer(request, form.cleaned_data["signalement"], form.cleaned_data["reponse"])
            return HttpResponseRedirect(reverse(LISTE), status=303)
    vus = load_signalements_vus(timezone.localdate())
    context = {
        "titre": "Erreurs signalées",
        "vus": vus,
        "attendent": [(vu, form if form and form.is_about(vu.dit) else _empty(vu.dit)) for vu in vus.attendent],
        "refus": [str(phrase) for erreurs in form.errors.values() for phrase in erreurs] if form else [],
    }
    return render(request, "facturation/signalements/signalements.html", context)


def _answer(request: HttpRequest, pk: int, texte: str) -> None:
    """Write the answer, keep who gave it."""
    with transaction.atomic():
        repondu = repondre_signalement(pk, texte, par=agent_of(request).pk, now=timezone.now())
        if repondu:
            log_change(request, repondu, f"Erreur signalée sur {repondu.facture}{NBSP}: réponse donnée.")
    if repondu:
        messages.success(request, "La réponse est enregistrée. La famille la lit sur sa facture et par e-mail.")
    else:
        messages.warning(request, f"Ce signalement a déjà sa réponse{NBSP}: rien n’a changé.")
