"""Absences to judge: one click answers, with the reason written under the button; another reason is folded below."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

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
from enfance.models import Enfant
from facturation.absences.ecriture import repondre
from facturation.absences.forms import ChercherAbsenceForm, ReponseAbsenceForm
from facturation.absences.lecture import ADD, LISTE, TOUTES, VIEW, load_absences
from facturation.models import Mois, ReponseAbsence
from portail.dates import MOIS, jours_groupes
from portail.francais import NBSP, de, et
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
    _answer(request, form.cleaned_data)
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


def _answer(request: HttpRequest, dit: dict[str, Any]) -> None:
    """Write the answer, keep who gave it, and say what was done."""
    enfant = Enfant.objects.filter(pk=dit["enfant"]).first()
    ecrites: list[ReponseAbsence] = []
    with transaction.atomic():
        if enfant is not None:
            ecrites = repondre(
                enfant.pk,
                dit["journees"],
                dit["r"],
                dit["motif"],
                par=agent_of(request).pk,
                now=timezone.now(),
                changer=dit["changer"],
            )
        jours = sorted({une.jour for une in ecrites})
        if enfant is not None and jours:
            dite = ecrites[0].get_reponse_display()
            log_change(request, enfant, f"{_accord('Absence', jours)}, {jours_groupes(jours)}{NBSP}: {dite}.")
    if enfant is None or not jours:
        messages.warning(request, f"Cette absence a déjà sa réponse, ou n’en est plus une{NBSP}: rien n’a changé.")
        return
    qui = f"{'Les absences' if len(jours) > 1 else 'L’absence'} {de(enfant.prenom)}, {jours_groupes(jours)},"
    est = f"sont {dite}s" if len(jours) > 1 else f"est {dite}"
    phrase = f"{qui} {est}. La famille est prévenue."
    clos = Mois.objects.filter(premier__in={jour.replace(day=1) for jour in jours}).order_by("premier")
    if noms := [MOIS[mois.premier.month - 1] for mois in clos]:
        sont = "sont arrêtés" if len(noms) > 1 else "est arrêté"
        phrase += f" {et(noms).capitalize()} {sont}{NBSP}: la correction est proposée avec le mois suivant."
    messages.success(request, phrase)


def _accord(mot: str, jours: Sequence[date]) -> str:
    return f"{mot}s" if len(jours) > 1 else mot
