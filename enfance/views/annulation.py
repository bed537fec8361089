"""« Annuler ces changements »: undone whole, 303 to where it was asked; else a page that says what was not."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from enfance.inscriptions import Refus
from enfance.planning.annulation import annuler as undo
from enfance.planning.apercu import cles_phrases
from enfance.planning.historique import heure_de
from enfance.regles import Acteur, Cle, Situation
from enfance.situation import load_situation
from enfance.views.famille import responsable_of
from portail.francais import NBSP

RETOURS = {"accueil", "planning_mois", "jour", "semaine_type", "historique"}


@require_POST
def annuler(request: HttpRequest, reference: int) -> HttpResponse:
    responsable, now = responsable_of(request), timezone.now()
    annulation = undo(reference, responsable, now=now)
    if annulation is None:
        raise Http404
    adresse = retour(request.POST.get("retour", ""))
    if annulation.par and not annulation.refus:
        return HttpResponseRedirect(f"{adresse}?{urlencode({'enregistre': annulation.par.pk})}", status=303)
    today = timezone.localdate(now)
    situation = load_situation(Acteur.parent(responsable), today, today, now=now)
    context = {
        "onglet": "planning",
        "annulation": annulation,
        "heure": heure_de(annulation.annule.quand),
        "refus": refus_phrases(annulation.refus, situation),
        "retour": adresse,
    }
    return render(request, "enfance/annulation.html", context)


def retour(adresse: str) -> str:
    """The page where it was asked, if it is one of ours that tells what a save did."""
    try:
        page = resolve(adresse)
    except Resolver404:
        return reverse("enfance:historique")
    return adresse if page.app_name == "enfance" and page.url_name in RETOURS else reverse("enfance:historique")


def refus_phrases(refus: Iterable[Refus], situation: Situation) -> list[str]:
    """What was not given back: children, créneaux and days by reason."""
    par_motif: dict[str, list[Cle]] = {}
    for un_refus in refus:
        par_motif.setdefault(un_refus.obstacles[0].message, []).append(un_refus.cle)
    return [
        f"{phrase}{NBSP}: {motif}"
        for motif, cles in par_motif.items()
        for phrase in cles_phrases(situation, cles, lien=", ")
    ]
