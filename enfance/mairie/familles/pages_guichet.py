"""A family's planning at the town hall's counter: what its parents see, by the same reader, changed by the same writer.

The agent acts under their own name, never the family's (ADM-06); a reason lets them pass over what `regles` calls
overridable, and nothing else.
"""

from __future__ import annotations

from datetime import date, datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import journal
from accounts.decorators import agent_of, staff_page
from enfance.calendrier import bornes
from enfance.courriels.fermeture import recipients
from enfance.equipe.apres_appel import ApresAppel, load_apres_appel, note_presents
from enfance.inscriptions import Refus, enregistrer
from enfance.mairie.familles.ecriture import log
from enfance.mairie.familles.guichet import load_autres_foyers, name_autres_foyers
from enfance.models import Enregistrement, Foyer, Inscription, load_calendrier
from enfance.planning.cases import noms_enfants
from enfance.planning.envois import Issue, envoi_of
from enfance.planning.forms import GuichetForm
from enfance.planning.grille import PageGrille, asks_save, sent_data
from enfance.planning.mois import GrilleMois, prochain_mois
from enfance.planning.resultat import cle_phrase
from enfance.regles import Acteur, cles
from enfance.situation import load_situation
from portail.dates import jour_long
from portail.francais import NBSP
from portail.vues import PAGE

RIGHT = "enfance.change_inscription"
CORRIGER = "enfance.corriger_feuille"


@staff_page(RIGHT)
@require_safe
def planning(request: HttpRequest, pk: int) -> HttpResponse:
    """Leads the agent to this home's planning (primary key), on the month of the next school day."""
    foyer = get_object_or_404(Foyer, pk=pk)
    mois = prochain_mois(load_calendrier(), timezone.localdate())
    return redirect("enfance:guichet_mois", pk=foyer.pk, mois=mois)


@staff_page(RIGHT)
@require_http_methods(PAGE)
def planning_mois(request: HttpRequest, pk: int, mois: date) -> HttpResponse:
    """The agent's page of a month of planning for all the children of this home (primary key), or for the one that
    `?enfant=` names, and its save.
    """
    foyer = get_object_or_404(Foyer.objects.prefetch_related("responsables__user"), pk=pk)
    page, apres = save(request, foyer, bornes(mois), timezone.now())
    form, fait, situation = page.form, page.fait, page.situation
    remplie = page.fill_mois(mois)
    recents = page.changed_meanwhile(*situation.calendrier.semaines(mois))
    if response := page.redirect(recents, remplie):
        return response
    grille = remplie or page.build_mois(mois)
    name_autres_foyers(grille, situation, load_autres_foyers(situation, foyer))
    if fait:
        keep_asked(grille, fait.refus)
        if any(is_passable(refus) for refus in fait.refus) and not form.cleaned_data["motif"]:
            form.ask_motif()
    noms = noms_enfants(situation)
    context = page.context_mois(grille, recents, request.GET.get("enregistre", "")) | {
        "foyer": foyer,
        "apres": [(box, cle_phrase(box.cle, situation, noms)) for box in apres],
        "corrige": request.user.has_perm(CORRIGER),
        "prevenus": prevenus(request),
    }
    return render(request, "enfance/guichet.html", context)


def save(
    request: HttpRequest, foyer: Foyer, jours: tuple[date, date], now: datetime
) -> tuple[PageGrille[GuichetForm], list[ApresAppel]]:
    """Save what the agent sent for these days, unless its button only ticks boxes; returns the page to show, and the
    boxes to ask about. The page is built from the situation as it is without a reason, whatever reason was typed.

    A form that registers a child on a sheet that is closed, without saying whether the child was there, is not saved:
    the second value holds those boxes, also of a form sent before to this address.
    """
    agent, envoi = agent_of(request), envoi_of(request, now)
    form = GuichetForm(sent_data(request, envoi, now))
    issue, situation, apres = envoi.issue, None, []
    if envoi.data is not None and asks_save(envoi.data, form):
        changements = form.changements()
        inscrites = {un.cle for un in changements if un.voulu == Inscription.Etat.INSCRIT}
        apres = load_apres_appel(inscrites, envoi.data, corrige=request.user.has_perm(CORRIGER), now=now)
        if envoi.posted is not None and all(box.reponse for box in apres):
            acteur = Acteur.guichet(agent.pk, foyer, form.cleaned_data["motif"])
            with transaction.atomic():
                fait = enregistrer(changements, acteur, now=now, jours=jours)
                refuses = {refus.cle for refus in fait.refus}
                presents = [box for box in apres if box.cle not in refuses]
                venus, sans_feuille = note_presents(presents, agent, acteur.motif, now=now)
                log(agent.pk, foyer, fait, venus)
            for box, phrase in sans_feuille:
                jour = f"{jour_long(box.cle.jour)}, {box.clos.creneau.nom_court}"
                messages.error(request, f"Présence non notée sur la feuille, {jour}{NBSP}: {phrase}")
            for box in venus:
                day, slot = box.cle.jour.isoformat(), box.clos.creneau_id
                journal.event("sheet_corrected", user=agent.pk, request=request, day=day, slot=slot, count=1)
            issue, situation = Issue.of(fait), fait.situation and fait.situation.with_motif("")
        if issue:
            apres = [box for box in apres if box.cle in {refus.cle for refus in issue.refus}]
    situation = situation or load_situation(Acteur.guichet(agent.pk, foyer), *jours, now=now)
    return PageGrille(request, form, issue, situation, envoi), apres


def is_passable(refus: Refus) -> bool:
    """Whether this refused change would be accepted if the agent typed a reason."""
    return all(obstacle.overridable for obstacle in refus.obstacles)


def keep_asked(grille: GrilleMois, refuses: tuple[Refus, ...]) -> None:
    """In the grid shown again after a save, leave as the agent sent them the boxes that were refused only for want of a
    reason: all that is left to do is to type it.
    """
    voulus = {refus.cle: refus.voulu for refus in refuses if is_passable(refus)}
    for case in grille.libres:
        if case.cle in voulus:
            case.coche = voulus[case.cle] != Inscription.Etat.ANNULEE


def prevenus(request: HttpRequest) -> list[str]:
    """The e-mail addresses to which the save named by `?enregistre=` was told, sorted.

    Empty when nobody can be reached by e-mail, when the key is not valid, or when another agent made the save.
    """
    reference = cles.parse_key(request.GET.get("enregistre", ""), cles.pk)
    if reference is None:
        return []
    enregistrement = Enregistrement.objects.filter(pk=reference[0], auteur=request.user.pk).first()
    return sorted({user.email for user in recipients(enregistrement)}) if enregistrement else []
