"""The votes of the council: entered, corrected until an invoice cites one, deleted while no price does."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import staff_page
from accounts.log import changes_of, log_addition, log_change
from facturation.models import Deliberation
from facturation.numeros import lock_emission
from facturation.votes.ecriture import is_used
from facturation.votes.forms import DeliberationForm
from facturation.votes.suppressions import LISTE, asks_deletion, supprimer_vote
from facturation.votes.vus import portee_of
from portail.confirmation import asks_first
from portail.vues import PAGE


@staff_page("facturation.add_deliberation")
@require_http_methods(PAGE)
def nouvelle(request: HttpRequest) -> HttpResponse:
    """The form that enters a new vote of the council (« délibération »), and its saving."""
    form = DeliberationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with transaction.atomic():
            vote = form.save()
            log_addition(request, vote, "Délibération saisie.")
        messages.success(request, f"{vote} enregistrée. Saisissez maintenant ses tarifs.")
        return redirect(LISTE)
    return render(request, "facturation/votes/deliberation.html", {"titre": "Nouvelle délibération", "form": form})


@staff_page("facturation.view_deliberation")
@require_http_methods(PAGE)
@asks_first
def deliberation(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a vote of the council (« délibération ») and of its prices: corrected, or deleted, for who may,
    until an invoice cites it, then only read.
    """
    vote = get_object_or_404(Deliberation, pk=pk)
    if asks_deletion(request):
        return supprimer_vote(request, vote)
    if request.method == "POST":
        if not request.user.has_perm("facturation.change_deliberation"):
            raise PermissionDenied
        lock_emission(timezone.now())
        if is_used(vote):
            messages.error(request, f"{vote}\u00a0: une facture la cite, elle ne se change plus.")
            return redirect(request.path)
    form = DeliberationForm(request.POST if request.method == "POST" else None, instance=vote)
    titre = str(vote)  # as it is in the base: judging the form changes it
    if form.is_valid():
        log_change(request, form.save(), "", changes_of(form))
        messages.success(request, f"{vote}\u00a0: enregistrée.")
        return redirect(LISTE)
    context = {
        "titre": titre,
        "form": form,
        "vote": vote,
        "utilise": is_used(vote),
        "lue": is_used(vote) or not request.user.has_perm("facturation.change_deliberation"),
        "tarifs": [(tarif, portee_of(tarif)) for tarif in vote.tarifs.prefetch_related("creneaux__ecoles")],
        "plafonds": [(prix, portee_of(prix)) for prix in vote.plafonds.prefetch_related("creneaux__ecoles")],
        "supplements": [(prix, portee_of(prix)) for prix in vote.supplements.prefetch_related("creneaux__ecoles")],
    }
    return render(request, "facturation/votes/deliberation.html", context)
