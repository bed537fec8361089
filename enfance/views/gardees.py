"""What a parent's device keeps: the boxes that no answer said to be saved, and a page for want of network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from enfance.models import Enregistrement, Responsable
from enfance.planning.gardees import (
    Gardee,
    GardeesForm,
    TypeGardee,
    bornes_of,
    build_reprise,
    build_reprise_type,
    load_recues,
)
from enfance.planning.periodes import fins
from enfance.planning.rangees_types import boxes_suivies
from enfance.regles import Acteur
from enfance.semaine_modele import HORIZON
from enfance.situation import load_situation
from enfance.views.famille import responsable_of
from enfance.views.semaine_type import initial


@require_POST
def gardees(request: HttpRequest) -> HttpResponse:
    """What is left of the boxes that the device kept, in words, with the forms that save them: a piece of a page.
    Writes nothing. A device names numbers: they come by POST, so that no log has them (HDR-08).
    """
    responsable, now = responsable_of(request), timezone.now()
    form = GardeesForm(request.POST)
    if not form.is_valid():
        raise BadRequest("no box that a device keeps")
    connues = form.cleaned_data["gardees"]
    jours = [gardee for gardee in connues if isinstance(gardee, Gardee)]
    types = [gardee for gardee in connues if isinstance(gardee, TypeGardee)]
    context = reprise_of(responsable, jours, now) | reprise_type_of(responsable, types, now)
    restent = [cle for reprise in (context["reprise"], context["reprise_type"]) if reprise for cle in reprise.cles]
    context["restent"] = " ".join(restent)
    return render(request, "enfance/_gardees.html", context)


def reprise_of(responsable: Responsable, gardees: Sequence[Gardee], now: datetime) -> dict[str, Any]:
    """What is left of the boxes of months and days."""
    if not gardees:
        return {"reprise": None}
    bornes = bornes_of(gardees, timezone.localdate(now))
    situation = load_situation(Acteur.parent(responsable), *bornes, now=now)
    return {"reprise": build_reprise(situation, gardees, load_recues(gardees, responsable.user_id))}


def reprise_type_of(responsable: Responsable, gardees: Sequence[TypeGardee], now: datetime) -> dict[str, Any]:
    """What is left of the boxes of the semaine type, beside the one that is kept."""
    if not gardees:
        return {"reprise_type": None}
    today = timezone.localdate(now)
    situation = load_situation(Acteur.semaine_type(responsable), today, today + HORIZON, now=now, modeles=True)
    situation = situation.with_eleves(today)
    boxes = boxes_suivies(situation)
    preuves = {gardee.preuve for gardee in gardees if gardee.preuve}
    recus = Enregistrement.objects.filter(auteur=responsable.user_id, preuve__in=preuves).values_list(
        "preuve", flat=True
    )
    periodes = fins(situation)
    return {
        "reprise_type": build_reprise_type(situation, gardees, boxes, set(recus)),
        "periode": initial(situation, periodes) if periodes else None,
    }


@login_not_required
@require_safe
def hors_ligne(request: HttpRequest) -> HttpResponse:
    """What a family's device shows for want of network: nobody's page, so that it may keep it."""
    return render(request, "enfance/hors_ligne.html")


@login_not_required
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that shows it, over every page of a family; it keeps no other (SES-05)."""
    return render(request, "enfance/service-worker.js", content_type="text/javascript")
