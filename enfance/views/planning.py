"""The planning of a month and the page of a day: one form each, saved by the one writer.

What is sent answers 303: to the same page, which tells what was done, or to an address that holds for half an hour what
was refused, or the ticks that a button asked for. A form that is not understood answers 200 with the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import counts_kept, renews_nothing
from enfance.calendrier import bornes
from enfance.famille.absences.ecriture import load_absences_jour
from enfance.famille.acces import responsable_of
from enfance.models import load_calendrier
from enfance.planning.argent import argent_of
from enfance.planning.boutons_repas import BOUTONS, repas_done, save_repas
from enfance.planning.cases import partis_of
from enfance.planning.ecarts import build_ecarts
from enfance.planning.ecriture import enregistrer_famille
from enfance.planning.envois import Issue, envoi_of
from enfance.planning.forms import FiltreForm, PlanningForm, count_changes, preuve_of
from enfance.planning.grille import PageGrille, asks_save, sent_data
from enfance.planning.journee import build_jour
from enfance.planning.mois import GrilleMois, prochain_mois
from enfance.regles import Acteur
from enfance.situation import load_places, load_situation
from portail.adresses import MoisConverter
from portail.vues import PAGE


@require_safe
def planning(request: HttpRequest) -> HttpResponse:
    """Leads the parent to the planning of the month of the next school day, or of the last one that is known; of the
    child that `?enfant=` names, if any.
    """
    acteur, now = Acteur.parent(responsable_of(request)), timezone.now()
    today = timezone.localdate(now)
    situation = load_situation(acteur, today, today, now=now)
    choisi = FiltreForm(request.GET).choisi(situation.enfants)
    mois = prochain_mois(situation.calendrier, today)
    return redirect(reverse("enfance:planning_mois", args=[mois], query={"enfant": choisi} if choisi else None))


@counts_kept(count_changes)
@require_http_methods(PAGE)
def planning_mois(request: HttpRequest, mois: date) -> HttpResponse:
    """The parent's page of a month of planning for all the children, or for the one that `?enfant=` names, and its
    save.
    """
    page = save(request, bornes(mois))
    page = replace(page, situation=page.situation.with_eleves(*bornes(mois)))
    remplie = page.fill_mois(mois)
    recents = page.changed_meanwhile(*page.situation.calendrier.semaines(mois))
    if response := done(page, recents, remplie):
        return response
    grille = remplie or page.build_mois(mois)
    partis = partis_of(page.situation, *bornes(mois))
    context = page.context_mois(grille, recents, page.reference) | context_parent(page)
    context |= {"partis": partis, "argent": argent_of(mois) if grille.libres else None}
    return render(request, "enfance/planning.html", context)


@counts_kept(count_changes)
@require_http_methods(PAGE)
def jour(request: HttpRequest, jour: date) -> HttpResponse:
    """The parent's page of one day of planning for all the children, and its save; 404 for a day outside every school
    year.
    """
    if load_calendrier().annee(jour) is None:
        raise Http404
    page = save(request, (jour, jour))
    recents = page.changed_meanwhile([jour])
    if response := done(page, recents):
        return response
    grille = build_jour(page.situation, jour, page.unsaved)
    context = page.context(grille, recents, page.reference) | context_parent(page)
    context |= {"jour": grille, "absences": load_absences_jour(page.situation, jour)}
    context |= {"argent": argent_of(jour) if grille.libres else None}
    return render(request, "enfance/jour.html", context)


@require_safe
@renews_nothing
def places(request: HttpRequest) -> JsonResponse:
    """The number of places left in the month `?mois=2026-12`, as JSON: `{"2026-12-07:3": 4}` by day and créneau
    (primary key), only where places are limited. 404 for what is no month.
    """
    responsable_of(request)
    try:
        mois = MoisConverter().to_python(request.GET.get("mois", ""))
    except ValueError:
        raise Http404 from None
    reste = load_places(*bornes(mois), today=timezone.localdate())
    return JsonResponse({f"{jour.isoformat()}:{creneau}": n for (jour, creneau), n in reste.items()})


def save(request: HttpRequest, jours: tuple[date, date]) -> PageGrille[PlanningForm]:
    """Save what the parent sent for these days: the ticks of a form, unless its button only ticks boxes, or a button
    about the canteen. Returns the page to show.
    """
    acteur, now = Acteur.parent(responsable_of(request), preuve_of(request.POST)), timezone.now()
    envoi = envoi_of(request, now)
    issue, situation = envoi.issue, None
    data = sent_data(request, envoi, now)
    form = PlanningForm(None if data and BOUTONS & data.keys() else data)  # the canteen's buttons hold no tick
    fait = save_repas(request, acteur, now, jours) if BOUTONS & request.POST.keys() else None
    if fait is None and envoi.posted is not None and asks_save(envoi.posted, form):
        fait = enregistrer_famille(form.changements(), acteur, now=now, jours=jours)
    if fait:
        issue, situation = Issue.of(fait), fait.situation
    return PageGrille(request, form, issue, situation or load_situation(acteur, *jours, now=now), envoi)


def done(
    page: PageGrille[PlanningForm], recents: Sequence[str], remplie: GrilleMois | None = None
) -> HttpResponse | None:
    """The redirection that follows a save of the planning that was understood; None when the page has to be shown."""
    if page.fait and not (page.form.is_bound or page.fait.refus):
        return repas_done(page.request, page.fait)
    return page.redirect(recents, remplie)


def context_parent(page: PageGrille[PlanningForm]) -> dict[str, Any]:
    """What the template of a family's month or day needs beyond the town hall's page: the days on which the meals
    ordered and the planning differ.
    """
    return {"onglet": "planning", "ecarts": build_ecarts(page.situation)}
