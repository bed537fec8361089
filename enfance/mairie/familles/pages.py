"""The counter and the phone: a family found in one field, and all that is known of it on one page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import journal, ratelimit
from accounts.admin import send_temporary_passwords
from accounts.decorators import agent_of, staff_page
from accounts.log import log_change
from accounts.models import User
from accounts.site import TownHallAdmin
from enfance.calendrier import bornes, lundi
from enfance.extensions import ExtensionEnfance
from enfance.famille.absences.qui_sait import load_qui_sait
from enfance.famille.sante import keep_lecture, sees_sante
from enfance.mairie.familles.absence import build_offre, load_refus, noter, reprendre
from enfance.mairie.familles.forms import AbsentForm, AbsentJourForm, RechercheForm, RevientForm
from enfance.mairie.familles.guichet import keep_semaines, load_autres_foyers, mois_of, name_autres_foyers
from enfance.mairie.familles.lecture import FamilleTrouvee, find_familles, load_famille
from enfance.models import Foyer, load_calendrier
from enfance.planning.forms import GuichetForm
from enfance.planning.mois import GrilleMois, build_mois
from enfance.regles import Acteur, Situation
from enfance.situation import load_situation
from portail.dates import jour_long
from portail.extensions import Extension
from portail.formulaires import INCOMPLETE
from portail.francais import et
from portail.menu import liens_famille
from portail.papiers import PapierTrouve, papiers_of
from portail.vues import PAGE

ABSENT = "enfance.add_absence"


@staff_page("enfance.view_foyer")
@require_http_methods(PAGE)
def trouver(request: HttpRequest) -> HttpResponse:
    """The page that finds a family: those in which each word typed is found; or the papers that bear the number typed.
    When there is only one, its own page opens at once.
    """
    if request.method == "POST":
        return RechercheForm.keep(request)
    form = RechercheForm.kept(request)
    familles: list[FamilleTrouvee] = []
    papiers: list[PapierTrouve] = []
    trop, now = False, timezone.now()
    if form.is_valid():
        texte = form.cleaned_data["famille"]
        papiers = papiers_of(request, texte, Extension.installed().papiers, now=now)
        if len(papiers) == 1:
            return redirect(papiers[0].adresse)
        if not papiers:
            familles, trop = find_familles(texte, today=timezone.localdate(now))
        if len(familles) == 1:
            return redirect("admin:enfance_foyer_famille", pk=familles[0].foyer.pk)
    context = {
        "titre": "Trouver une famille",
        "form": form,
        "cherche": form.is_valid(),
        "familles": familles,
        "papiers": papiers,
        "trop": trop,
    }
    return render(request, "mairie/familles/trouver.html", context)


# --- The page of a family -------------------------------------------------------------------------------------------


@staff_page("enfance.view_foyer")
@require_http_methods(PAGE)
def famille(request: HttpRequest, pk: int) -> HttpResponse:
    """The town hall's page of a family, by its home (primary key): whom to call, an absence to note, the planning of
    this week and the next, children, the last changes. Its buttons note an absence or take it back; for an agent who
    may change accounts, they send an adult a temporary password, or set their tries to log in to zero.
    """
    foyer, now = get_object_or_404(Foyer.objects.prefetch_related("responsables__user"), pk=pk), timezone.now()
    acteur = Acteur.guichet(agent_of(request).pk, foyer)
    if request.method == "POST" and "noter" not in request.POST:
        _act(request, foyer, acteur, now)
        return redirect("admin:enfance_foyer_famille", pk=pk)
    situation, mois = (
        _semaines(foyer, acteur, now) if request.user.has_perm("enfance.change_inscription") else (None, None)
    )
    absent = _absent_form(request, acteur, situation)
    if request.method == "POST" and (dite := _note(request, acteur, absent, now)):
        return HttpResponseRedirect(reverse("admin:enfance_foyer_famille", args=[pk], query=dite))
    vue = load_famille(foyer, now=now)
    if sees_sante(request):
        keep_lecture(request, [fiche.enfant.pk for fiche in vue.enfants if fiche.enfant.pai])
    context = {
        "titre": str(foyer),
        "foyer": foyer,
        "famille": vue,
        "mois": mois,
        "form": GuichetForm(),
        "absent": absent,
        **(_absences(request, situation, now) if absent and situation else {}),
        "liens": liens_famille(request, foyer.pk, Extension.installed().famille),
    }
    return render(request, "mairie/familles/famille.html", context)


def _semaines(foyer: Foyer, acteur: Acteur, now: datetime) -> tuple[Situation, GrilleMois]:
    """The week of the next school day and the one after, as the counter sees them, and all that was read of them."""
    today = timezone.localdate(now)
    calendrier = load_calendrier()
    premier = lundi(today if calendrier.is_ecole(today) else calendrier.ecole_apres(today) or today)
    mois = mois_of(premier)
    situation = load_situation(acteur, *bornes(mois), now=now)
    semaines = keep_semaines(build_mois(situation, mois), premier)
    name_autres_foyers(semaines, situation, load_autres_foyers(situation, foyer))
    return situation, semaines


# --- An absence -----------------------------------------------------------------------------------------------------


def _absent_form(request: HttpRequest, acteur: Acteur, situation: Situation | None) -> AbsentForm | None:
    """The form of an absence, for an agent who may note one and where a child is at school."""
    if situation is None or not request.user.has_perm(ABSENT):
        return None
    offre = build_offre(situation)
    if not offre.enfants:
        return None
    suites = ExtensionEnfance.installed().absences
    champs = {suite.nom: champ for suite in suites if (champ := suite.champ(acteur, offre.jour))}
    return AbsentForm(request.POST if request.method == "POST" else None, offre=offre, champs=champs)


def _absences(request: HttpRequest, situation: Situation, now: datetime) -> dict[str, Any]:
    """The absence that was just noted, else the next one that is told, with who knows of it; the days of the others."""
    form = AbsentJourForm(request.GET)
    absent, jusqua = form.jours(situation.today)
    jours = sorted({jour for _, jour in situation.absences if jour >= situation.today})
    jour = absent or next(iter(jours), None)
    demandes = form.cleaned_data.get("enfants", [])
    qui_sait = load_qui_sait(situation.acteur, jour, jusqua, demandes=demandes, now=now) if jour else None
    return {"qui_sait": qui_sait, "notee": absent, "autres_absences": [autre for autre in jours if autre != jour]}


def _note(request: HttpRequest, acteur: Acteur, form: AbsentForm | None, now: datetime) -> dict[str, str] | None:
    """Note the absence that was sent; returns what the page's address then says, or None to show the form again, which
    then says why.
    """
    if form is None:
        raise PermissionDenied
    if not form.is_valid():
        return None
    demande = form.demande
    dites = noter(demande, acteur, now=now)
    notes = {dite.enfant.pk for dite in dites}
    for enfant in {dite.enfant.pk for dite in dites if dite.changee}:
        journal.event("absence_told", user=agent_of(request).pk, request=request, child=enfant)
    refus = load_refus(demande, acteur, notes, now=now)
    if not dites:
        form.add_error(None, refus)
        return None
    for phrase in refus:
        messages.warning(request, phrase)
    return {
        "absent": min(dite.absence.jour for dite in dites).isoformat(),
        "jusqua": demande.jusqua.isoformat(),
        "enfants": " ".join(map(str, demande.enfants)),
    }


def _take_back(request: HttpRequest, acteur: Acteur, now: datetime) -> None:
    if not request.user.has_perm(ABSENT):
        raise PermissionDenied
    form = RevientForm(request.POST)
    if not form.is_valid() or len(form.cleaned_data["vient"]) != 1:
        messages.error(request, INCOMPLETE)
        return
    [enfant], jour = form.cleaned_data["vient"], form.cleaned_data["jour"]
    retirees = reprendre(acteur, enfant, jour, now=now)
    if not retirees:
        messages.error(request, "L’équipe a terminé cet appel, ou l’absence est déjà retirée\u00a0: rien n’a changé.")
        return
    journal.event("absence_taken_back", user=agent_of(request).pk, request=request, child=enfant)
    nom = retirees[0].enfant.nom
    jours = et([jour_long(retiree.absence.jour) for retiree in retirees])
    messages.success(request, f"{nom} vient finalement, {jours}\u00a0: l’équipe, la cantine et les parents le lisent.")


# --- An account -----------------------------------------------------------------------------------------------------


def _act(request: HttpRequest, foyer: Foyer, acteur: Acteur, now: datetime) -> None:
    """Do what a button asks: `vient` takes back the absence of a child; beside an adult, `envoyer` or `debloquer`, and
    the account's primary key.
    """
    if "vient" in request.POST:
        _take_back(request, acteur, now)
        return
    if not request.user.has_perm("accounts.change_user"):
        raise PermissionDenied
    for action in ("envoyer", "debloquer"):
        if action in request.POST:
            user = _adulte(foyer, request.POST[action])
            if action == "envoyer":
                send_temporary_passwords(cast(TownHallAdmin, admin.site.get_model_admin(User)), request, [user])
            else:
                _free(request, user)


def _adulte(foyer: Foyer, pk: str) -> User:
    """The account of an adult of this home, and of no other."""
    for responsable in foyer.responsables.all():
        if str(responsable.user_id) == pk and not responsable.user.is_staff:
            return responsable.user
    raise Http404


def _free(request: HttpRequest, user: User) -> None:
    ratelimit.reset_account(user)
    log_change(request, user, "Essais de connexion remis à zéro.")
    journal.event("account_unlocked", user=user.pk, by=agent_of(request).pk, request=request)
    messages.success(request, f"{user}\u00a0: les essais sont remis à zéro, la connexion est possible.")
