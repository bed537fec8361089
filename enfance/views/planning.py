"""The planning of a month and the page of a day: one form each, saved by the one writer.

A save that is made whole answers 303 to the same page, which tells what was done; one that is refused in part, or a
button that only ticks boxes, answers 200 with the page.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import renews_nothing
from accounts.sessions import take_kept_form
from enfance.calendrier import Calendrier
from enfance.famille.absences import enfants_a_signaler
from enfance.inscriptions import Resultat, enregistrer
from enfance.planning import remplissage
from enfance.planning.annonces import annonces
from enfance.planning.cases import Saisie, fratrie, noms_enfants
from enfance.planning.ecarts import build_ecarts
from enfance.planning.forms import FiltreForm, PlanningForm, RemplissageForm, jour_du_bouton
from enfance.planning.journee import Jour, build_jour
from enfance.planning.mois import Mois, bornes, build_mois
from enfance.planning.resultat import changes_meanwhile, load_resultat, recents_phrases, refus_vus
from enfance.regles import Acteur, Situation
from enfance.situation import load_places, load_situation
from enfance.views.converters import MoisConverter
from enfance.views.famille import PAGE, partis_of, responsable_of
from enfance.views.repas import BOUTONS, annules, repas_done, save_repas

REMPLIR = {"idem", "recopier", "rapide"}
RECENTS = 30  # at most, as an address has a length


@require_safe
def planning(request: HttpRequest) -> HttpResponse:
    """The month of the next school day, or the last one that is known; of the child that `?enfant=` names, if any."""
    acteur, now = Acteur.parent(responsable_of(request)), timezone.now()
    today = timezone.localdate(now)
    situation = load_situation(acteur, today, today, now=now)
    choisi = FiltreForm(request.GET).choisi(situation.enfants)
    mois = prochain_mois(situation.calendrier, today)
    return redirect(reverse("enfance:planning_mois", args=[mois], query={"enfant": choisi} if choisi else None))


def prochain_mois(calendrier: Calendrier, today: date) -> date:
    """The month of the next school day, or the last one that is known."""
    prochain = today if calendrier.is_ecole(today) else calendrier.ecole_apres(today)
    mois = prochain or max((annee.fin for annee in calendrier.annees), default=today)
    return mois.replace(day=1)


@require_http_methods(PAGE)
def planning_mois(request: HttpRequest, mois: date) -> HttpResponse:
    """The month of all the children, or of the one that `?enfant=` names."""
    acteur, now = Acteur.parent(responsable_of(request)), timezone.now()
    form, fait, situation = save(request, acteur, bornes(mois), now)
    situation, partis = situation.with_eleves(*bornes(mois)), partis_of(situation, *bornes(mois))
    choisi = FiltreForm(request.GET).choisi(situation.enfants)
    grille = build_mois(situation, mois, seulement={choisi} if choisi else (), saisie=unsaved(form, fait))
    remplir(grille, request.POST)
    context = {
        "mois": grille,
        "choisi": choisi,
        "partis": partis,
        "annonces": annonces(situation, {choisi} if choisi else ()),
    }
    return answer(request, "enfance/planning.html", grille, situation, form, fait, context)


@require_http_methods(PAGE)
def jour(request: HttpRequest, jour: date) -> HttpResponse:
    """One day of all the children. A day outside every school year does not exist."""
    acteur, now = Acteur.parent(responsable_of(request)), timezone.now()
    form, fait, situation = save(request, acteur, (jour, jour), now)
    if situation.calendrier.annee(jour) is None:
        raise Http404
    grille = build_jour(situation, jour, unsaved(form, fait))
    context = {"jour": grille, "a_signaler": enfants_a_signaler(situation, jour)}
    return answer(request, "enfance/jour.html", grille, situation, form, fait, context)


@require_safe
@renews_nothing
def places(request: HttpRequest) -> JsonResponse:
    """`?mois=2026-12`: the places left by day and créneau, of those that have a number of places."""
    responsable_of(request)
    try:
        mois = MoisConverter().to_python(request.GET.get("mois", ""))
    except ValueError:
        raise Http404 from None
    reste = load_places(*bornes(mois), today=timezone.localdate())
    return JsonResponse({f"{jour.isoformat()}:{creneau}": n for (jour, creneau), n in reste.items()})


def save(
    request: HttpRequest, acteur: Acteur, jours: tuple[date, date], now: datetime
) -> tuple[PlanningForm, Resultat | None, Situation]:
    """Save what the form sent, unless a button only asks for ticks; and the situation as it is afterwards.

    A form that an ended session was sending is shown again, and not saved.
    """
    if fait := save_repas(request, acteur, now, jours):
        return PlanningForm(), fait, fait.situation or load_situation(acteur, *jours, now=now)
    post = request.method == "POST"
    data = request.POST if post else take_kept_form(request, now=now)
    form = PlanningForm(None if data and BOUTONS & data.keys() else data)  # the canteen's buttons hold no tick
    fait = None
    if post and form.is_valid() and not REMPLIR & request.POST.keys():
        fait = enregistrer(form.changements(), acteur, now=now, jours=jours)
    situation = fait.situation if fait and fait.situation else load_situation(acteur, *jours, now=now)
    return form, fait, situation


def unsaved(form: PlanningForm, fait: Resultat | None) -> Saisie | None:
    """The ticks to show that are not saved."""
    return form.saisie if fait is None and form.is_valid() else None


def remplir(grille: Mois, data: QueryDict) -> None:
    """Tick the boxes that « Tom comme Léa », « Recopier sur la suite » or « Remplir plus vite » asks for."""
    if (semaine := jour_du_bouton(data, "idem")) is not None:
        remplissage.idem(grille, semaine)
    elif (semaine := jour_du_bouton(data, "recopier")) is not None:
        remplissage.recopier(grille, semaine)
    elif "rapide" in data and (form := RemplissageForm(data)).is_valid():
        remplissage.rapide(grille, **form.valeurs())


def answer(
    request: HttpRequest,
    template: str,
    grille: Mois | Jour,
    situation: Situation,
    form: PlanningForm,
    fait: Resultat | None,
    context: dict[str, Any],
) -> HttpResponse:
    """The page with what was done, refused, or changed meanwhile; 303 to it when nothing was refused."""
    lecteur, noms, cases = situation.acteur.responsable, noms_enfants(situation), grille.libres
    assert lecteur is not None
    refus, reference = None, request.GET.get("enregistre", "")
    if fait and not (form.is_bound or fait.refus):
        return repas_done(request, fait)
    if fait:
        refuses = [refuse.cle for refuse in fait.refus]
        recents = changes_meanwhile(form.saisie, cases, refuses) if form.is_bound else []
        reference = str(fait.enregistrement.pk) if fait.enregistrement else ""
        if not fait.refus:
            cles = " ".join(str(case.cle) for case in recents[:RECENTS])
            return see_other(request, enregistre=reference or "0", recents=cles)
        refus = refus_vus(fait.refus, situation, noms, cases, len(fait.evenements))
    else:
        recents = [case for case in cases if str(case.cle) in request.GET.get("recents", "").split()]
    context |= {
        "onglet": "planning",
        "gardes": form.is_bound and request.method != "POST",
        "enfants": fratrie(situation),
        "form": form,
        "resultat": load_resultat(reference, lecteur.user_id, noms, now=situation.now),
        "refus": refus,
        "ecarts": build_ecarts(situation),
        "annules": annules(request, noms, situation.today),
        "recents": recents_phrases(recents, lecteur, situation, noms),
    }
    return render(request, template, context)


def see_other(request: HttpRequest, **query: Any) -> HttpResponse:
    """303 to the same address: reloading it sends nothing again."""
    kept = {"enfant": request.GET.get("enfant", "")} | query
    query_string = urlencode({name: value for name, value in kept.items() if value != ""})
    return HttpResponseRedirect(f"{request.path}?{query_string}#resultat", status=303)
