"""What an undoing did, shown where it was asked and at the address that holds it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from enfance.models import Responsable
from enfance.planning.annulation import refus_phrases
from enfance.planning.cases import mots_of, noms_enfants
from enfance.planning.envois import refus_lus
from enfance.planning.resultat import load_resultat
from enfance.regles import Acteur
from enfance.situation import load_situation


def show_annulation(request: HttpRequest, lecteur: Responsable, outcome: dict[str, Any], now: datetime) -> HttpResponse:
    """The page that says what an undoing did, and what it could not give back.

    `outcome` holds the result as it was kept for the page: `par`, the primary key of the save that undid (or None), and
    `refus`, the refusals as JSON.
    """
    today = timezone.localdate(now)
    situation = load_situation(Acteur.parent(lecteur), today, today, now=now)
    lignes = refus_phrases(refus_lus(outcome["refus"]), situation)
    par = outcome["par"]
    resultat = load_resultat(str(par), lecteur.user_id, noms_enfants(situation), now=now) if par else None
    context = outcome | {"onglet": "historique", "refus": lignes, "resultat": resultat}
    return render(request, "enfance/annulation.html", context | mots_of(situation))
