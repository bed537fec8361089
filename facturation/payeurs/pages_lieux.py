"""The residences of the town: its list, one of them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import staff_page
from accounts.log import changes_of, log_addition, log_change, log_deletion
from facturation.models import LieuResidence
from facturation.payeurs.forms_lieux import LieuForm
from facturation.payeurs.lieux import LieuRefuse, enregistrer, is_used, supprimer
from portail.vues import PAGE

LISTE = "admin:facturation_lieux"


@staff_page("facturation.view_lieuresidence")
@require_safe
def lieux(request: HttpRequest) -> HttpResponse:
    """The residences that tariffs name, in the order of the town's list."""
    context = {
        "titre": "Résidences de la commune",
        "lieux": [(lieu, lieu.communes.splitlines()) for lieu in LieuResidence.objects.all()],
    }
    return render(request, "facturation/payeurs/lieux.html", context)


@staff_page("facturation.add_lieuresidence")
@require_http_methods(PAGE)
def nouveau(request: HttpRequest) -> HttpResponse:
    """The form that adds a residence, and its saving."""
    form = LieuForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with transaction.atomic():
            lieu = form.save(commit=False)
            enregistrer(lieu, defaut=form.cleaned_data["defaut"])
            log_addition(request, lieu, "Résidence ajoutée.")
        messages.success(
            request,
            f"«\u00a0{lieu.nom}\u00a0» est ajoutée. Donnez-lui ses prix par un nouveau tarif.",
        )
        return redirect(LISTE)
    return render(request, "facturation/payeurs/lieu.html", {"titre": "Nouvelle résidence", "form": form})


@staff_page("facturation.change_lieuresidence")
@require_http_methods(PAGE)
def lieu(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a residence: renamed, tied to communes, made the one by default; taken off the list while nothing
    names it.
    """
    voulu = get_object_or_404(LieuResidence, pk=pk)
    if request.method == "POST" and request.POST.get("geste") == "supprimer":
        return _delete(request, voulu)
    titre = voulu.nom
    form = LieuForm(request.POST if request.method == "POST" else None, instance=voulu)
    if form.is_valid():
        with transaction.atomic():
            change = form.save(commit=False)
            enregistrer(change, defaut=form.cleaned_data["defaut"])
            log_change(request, change, "", changes_of(form))
        messages.success(request, f"«\u00a0{change.nom}\u00a0»\u00a0: enregistrée.")
        return redirect(LISTE)
    context = {"titre": titre, "form": form, "lieu": voulu, "utilisee": is_used(voulu)}
    return render(request, "facturation/payeurs/lieu.html", context)


def _delete(request: HttpRequest, voulu: LieuResidence) -> HttpResponse:
    if not request.user.has_perm("facturation.delete_lieuresidence"):
        raise PermissionDenied
    try:
        with transaction.atomic():
            log_deletion(request, voulu, "Retirée sans avoir servi.")
            supprimer(voulu)
    except LieuRefuse as refus:
        messages.error(request, str(refus))
        return redirect(request.path)
    messages.success(request, f"«\u00a0{voulu.nom}\u00a0» n’est plus dans la liste.")
    return redirect(LISTE)
