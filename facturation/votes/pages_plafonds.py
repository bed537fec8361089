"""Caps that the council voted: what a day or a month costs at most, to a child or to a payer."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import staff_page
from accounts.log import changes_of, log_addition, log_change
from facturation.models import Deliberation, Plafond
from facturation.numeros import lock_emission
from facturation.votes.ecriture import is_used
from facturation.votes.forms import FinPlafondForm, PlafondForm, default_debut
from facturation.votes.suppressions import LISTE, asks_deletion, supprimer_vote
from facturation.votes.vus import portee_of
from portail.confirmation import asks_first
from portail.dates import quantieme_annee
from portail.vues import PAGE


@staff_page("facturation.add_plafond")
@require_http_methods(PAGE)
def nouveau(request: HttpRequest) -> HttpResponse:
    """The form that enters a new cap, and its saving. One of the same créneaux that began before holds no more."""
    votes = list(Deliberation.objects.all()[:1])
    initial = {"debut": default_debut(votes, timezone.localdate()), "deliberation": votes[0].pk if votes else None}
    data = request.POST if request.method == "POST" else None
    with transaction.atomic():
        if data is not None:
            lock_emission(timezone.now())
        form = PlafondForm(data, initial=initial)
        if not form.is_valid():
            return _page(request, form, "Nouveau plafond")
        plafond = form.save()
        log_addition(request, plafond, f"Plafond saisi, {plafond.deliberation}.")
    messages.success(request, f"{plafond}\u00a0: enregistré.")
    return redirect(LISTE)


@staff_page("facturation.change_plafond")
@require_http_methods(PAGE)
@asks_first
def modifier(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a cap: corrected, or deleted, until a line of a closed month used it; then only its last day may be
    changed.
    """
    plafond = get_object_or_404(Plafond.objects.select_related("deliberation"), pk=pk)
    if asks_deletion(request):
        return supprimer_vote(request, plafond)
    titre = f"{plafond}, à partir du {quantieme_annee(plafond.debut)}"
    data = request.POST if request.method == "POST" else None
    with transaction.atomic():
        if data is not None:
            lock_emission(timezone.now())
        utilise = is_used(plafond)
        form = FinPlafondForm(data, instance=plafond) if utilise else PlafondForm(data, instance=plafond)
        if not form.is_valid():
            return _page(request, form, titre, plafond, utilise=utilise)
        log_change(request, form.save(), "", changes_of(form))
    messages.success(request, f"{plafond}\u00a0: enregistré.")
    return redirect(LISTE)


def _page(
    request: HttpRequest,
    form: PlafondForm | FinPlafondForm,
    titre: str,
    plafond: Plafond | None = None,
    *,
    utilise: bool = False,
) -> HttpResponse:
    context = {
        "titre": titre,
        "form": form,
        "utilise": utilise,
        "plafond": plafond,
        "portee": portee_of(plafond) if plafond else "",
        "deliberations": Deliberation.objects.exists(),
    }
    return render(request, "facturation/votes/plafond.html", context)
