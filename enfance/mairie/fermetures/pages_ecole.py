"""« Sorties de l’école »: the school's own agent announces a trip, or a teacher away, by the same form and the same
writer as the town hall, and reads of it nothing but names and classes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import agent_of, staff_page
from accounts.log import log_addition
from enfance.ecoles import ecoles_of
from enfance.mairie.fermetures import ecriture as fermetures
from enfance.mairie.fermetures.ecole import apercu_ecole, check_jour, load_classes, load_sorties
from enfance.mairie.fermetures.forms import SortieForm
from enfance.mairie.fermetures.sorties import CORRIGER, preview_context, sortie_titre
from enfance.models import Ecole
from portail.confirmation import asks_always, confirm
from portail.vues import PAGE

ACCUEIL = "enfance:ecole"
SORTIE = "enfance/ecole/sortie.html"


def ecole_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Make this view a page of the school's agent (under /ecole/): it also gets the schools where the agent works. Who
    works in none, in a town of several, gets a page that says to ask the town hall (403).
    """

    @staff_page("enfance.annoncer_sortie")
    @wraps(view)
    def wrapper(request: HttpRequest) -> HttpResponseBase:
        ecoles = list(ecoles_of(agent_of(request)))
        if not ecoles:
            return render(request, "enfance/ecole/sans_ecole.html", {"onglet": ""}, status=403)
        return view(request, ecoles)

    return wrapper


@require_safe
@ecole_page
def ecole(request: HttpRequest, ecoles: Sequence[Ecole]) -> HttpResponse:
    """The home of the school's agent: the trips to come, and the pupils of its classes by name."""
    today = timezone.localdate()
    context = {"sorties": load_sorties(ecoles, today), "classes": load_classes(ecoles, today), "onglet": "sorties"}
    return render(request, "enfance/ecole/ecole.html", context)


@require_http_methods(PAGE)
@ecole_page
@asks_always
def sortie(request: HttpRequest, ecoles: Sequence[Ecole]) -> HttpResponse:
    """The page that announces a trip, or a teacher away: the form, a preview of who leaves, then, once confirmed, the
    trip. One that is known already is said, and nothing is changed; a day that is past is refused.
    """
    form = SortieForm(request.POST if request.method == "POST" else None, ecoles=ecoles)
    now = timezone.now()
    if form.is_valid():
        check_jour(form, timezone.localdate(now))
    context = {"titre": "Annoncer une sortie", "form": form, "onglet": "annoncer"}
    if not form.is_valid() or CORRIGER in request.POST:
        return render(request, SORTIE, context)
    bilan = fermetures.fermer(form.portee, agent_of(request).pk, now=now)
    if bilan.fermeture is None:  # somebody has just changed the calendar
        form.add_error("debut", fermetures.rien_a_fermer(form.portee))
        return render(request, SORTIE, context)
    titre = sortie_titre(bilan.fermeture)
    if bilan.deja:
        messages.info(request, f"Déjà annoncé\u00a0: {titre}. Rien n’a changé.")
        return redirect(ACCUEIL)
    apercu = apercu_ecole(bilan, form, now=now, retour=reverse(ACCUEIL))
    confirm(request, apercu, **preview_context(request, form, apercu), onglet="annoncer")
    log_addition(request, bilan.fermeture, f"Annoncé par l’école. Touchés\u00a0: {bilan.touches.phrase}.")
    messages.success(request, f"Annoncé\u00a0: {titre}. Les familles, la garderie et la cantine sont prévenues.")
    return redirect(ACCUEIL)
