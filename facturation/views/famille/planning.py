"""What a family's planning asks of money: the price of each row, what a month has become."""

from __future__ import annotations

from dataclasses import astuple
from datetime import date

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.decorators import renews_nothing
from enfance.calendrier import bornes
from enfance.famille.acces import responsable_of
from enfance.planning.mois import build_mois
from enfance.regles import Acteur
from enfance.regles.cles import jour, parse_key, pk
from enfance.situation import load_situation
from facturation.famille.devient import load_devient
from facturation.famille.prix_planning import load_prix


@require_safe
@renews_nothing
def prix(request: HttpRequest, mois: date) -> JsonResponse:
    """JSON for the planning's script: the price of each row of this month, or of one day with `?jour=`, where the price
    is known before anything is ticked.
    """
    responsable, now = responsable_of(request), timezone.now()
    situation = load_situation(Acteur.parent(responsable), *bornes(mois), now=now)
    seul = parse_key(request.GET.get("jour", ""), jour)
    grille = build_mois(situation, mois, semaines_de=seul)
    lus = load_prix(situation, grille, responsable.foyer_id, seul[0] if seul else None)
    return JsonResponse({"rangees": [astuple(rangee) for rangee in lus.rangees], "note": lus.note})


@require_safe
def devient(request: HttpRequest, mois: date) -> HttpResponse:
    """What this month costs the parent's foyer by now, and cost before the save that `?enregistrement=` names: a page,
    or with `?partie` the piece that a script puts where the save is told. While nothing is billed, that piece is an
    empty answer (204).
    """
    responsable, today = responsable_of(request), timezone.localdate()
    reference = parse_key(request.GET.get("enregistrement", ""), pk)
    lu = load_devient(responsable, mois, reference[0] if reference else None, today)
    if lu is None and "partie" in request.GET:
        return HttpResponse(status=204)
    gabarit = "facturation/_devient.html" if "partie" in request.GET else "facturation/devient.html"
    return render(request, gabarit, {"onglet": "factures", "mois": mois, "devient": lu})
