"""The buttons of the canteen's message, on home, planning and day: register for the lunch break that goes with a meal,
or say that the meal is cancelled."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from enfance.inscriptions import Resultat
from enfance.planning.envois import Issue
from enfance.planning.forms import RepasForm
from enfance.planning.repas import annuler, inscrire
from enfance.regles import Acteur

BOUTONS = {"repas", "annule"}


def save_repas(
    request: HttpRequest, acteur: Acteur, now: datetime, jours: tuple[date, date] | None = None
) -> Resultat | None:
    """Do what the pressed button of the canteen's message asks, and return the result; None when no such button was
    pressed.

    `jours` widens the returned situation to the days that the page shows. Raises Http404 for a value that no page
    offers.
    """
    if request.method != "POST" or not BOUTONS & request.POST.keys():
        return None
    form = RepasForm(request.POST)
    if not form.is_valid():
        raise Http404
    if annules := form.cleaned_data["annule"]:
        return annuler(annules, acteur, now=now)
    return inscrire(form.cleaned_data["repas"], acteur, now=now, jours=jours)


def repas_done(request: HttpRequest, fait: Issue) -> HttpResponse:
    """Redirect (303) to the page that sent the button of a meal, with `?enregistre=` set so that it tells what was
    done. « 0 » stands for nothing done.
    """
    query = {"enfant": request.GET["enfant"]} if "enfant" in request.GET else {}
    query["enregistre"] = fait.reference or "0"
    return HttpResponseRedirect(f"{request.path}?{urlencode(query)}#resultat", status=303)
