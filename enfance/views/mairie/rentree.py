"""« Préparer la rentrée »: what a year still needs, what goes on, who leaves, when parents may begin, what ONDE said.

Opened as often as one likes: it shows what is still to be made, and makes it only when it is told to.
"""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import journal
from accounts.decorators import agent_of, staff_page
from accounts.log import log_change
from enfance.mairie.almanach import SIGNES, GenreJour, load_almanach
from enfance.mairie.annee import AnneeInconnue
from enfance.mairie.forms_rentree import OuvertureForm
from enfance.mairie.placement import placer
from enfance.mairie.rentree import (
    Changements,
    annee_a_preparer,
    load_rentree,
    ouvrir,
    preparer,
    zone_of_the_town,
)
from enfance.models import AnneeScolaire
from enfance.regles import planning_ouverture_phrase
from enfance.regles.cles import parse_key, pk
from portail.dates import JOURS
from portail.francais import accord
from portail.vues import PAGE

PREMIERE, DERNIERE = 2000, 2100  # what an address may name
CHANGER = ("enfance.add_anneescolaire", "enfance.change_anneescolaire")
RENTREE_DE = "admin:enfance_anneescolaire_rentree_de"
LEGENDE = {
    GenreJour.ECOLE: "jour d’école",
    GenreJour.VACANCES: "vacances",
    GenreJour.FERIE: "jour férié",
    GenreJour.FERMETURE: "garderie fermée, en tout ou en partie",
    GenreJour.SANS_ECOLE: "jour de la semaine sans école",
}


@staff_page("enfance.view_anneescolaire")
@require_safe
def prochaine(request: HttpRequest) -> HttpResponse:
    """Leads to the page of the school year to prepare."""
    return redirect(RENTREE_DE, annee_a_preparer(timezone.localdate()))


@staff_page("enfance.view_anneescolaire")
@require_http_methods(PAGE)
def rentree(request: HttpRequest, debut: int) -> HttpResponse:
    """The page that prepares the school year that begins in September `debut`: what is still to create, who leaves, who
    is to be placed. Its buttons create it, place pupils in a school, or choose from which day on parents may register.
    Raises PermissionDenied for the buttons without the rights to add and change years; 404 for a year before 2000 or
    after 2100.
    """
    if not PREMIERE <= debut <= DERNIERE:
        raise Http404
    peut_changer = request.user.has_perms(CHANGER)
    if request.method == "POST" and not peut_changer:
        raise PermissionDenied
    if "preparer" in request.POST:
        return _prepare(request, debut)
    if "placer" in request.POST:
        return _place(request, debut)
    la_rentree = load_rentree(debut, zone_of_the_town(), now=timezone.now())
    annee, form = la_rentree.annee, None
    if annee and la_rentree.existe:
        data = request.POST if "ouvrir" in request.POST else None
        form = OuvertureForm(data, initial={"ouverture": annee.ouverture}, annee=annee)
        if form.is_valid():
            return _open(request, annee, form.cleaned_data["ouverture"])
    context = {
        "titre": f"Préparer la rentrée {debut}",
        "rentree": la_rentree,
        "form": form,
        "ouverture": planning_ouverture_phrase(annee.debut, annee.ouverture) if annee else "",
        "peut_changer": peut_changer,
    }
    return render(request, "mairie/rentree.html", context)


def _prepare(request: HttpRequest, debut: int) -> HttpResponse:
    try:
        with transaction.atomic():
            faits = preparer(debut, zone_of_the_town(), now=timezone.now(), user_id=agent_of(request).pk)
            if not faits.is_empty:
                log_change(request, faits.preparation.annee, f"Rentrée préparée. {_dit(faits)}")
    except AnneeInconnue as error:
        messages.error(request, str(error))
        return redirect(RENTREE_DE, debut)
    if faits.is_empty:
        messages.info(request, f"La rentrée {debut} était déjà prête\u00a0: rien n’a été changé.")
        return redirect(RENTREE_DE, debut)
    messages.success(request, f"La rentrée {debut} est prête. {_dit(faits)}")
    journal.event(
        "year_prepared",
        user=request.user.pk,
        request=request,
        year=debut,
        pupils=faits.preparation.scolarites,
        gone=len(faits.partis),
        back=len(faits.revenus),
    )
    return redirect(RENTREE_DE, debut)


def _place(request: HttpRequest, debut: int) -> HttpResponse:
    """The pupils who are ticked go to the school whose button was pressed."""
    annee = get_object_or_404(AnneeScolaire, debut__year=debut)
    code, lus = request.POST["placer"], [parse_key(texte, pk) for texte in request.POST.getlist("enfant")]
    enfants = {lu[0] for lu in lus if lu}
    with transaction.atomic():
        if places := placer(annee, code, enfants):
            dits = f"{accord(len(places), 'élève')} à {places[0].ecole}"
            log_change(request, annee, f"Rentrée\u00a0: {dits}. {', '.join(str(place.enfant) for place in places)}.")
    if places:
        messages.success(request, f"Rentrée {debut}\u00a0: {dits}. Les fichiers d’ONDE le confirmeront.")
        journal.event("pupils_placed", user=request.user.pk, request=request, year=debut, pupils=len(places))
    elif enfants:
        messages.info(
            request, "Ces élèves ont déjà leur place, ou l’école a dit ses classes\u00a0: rien n’a été changé."
        )
    else:
        messages.error(request, "Cochez les élèves à placer\u00a0: rien n’a été changé.")
    return redirect(reverse(RENTREE_DE, args=[debut], fragment="a-placer" if enfants else None))


def _dit(faits: Changements) -> str:
    preparation = faits.preparation
    nombres = {
        "congés": len(preparation.vacances),
        "jours fériés": preparation.feries,
        "créneaux": preparation.creneaux,
        "élèves qui montent": preparation.scolarites,
        "partis": len(faits.partis),
        "revenus": len(faits.revenus),
    }
    texte = ", ".join(f"{mot}\u00a0: {n}" for mot, n in nombres.items() if n)
    return f"{texte[:1].upper()}{texte[1:]}." if texte else ""


def _open(request: HttpRequest, annee: AnneeScolaire, jour: date | None) -> HttpResponse:
    if jour != annee.ouverture:
        phrase = planning_ouverture_phrase(annee.debut, jour)
        with transaction.atomic():
            ouvrir(annee, jour)
            log_change(request, annee, phrase)
        journal.event("year_opening_changed", user=request.user.pk, request=request, year=annee.debut.year)
        messages.success(request, phrase)
    return redirect(RENTREE_DE, annee.debut.year)


@staff_page("enfance.view_anneescolaire")
@require_safe
def calendrier(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of the twelve months of a school year (primary key), day by day."""
    annee = get_object_or_404(AnneeScolaire, pk=pk)
    context = {
        "titre": f"Calendrier {annee}",
        "annee": annee,
        "almanach": load_almanach(annee),
        "legende": [(genre, SIGNES.get(genre, ""), mot) for genre, mot in LEGENDE.items()],
        "jours": [(nom[0].upper(), nom) for nom in JOURS],
    }
    return render(request, "mairie/calendrier.html", context)
