"""What a parent's device keeps: the boxes that no answer said to be saved, and a page for want of network."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from enfance.famille.acces import responsable_of
from enfance.models import Enregistrement, Responsable
from enfance.planning.gardees import (
    Gardee,
    GardeesForm,
    Reprise,
    RepriseType,
    TypeGardee,
    bornes_of,
    build_reprise,
    build_reprise_type,
    load_recues,
)
from enfance.planning.rangees_types import boxes_suivies
from enfance.regles import Acteur
from enfance.semaine_modele import HORIZON
from enfance.situation import load_situation


@require_POST
def gardees(request: HttpRequest) -> HttpResponse:
    """A piece of a page for the ticks that a parent's device kept because no answer said that they were saved: which of
    them to put back in the grid on the screen, and the others in words. Writes nothing. Raises BadRequest for what no
    device keeps.

    The device names children and days by numbers: they come by POST, so that no log has them (HDR-08).
    """
    responsable, now = responsable_of(request), timezone.now()
    form = GardeesForm(request.POST)
    if not form.is_valid():
        raise BadRequest("no box that a device keeps")
    connues, montrees = form.cleaned_data["gardees"], set(form.cleaned_data["montrees"].split())
    jours = [gardee for gardee in connues if isinstance(gardee, Gardee)]
    types = [gardee for gardee in connues if isinstance(gardee, TypeGardee)]
    reprise = reprise_of(responsable, jours, montrees, now)
    reprise_type = reprise_type_of(responsable, types, montrees, now)
    restent = [*reprise.cles, *reprise_type.cles]
    ailleurs = {*reprise.ailleurs, *reprise_type.ailleurs} if "montrees" in request.POST else set[str]()
    context = {
        "reprise": reprise,
        "reprise_type": reprise_type,
        "restent": " ".join(restent),
        "ici": [*reprise.ici, *reprise_type.ici],
        "mots": [*reprise.mots, *reprise_type.mots],
        "oubliables": " ".join(cle for cle in restent if cle not in ailleurs),  # the others are forgotten in their page
    }
    return render(request, "enfance/_gardees.html", context)


def reprise_of(
    responsable: Responsable, gardees: Sequence[Gardee], montrees: Collection[str], now: datetime
) -> Reprise:
    """What is still to be saved of the ticks of months and days that a parent's device kept (`gardees`); `montrees` are
    the boxes on the screen.
    """
    if not gardees:
        return Reprise()
    bornes = bornes_of(gardees, timezone.localdate(now))
    situation = load_situation(Acteur.parent(responsable), *bornes, now=now)
    return build_reprise(situation, gardees, load_recues(gardees, responsable.user_id), montrees)


def reprise_type_of(
    responsable: Responsable, gardees: Sequence[TypeGardee], montrees: Collection[str], now: datetime
) -> RepriseType:
    """What is still to be saved of the ticks of the weekly pattern (semaine type) that a parent's device kept
    (`gardees`), compared with the pattern in the database; `montrees` are the boxes on the screen.
    """
    if not gardees:
        return RepriseType()
    today = timezone.localdate(now)
    situation = load_situation(Acteur.semaine_type(responsable), today, today + HORIZON, now=now, modeles=True)
    situation = situation.with_eleves(today)
    preuves = {gardee.preuve for gardee in gardees if gardee.preuve}
    recus = Enregistrement.objects.filter(auteur=responsable.user_id, preuve__in=preuves).values_list(
        "preuve", flat=True
    )
    return build_reprise_type(situation, gardees, boxes_suivies(situation), set(recus), montrees)


@login_not_required
@require_safe
def hors_ligne(request: HttpRequest) -> HttpResponse:
    """The page that a family's device shows without network. It names nobody, so that the device may keep it."""
    return render(request, "enfance/hors_ligne.html")


@login_not_required
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script (service worker) that shows a family's device the page for want of network; it keeps no other page
    (SES-05).
    """
    return render(request, "enfance/service-worker.js", content_type="text/javascript")
