"""Closing days of garderie and opening them again: the form, what it touches, then the change itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import agent_of, staff_page
from accounts.log import log_addition, log_change
from enfance.mairie.apercus import courriels_of, effets_par_moment, par_classe, premieres_inscriptions
from enfance.mairie.destinataires import Public
from enfance.mairie.fermetures import ecriture as fermetures
from enfance.mairie.fermetures.ecriture import BilanFermeture, fermeture_phrase, fermeture_titre, remarques_for
from enfance.mairie.fermetures.forms import FermetureForm, SortieForm
from enfance.mairie.fermetures.sorties import CORRIGER, apercu_sortie, preview_context
from enfance.mairie.touches import Touches
from enfance.models import Enfant, Fermeture
from portail.confirmation import Apercu, Effet, Suite, Tableau, asks_always, asks_at_once, confirm
from portail.francais import pluriel
from portail.vues import PAGE

LISTE = "admin:enfance_fermeture_changelist"
SORTIE = "mairie/fermetures/sortie.html"


@dataclass(frozen=True)
class MotsRetour:
    """How the page says that places are given back: its title, its button, what was done, in the history and in the
    message, that it is over.
    """

    titre: str
    bouton: str
    notee: str
    faite: str
    finie: str = ""


ROUVRIR = MotsRetour("Rouvrir", "Rouvrir et prévenir", "Rouverte", "Rouvert", "Cette fermeture est finie")
ANNULER = MotsRetour("Annuler\u00a0:", "Annuler et prévenir", "Annulée", "Annulé", "C’est passé")
RESTER = MotsRetour("Garder à l’école\u00a0:", "Garder et prévenir", "Reste", "Reste à l’école")


@staff_page("enfance.add_fermeture")
@require_http_methods(PAGE)
@asks_always
def fermer(request: HttpRequest) -> HttpResponse:
    """The page that closes days of garderie: the form, a preview of whom that touches, then, once confirmed, the
    closure. Days closed already are said, and nothing is changed.
    """
    form = FermetureForm(request.POST if request.method == "POST" else None)
    context = {"titre": "Fermer la garderie", "form": form}
    if not form.is_valid():
        return render(request, "mairie/fermetures/fermer.html", context)
    now = timezone.now()
    bilan = fermetures.fermer(form.portee, agent_of(request).pk, now=now)
    if bilan.fermeture is None:  # somebody has just changed the calendar
        form.add_error("debut", fermetures.rien_a_fermer(form.portee))
        return render(request, "mairie/fermetures/fermer.html", context)
    phrase = fermeture_phrase(bilan.fermeture)
    if bilan.deja:
        messages.info(request, f"Déjà fermé\u00a0: {phrase}. Rien n’a changé.")
        return redirect(LISTE)
    titre = f"Fermer {fermeture_titre(bilan.fermeture, today=timezone.localdate(now))}"
    remarques = (
        *remarques_for(form.portee, today=timezone.localdate(now)),
        *(Public(form.portee.classes).effectifs(today=form.portee.debut) if form.portee.classes else ()),
    )
    confirm(request, _apercu(titre, bilan, remarques, now=now, fermer=True), touches=bilan.touches)
    log_addition(request, bilan.fermeture, f"Touchés\u00a0: {bilan.touches.phrase}.")
    messages.success(
        request,
        f"Fermé\u00a0: {phrase}. Annulées\u00a0: {bilan.touches.phrase}. Les familles sont prévenues par e-mail.",
    )
    _tell_injoignables(request, bilan)
    return redirect(LISTE)


@staff_page("enfance.add_fermeture")
@require_http_methods(PAGE)
@asks_always
def sortie(request: HttpRequest) -> HttpResponse:
    """The page that says a trip, or a teacher away: the form, a preview of who leaves, where those who stay are
    unticked, then, once confirmed, the trip. One that is known already is said, and nothing is changed.
    """
    form = SortieForm(request.POST if request.method == "POST" else None)
    context = {"titre": "Sortie, ou enseignant absent", "form": form}
    if not form.is_valid() or CORRIGER in request.POST:
        return render(request, SORTIE, context)
    now = timezone.now()
    bilan = fermetures.fermer(form.portee, agent_of(request).pk, now=now)
    if bilan.fermeture is None:  # somebody has just changed the calendar
        form.add_error("debut", fermetures.rien_a_fermer(form.portee))
        return render(request, SORTIE, context)
    phrase = fermeture_phrase(bilan.fermeture)
    if bilan.deja:
        messages.info(request, f"Déjà noté\u00a0: {phrase}. Rien n’a changé.")
        return redirect(LISTE)
    apercu = apercu_sortie(bilan, form, now=now, retour=reverse(LISTE), fil=(("Fermetures", reverse(LISTE)),))
    confirm(request, apercu, **preview_context(request, form, apercu))
    log_addition(request, bilan.fermeture, f"Touchés\u00a0: {bilan.touches.phrase}.")
    messages.success(
        request,
        f"Noté\u00a0: {phrase}. Retirées\u00a0: {bilan.touches.phrase}. Les familles sont prévenues par e-mail.",
    )
    _tell_injoignables(request, bilan)
    return redirect(LISTE)


@staff_page("enfance.delete_fermeture")
@require_http_methods(PAGE)
@asks_at_once
def rouvrir(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that lifts a closure (primary key): a preview of the inscriptions given back, then, once confirmed, the
    opening. A closure that is over is said, and nothing is changed.
    """
    fermeture = get_object_or_404(Fermeture, pk=pk)
    now = timezone.now()
    mots = ROUVRIR if fermeture.is_fermeture else ANNULER
    titre = f"{mots.titre} {fermeture_titre(fermeture, today=timezone.localdate(now))}"
    phrase = fermeture_phrase(fermeture)  # with its schools, which go with it
    bilan = fermetures.rouvrir(pk, agent_of(request).pk, now=now)
    if bilan.deja:
        messages.info(request, f"{mots.finie}\u00a0: {phrase}.")
        return redirect(LISTE)
    confirm(request, _apercu_retour(mots, titre, bilan, now=now), touches=bilan.touches)
    log_change(request, fermeture, f"{mots.notee}. Rétablies\u00a0: {bilan.touches.phrase}.")
    _tell_rendues(request, f"{mots.faite}\u00a0: {phrase}", bilan)
    return redirect(LISTE)


