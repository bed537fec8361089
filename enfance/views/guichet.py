"""A family's planning at the town hall's counter: what its parents see, by the same reader, changed by the same writer.

The agent acts under their own name, never the family's (ADM-06); a reason lets them pass over what `regles` calls
overridable, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import journal
from accounts.decorators import agent_of, staff_page
from accounts.sessions import take_kept_form
from enfance.courriels.fermeture import recipients
from enfance.equipe.apres_appel import ApresAppel, load_apres_appel, note_presents
from enfance.inscriptions import Refus, Resultat, enregistrer
from enfance.mairie.guichet import load_autres_foyers, name_autres_foyers
from enfance.models import Enregistrement, Foyer, Inscription, load_calendrier
from enfance.planning.annonces import annonces
from enfance.planning.cases import Saisie, fratrie, noms_enfants
from enfance.planning.forms import FiltreForm, GuichetForm
from enfance.planning.historique import phrases
from enfance.planning.mois import Mois, bornes, build_mois
from enfance.planning.resultat import changes_meanwhile, cle_phrase, load_resultat, recents_phrases, refus_vus
from enfance.regles import Acteur, Situation, cles
from enfance.situation import load_situation
from enfance.views.famille import PAGE
from enfance.views.planning import RECENTS, REMPLIR, prochain_mois, remplir, see_other
from portail.francais import NBSP

RIGHT = "enfance.change_inscription"
CORRIGER = "enfance.corriger_feuille"


@staff_page(RIGHT)
@require_safe
def planning(request: HttpRequest, pk: int) -> HttpResponse:
    """The month of the next school day."""
    foyer = get_object_or_404(Foyer, pk=pk)
    mois = prochain_mois(load_calendrier(), timezone.localdate())
    return redirect("enfance:guichet_mois", pk=foyer.pk, mois=mois)


@staff_page(RIGHT)
@require_http_methods(PAGE)
def planning_mois(request: HttpRequest, pk: int, mois: date) -> HttpResponse:
    """The month of all the children of this home, or of the one that `?enfant=` names."""
    foyer = get_object_or_404(Foyer.objects.prefetch_related("responsables__user"), pk=pk)
    form, fait, situation, apres = save(request, foyer, bornes(mois), timezone.now())
    choisi = FiltreForm(request.GET).choisi(situation.enfants)
    noms = noms_enfants(situation)
    saisie = None if fait else unsaved(form)
    grille = build_mois(situation, mois, seulement={choisi} if choisi else (), saisie=saisie)
    name_autres_foyers(grille, situation, load_autres_foyers(situation, foyer))
    remplir(grille, request.POST)
    refuses = [refus.cle for refus in fait.refus] if fait else []
    if fait:
        recents = changes_meanwhile(form.saisie, grille.libres, refuses)
    else:
        recents = [case for case in grille.libres if str(case.cle) in request.GET.get("recents", "").split()]
    if fait and not fait.refus:
        reference = fait.enregistrement.pk if fait.enregistrement else 0
        return see_other(request, enregistre=reference, recents=" ".join(str(c.cle) for c in recents[:RECENTS]))
    if fait:
        keep_asked(grille, fait.refus)
        if any(is_passable(refus) for refus in fait.refus) and not form.cleaned_data["motif"]:
            form.ask_motif()
    context = {
        "foyer": foyer,
        "mois": grille,
        "choisi": choisi,
        "enfants": fratrie(situation),
        "annonces": annonces(situation, {choisi} if choisi else ()),
        "gardes": form.is_bound and request.method != "POST",
        "form": form,
        "apres": [(box, cle_phrase(box.cle, situation, noms)) for box in apres],
        "corrige": request.user.has_perm(CORRIGER),
        "resultat": load_resultat(request.GET.get("enregistre", ""), agent_of(request).pk, noms, now=situation.now),
        "prevenus": prevenus(request),
        "refus": refus_vus(fait.refus, situation, noms, grille.libres, len(fait.evenements)) if fait else None,
        "recents": recents_phrases(recents, None, situation, noms),
    }
    return render(request, "enfance/guichet.html", context)


def save(
    request: HttpRequest, foyer: Foyer, jours: tuple[date, date], now: datetime
) -> tuple[GuichetForm, Resultat | None, Situation, list[ApresAppel]]:
    """Save what the form sent, unless a button only asks for ticks; and the situation as it is afterwards, seen without
    a reason. A form that an ended session was sending is shown again, and not saved; neither is one that registers into
    a closed sheet without saying whether the child was there: what is to be said comes last.
    """
    agent, post = agent_of(request), request.method == "POST"
    form = GuichetForm(request.POST if post else take_kept_form(request, now=now))
    fait, sans_motif, apres = None, Acteur.guichet(agent.pk, foyer), []
    if post and form.is_valid() and not REMPLIR & request.POST.keys():
        changements = form.changements()
        inscrites = {un.cle for un in changements if un.voulu == Inscription.Etat.INSCRIT}
        apres = load_apres_appel(inscrites, request.POST, corrige=request.user.has_perm(CORRIGER), now=now)
        if all(box.reponse for box in apres):
            acteur = Acteur.guichet(agent.pk, foyer, form.cleaned_data["motif"])
            with transaction.atomic():
                fait = enregistrer(changements, acteur, now=now, jours=jours)
                refuses = {refus.cle for refus in fait.refus}
                venus = note_presents([b for b in apres if b.cle not in refuses], agent, acteur.motif, now=now)
                log(agent.pk, foyer, fait, venus)
            apres = [box for box in apres if box.cle in refuses]
            for box in venus:
                day, slot = box.cle.jour.isoformat(), box.clos.creneau_id
                journal.event("sheet_corrected", user=agent.pk, request=request, day=day, slot=slot, count=1)
    if fait and fait.situation:
        return form, fait, fait.situation.with_motif(""), apres
    return form, fait, load_situation(sans_motif, *jours, now=now), apres


def unsaved(form: GuichetForm) -> Saisie | None:
    """The ticks to show that are not saved, even where the reason alone was refused."""
    return form.saisie if form.is_bound and form.errors.keys() <= {"motif"} else None


def log(agent: int, foyer: Foyer, fait: Resultat, venus: Sequence[ApresAppel]) -> None:
    """Keep in the town hall's own journal what was changed, and why (ADM-04)."""
    if fait.enregistrement is None or fait.situation is None:
        return
    lignes = phrases(fait.evenements, noms_enfants(fait.situation), date.min)
    motif = f" Motif{NBSP}: {fait.enregistrement.motif}." if fait.enregistrement.motif else ""
    noms = noms_enfants(fait.situation)
    la = ", ".join(cle_phrase(box.cle, fait.situation, noms) for box in venus)
    presence = f" Présence notée sur la feuille terminée{NBSP}: {la}." if la else ""
    message = f"Planning, {fait.enregistrement}{NBSP}: {f'{NBSP}; '.join(lignes)}.{presence}{motif}"
    LogEntry.objects.log_actions(agent, [foyer], CHANGE, message)


def is_passable(refus: Refus) -> bool:
    """Whether a reason is all that this change lacks."""
    return all(obstacle.overridable for obstacle in refus.obstacles)


def keep_asked(grille: Mois, refuses: tuple[Refus, ...]) -> None:
    """Leave as they were sent the boxes that only lack a reason: it is all there is to type."""
    voulus = {refus.cle: refus.voulu for refus in refuses if is_passable(refus)}
    for case in grille.libres:
        if case.cle in voulus:
            case.coche = voulus[case.cle] != Inscription.Etat.ANNULEE


def prevenus(request: HttpRequest) -> list[str]:
    """The addresses that are told of the save that the page shows; empty when somebody has to call."""
    reference = cles.parse_key(request.GET.get("enregistre", ""), cles.pk)
    if reference is None:
        return []
    enregistrement = Enregistrement.objects.filter(pk=reference[0], auteur=request.user.pk).first()
    return sorted({user.email for user in recipients(enregistrement)}) if enregistrement else []
