"""The page « La régie »: its act, who is named. What was signed before keeps the name and the act of its day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import staff_page
from accounts.log import changes_of, log_addition, log_change, log_deletion
from facturation.models import Nomination, Regie
from facturation.regie.acte.forms import NominationForm, RegieForm
from facturation.reglages import load_reglage
from portail.dates import quantieme_annee
from portail.vues import PAGE

VIEW, CHANGE = "facturation.view_regie", "facturation.change_regie"
PAGE_REGIE = "admin:regie_acte"


@staff_page(VIEW)
@require_http_methods(PAGE)
def acte(request: HttpRequest) -> HttpResponse:
    """The page of the act of the régie and of those who are named; a POST writes the act."""
    regie = Regie.objects.order_by("pk").first()
    peut = request.user.has_perm(CHANGE)
    if request.method == "POST":
        if not peut:
            raise PermissionDenied
        form = RegieForm(request.POST, instance=regie)
        if form.is_valid():
            with transaction.atomic():
                ecrite, changes = form.save(), changes_of(form)
                if changes:
                    log_change(request, ecrite, "", changes)
            messages.success(request, "L’acte de la régie est enregistré." if changes else "Rien n’a changé.")
            return redirect(PAGE_REGIE)
    else:
        form = RegieForm(instance=regie)
    jour = timezone.localdate()
    context: dict[str, Any] = {
        "titre": "La régie",
        "form": form,
        "regie": regie,
        "peut": peut,
        "nominations": [(une, nomination_texte(une, jour)) for une in Nomination.objects.all()],
        "signataire": load_reglage().regisseur,
    }
    return render(request, "facturation/regie/acte.html", context)


def nomination_texte(une: Nomination, jour: date) -> str:
    """What this nomination is, in French, as it is said on this day: « mandataire, qui peut recevoir, du 5 janvier 2026
    au 31 mars 2026 (plus aujourd’hui) ».
    """
    dates = (
        f"depuis le {quantieme_annee(une.debut)}"
        if une.fin is None
        else (f"du {quantieme_annee(une.debut)} au {quantieme_annee(une.fin)}")
    )
    quand = "" if une.holds(jour) else " (à venir)" if une.debut > jour else " (plus aujourd’hui)"
    return f"{une.get_fonction_display()}, {dates}{quand}"


@staff_page(CHANGE)
@require_http_methods(PAGE)
def nommer(request: HttpRequest) -> HttpResponse:
    """The page that names somebody."""
    return _nomination(request, None)


@staff_page(CHANGE)
@require_http_methods(PAGE)
def nomination(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one nomination (primary key): its dates, or that it was written by mistake."""
    return _nomination(request, get_object_or_404(Nomination, pk=pk))


def _nomination(request: HttpRequest, une: Nomination | None) -> HttpResponse:
    if request.method == "POST" and une is not None and request.POST.get("geste") == "retirer":
        with transaction.atomic():
            log_deletion(request, une, "Nomination retirée.")
            une.delete()
        messages.success(request, f"{une.nom}\u00a0: la nomination est retirée. Ce qui est signé garde son nom.")
        return redirect(PAGE_REGIE)
    form = NominationForm(request.POST if request.method == "POST" else None, instance=une)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            changes = changes_of(form)
            ecrite = form.save()
            if une is None:
                log_addition(request, ecrite, "Nomination.")
            elif changes:
                log_change(request, ecrite, "", changes)
        messages.success(request, f"{ecrite.nom}\u00a0: la nomination est enregistrée.")
        return redirect(PAGE_REGIE)
    context: dict[str, Any] = {"titre": une.nom if une else "Nommer quelqu’un", "form": form, "nomination": une}
    return render(request, "facturation/regie/nomination.html", context)