@staff_page("enfance.delete_fermeture", "enfance.view_enfant")
@require_http_methods(PAGE)
@asks_at_once
def rester(request: HttpRequest, pk: int, enfant: int) -> HttpResponse:
    """The page that keeps at school a child whom a trip took (primary keys): a preview of the inscriptions given back,
    then, once confirmed, the change. A child who stays already, a trip that is over or a closure is said, and nothing
    changes.
    """
    fermeture, qui = get_object_or_404(Fermeture, pk=pk), get_object_or_404(Enfant, pk=enfant)
    now = timezone.now()
    phrase = f"{qui}, {fermeture_phrase(fermeture)}"
    bilan = fermetures.rester(pk, enfant, agent_of(request).pk, now=now)
    if bilan.deja:
        messages.info(request, f"Rien à changer\u00a0: {phrase}.")
        return redirect(LISTE)
    confirm(request, _apercu_retour(RESTER, f"{RESTER.titre} {phrase}", bilan, now=now), touches=bilan.touches)
    log_change(request, fermeture, f"{qui} reste. Rétablies\u00a0: {bilan.touches.phrase}.")
    _tell_rendues(request, f"{RESTER.faite}\u00a0: {phrase}", bilan)
    return redirect(LISTE)


def _tell_rendues(request: HttpRequest, fait: str, bilan: BilanFermeture) -> None:
    """What was given back, to whom, and what was not."""
    messages.success(
        request, f"{fait}. Rétablies\u00a0: {bilan.touches.phrase}. Les familles sont prévenues par e-mail."
    )
    for refus in bilan.refus:
        messages.warning(request, f"Non rétabli\u00a0: {refus}")
    _tell_injoignables(request, bilan)


