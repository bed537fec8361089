"""Absences to judge: one click answers, with the reason written under the button; another reason is folded below."""

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
from enfance.models import Enfant
from facturation.absences.ecriture import repondre
from facturation.absences.forms import ReponseAbsenceForm
from facturation.absences.lecture import ADD, LISTE, VIEW, load_absences
from facturation.models import Mois, ReponseAbsence
from portail.dates import MOIS, jour_long
from portail.francais import NBSP, de
from portail.vues import PAGE


@staff_page(VIEW, "enfance.view_enfant")
@require_http_methods(PAGE)
def absences(request: HttpRequest) -> HttpResponse:
    """The town hall's page of absences: those to judge, then those that have their answer. A POST, for who may answer,
    writes an answer and comes back to the page.
    """
    if request.method == "POST":
        if not request.user.has_perm(ADD):
            raise PermissionDenied
        form = ReponseAbsenceForm(request.POST)
        if form.is_valid() and form.motif:
            _answer(request, form)
            return HttpResponseRedirect(reverse(LISTE), status=303)
        saisi = str(form["raison"].value() or "")
        phrases = [str(phrase) for erreurs in form.errors.values() for phrase in erreurs]
        return _page(request, refus=phrases or ["Écrivez la raison que la famille lira."], saisi=saisi)
    return _page(request)


def _page(request: HttpRequest, *, refus: list[str] | None = None, saisi: str = "") -> HttpResponse:
    page = load_absences(timezone.now())
    context = {
        "titre": "Absences à juger",
        "vues": page.a_juger,
        "repondues": page.repondues,
        "refus": refus,
        "saisi": saisi,
        "saisi_cle": f"{request.POST.get('enfant', '')}-{request.POST.get('jour', '')}" if refus else "",
        "peut_repondre": request.user.has_perm(ADD),
    }
    return render(request, "facturation/mairie/absences/absences.html", context)


def _answer(request: HttpRequest, form: ReponseAbsenceForm) -> None:
    """Write the answer, keep who gave it, and say what was done."""
    cleaned = form.cleaned_data
    enfant = Enfant.objects.filter(pk=cleaned["enfant"]).first()
    ecrites: list[ReponseAbsence] = []
    with transaction.atomic():
        if enfant is not None:
            ecrites = repondre(
                enfant.pk,
                cleaned["jour"],
                form.cles,
                cleaned["r"],
                form.motif,
                par=agent_of(request).pk,
                now=timezone.now(),
                changer=cleaned["changer"],
            )
        if enfant is not None and ecrites:
            dite = ecrites[0].get_reponse_display()
            log_change(request, enfant, f"Absence, {jour_long(cleaned['jour'])}{NBSP}: {dite}.")
    if enfant is None or not ecrites:
        messages.warning(request, f"Cette absence a déjà sa réponse, ou n’en est plus une{NBSP}: rien n’a changé.")
        return
    phrase = f"L’absence {de(enfant.prenom)}, {jour_long(cleaned['jour'])}, est {dite}. La famille est prévenue."
    if Mois.objects.filter(premier=cleaned["jour"].replace(day=1)).exists():
        mois = MOIS[cleaned["jour"].month - 1]
        phrase += f" {mois.capitalize()} est arrêté{NBSP}: la correction est proposée avec le mois suivant."
    messages.success(request, phrase)
