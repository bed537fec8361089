"""Supplements that the council voted: a late pick-up, a presence without inscription, an absence not excused."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import staff_page
from accounts.log import changes_of, log_addition, log_change
from facturation.models import Deliberation, Supplement
from facturation.numeros import lock_emission
from facturation.votes.ecriture import is_used
from facturation.votes.forms import FinForm, SupplementForm, default_debut
from facturation.votes.suppressions import LISTE, asks_deletion, supprimer_vote
from facturation.votes.vus import portee_of
from portail.confirmation import asks_first
from portail.dates import quantieme_annee
from portail.vues import PAGE


@staff_page("facturation.add_supplement")
@require_http_methods(PAGE)
def nouveau(request: HttpRequest) -> HttpResponse:
    """The form that enters a new supplement, and its saving. One of the same kind that began before, and that has no
    last day, then ends on its eve.
    """
    votes = list(Deliberation.objects.all()[:1])
    initial = {"debut": default_debut(votes, timezone.localdate()), "deliberation": votes[0].pk if votes else None}
    data = request.POST if request.method == "POST" else None
    with transaction.atomic():
        if data is not None:
            lock_emission(timezone.now())
        form = SupplementForm(data, initial=initial)
        if not form.is_valid():
            return _page(request, form, "Nouveau supplément")
        supplement = form.save()
        log_addition(request, supplement, f"Supplément saisi, {supplement.deliberation}.")
    messages.success(request, f"{supplement}\u00a0: enregistré.")
    return redirect(LISTE)


@staff_page("facturation.change_supplement")
@require_http_methods(PAGE)
@asks_first
def modifier(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a supplement: corrected, or deleted, until a line of a closed month used it; then only its last day
    may be changed.
    """
    supplement = get_object_or_404(Supplement.objects.select_related("deliberation"), pk=pk)
    if asks_deletion(request):
        return supprimer_vote(request, supplement)
    titre = f"{supplement}, à partir du {quantieme_annee(supplement.debut)}"
    data = request.POST if request.method == "POST" else None
    with transaction.atomic():
        if data is not None:
            lock_emission(timezone.now())
        utilise = is_used(supplement)
        form = FinForm(data, instance=supplement) if utilise else SupplementForm(data, instance=supplement)
        if not form.is_valid():
            return _page(request, form, titre, supplement if utilise else None, supplement)
        log_change(request, form.save(), "", changes_of(form))
    messages.success(request, f"{supplement}\u00a0: enregistré.")
    return redirect(LISTE)


def _page(
    request: HttpRequest,
    form: SupplementForm | FinForm,
    titre: str,
    utilise: Supplement | None = None,
    supplement: Supplement | None = None,
) -> HttpResponse:
    context = {
        "titre": titre,
        "form": form,
        "utilise": utilise,
        "supplement": supplement,
        "portee": portee_of(utilise) if utilise else "",
        "deliberations": Deliberation.objects.exists(),
    }
    return render(request, "facturation/votes/supplement.html", context)