@staff_page("enfance.view_fermeture", "enfance.view_responsable")
@require_safe
def liste(request: HttpRequest, pk: int) -> HttpResponse:
    """The page to print of the children whom a closure (primary key) touches, with the phones of the families whom no
    mail reaches.
    """
    fermeture = get_object_or_404(Fermeture, pk=pk)
    context = {
        "titre": f"Enfants touchés, {fermeture_phrase(fermeture)}",
        "fermeture": fermeture,
        "may_keep": _may_keep(request, fermeture),
        "enfants": fermetures.load_liste(fermeture),
    }
    return render(request, "mairie/fermetures/fermeture_liste.html", context)


def _may_keep(request: HttpRequest, fermeture: Fermeture) -> bool:
    """Whether a child of this trip may still be kept at school, by this agent."""
    a_venir = not fermeture.is_fermeture and fermeture.fin >= timezone.localdate()
    return a_venir and request.user.has_perms(["enfance.delete_fermeture", "enfance.view_enfant"])


def _apercu(titre: str, bilan: BilanFermeture, remarques: tuple[str, ...], *, now: datetime, fermer: bool) -> Apercu:
    """The confirmation of a closure, or of its opening again."""
    touches = bilan.touches
    courriels, exemple = courriels_of(bilan.enregistrement, now=now)
    if touches.inscriptions:
        phrase = f"Ceci touche {touches.de_familles}."
    else:
        phrase = "Aucune inscription n’est touchée." if fermer else "Aucune inscription n’est à rétablir."
    refus = tuple((refus,) for refus in bilan.refus)
    return Apercu(
        titre=titre,
        phrase=phrase,
        question=f"{titre}\u00a0?",
        suites=(Suite("Fermer et prévenir" if fermer else "Rouvrir et prévenir"),),
        retour=reverse(LISTE),
        fil=(("Fermetures", reverse(LISTE)),),
        precision="Ce qui est fermé n’est pas facturé." if fermer else "",
        consequence=_consequence(courriels, fermer=fermer),
        remarques=remarques,
        effets=_effets(touches, fermer=fermer),
        tableaux=(
            *premieres_inscriptions(touches),
            *((Tableau("Ne pourront pas être rétablies", ("Inscription",), refus),) if refus else ()),
            *par_classe(touches),
        ),
        courriels=courriels,
        exemple=exemple,
        a_appeler=touches.injoignables,
        grave=bool(touches.inscriptions),
        travail="Fermeture en cours…" if fermer else "Réouverture en cours…",
    )


def _apercu_retour(mots: MotsRetour, titre: str, bilan: BilanFermeture, *, now: datetime) -> Apercu:
    """The confirmation of what gives places back."""
    apercu = _apercu(titre, bilan, (), now=now, fermer=False)
    return replace(apercu, suites=(Suite(mots.bouton),))


def _effets(touches: Touches, *, fermer: bool) -> tuple[Effet, ...]:
    if not touches.inscriptions:
        return ()
    if not fermer:
        return effets_par_moment(touches, "inscription rétablie,inscriptions rétablies")
    semaines = "les semaines types, et le rang de ceux qui attendent une place"
    return (
        *effets_par_moment(touches, "inscription annulée,inscriptions annulées", detail=", non facturées"),
        Effet("Ne change pas", semaines, detail="Rouvrir rend les inscriptions, selon les places.", icone="ok"),
    )


def _consequence(courriels: int, *, fermer: bool) -> str:
    if not courriels:
        return "Personne ne recevra d’e-mail."
    partent = f"{pluriel(courriels, 'e-mail part,e-mails partent')} aussitôt."
    return f"{partent} On peut rouvrir\u202f; les e-mails, eux, sont partis." if fermer else partent


def _tell_injoignables(request: HttpRequest, bilan: BilanFermeture) -> None:
    if noms := "\u202f; ".join(map(str, bilan.touches.injoignables)):
        messages.warning(request, f"Sans e-mail, familles à appeler\u00a0: {noms}.")
