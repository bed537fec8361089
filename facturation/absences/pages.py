"""Absences to judge: one click answers, with the reason written under the button; another reason is folded below."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import staff_page
from facturation.absences.forms import ChercherAbsenceForm, ReponseAbsenceForm
from facturation.absences.gestes import answer
from facturation.absences.lecture import ADD, LISTE, TOUTES, VIEW, load_absences
from portail.vues import PAGE


@staff_page(VIEW, "enfance.view_enfant")
@require_http_methods(PAGE)
def absences(request: HttpRequest) -> HttpResponse:
    """The town hall's page of absences: those to judge, then those that have their answer; a POST of `chercher` shows
    the ones looked for. Any other POST, for who may answer, writes an answer and comes back to the page.
    """
    if request.method != "POST":
        return _page(request, ChercherAbsenceForm())
    if "chercher" in request.POST:
        return _page(request, ChercherAbsenceForm(request.POST))
    if not request.user.has_perm(ADD):
        raise PermissionDenied
    form = ReponseAbsenceForm(request.POST)
    if not form.is_valid():
        return _page(request, ChercherAbsenceForm(), form)
    answer(request, form.cleaned_data)
    return HttpResponseRedirect(reverse(LISTE), status=303)


def _page(
    request: HttpRequest, chercher: ChercherAbsenceForm, refusee: ReponseAbsenceForm | None = None
) -> HttpResponse:
    cherche = chercher.is_valid()
    page = load_absences(timezone.now(), chercher.recherche if cherche else TOUTES)
    context = {
        "titre": "Absences à juger",
        "vues": page.a_juger,
        "repondues": page.repondues,
        "form": chercher,
        "cherche": cherche,
        "refus": [str(phrase) for erreurs in refusee.errors.values() for phrase in erreurs] if refusee else [],
        "saisi": request.POST if refusee else {},
        "coches": request.POST.getlist("journees") if refusee else [],
        "peut_repondre": request.user.has_perm(ADD),
    }
    return render(request, "facturation/mairie/absences/absences.html", context)
