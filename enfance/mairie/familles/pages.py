"""The counter and the phone: a family found in one field, and all that is known of it on one page."""

from __future__ import annotations

from typing import cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import journal, ratelimit
from accounts.admin import send_temporary_passwords
from accounts.decorators import agent_of, staff_page
from accounts.log import log_change
from accounts.models import User
from accounts.site import TownHallAdmin
from enfance.calendrier import bornes, lundi
from enfance.famille.sante import keep_lecture, sees_sante
from enfance.mairie.familles.forms import RechercheForm
from enfance.mairie.familles.guichet import keep_semaines, load_autres_foyers, mois_of, name_autres_foyers
from enfance.mairie.familles.lecture import FamilleTrouvee, find_familles, load_famille
from enfance.models import Foyer, load_calendrier
from enfance.planning.forms import GuichetForm
from enfance.planning.mois import GrilleMois, build_mois
from enfance.regles import Acteur
from enfance.situation import load_situation
from portail.extensions import Extension
from portail.menu import liens_famille
from portail.vues import PAGE


@staff_page("enfance.view_foyer")
@require_http_methods(PAGE)
def trouver(request: HttpRequest) -> HttpResponse:
    """The page that finds a family: those in which each word typed is found; when there is only one, its own page opens
    at once.
    """
    if request.method == "POST":
        return RechercheForm.keep(request)
    form = RechercheForm.kept(request)
    familles: list[FamilleTrouvee] = []
    trop = False
    if form.is_valid():
        familles, trop = find_familles(form.cleaned_data["famille"], today=timezone.localdate())
        if len(familles) == 1:
            return redirect("admin:enfance_foyer_famille", pk=familles[0].foyer.pk)
    context = {
        "titre": "Trouver une famille",
        "form": form,
        "cherche": form.is_valid(),
        "familles": familles,
        "trop": trop,
    }
    return render(request, "mairie/familles/trouver.html", context)


# --- The page of a family -------------------------------------------------------------------------------------------


@staff_page("enfance.view_foyer")
@require_http_methods(PAGE)
def famille(request: HttpRequest, pk: int) -> HttpResponse:
    """The town hall's page of a family, by its home (primary key): the planning of this week and the next, adults,
    children, the last changes. Its buttons send an adult a temporary password, or set their tries to log in to zero,
    for an agent who may change accounts.
    """
    foyer = get_object_or_404(Foyer.objects.prefetch_related("responsables__user"), pk=pk)
    if request.method == "POST":
        _act(request, foyer)
        return redirect("admin:enfance_foyer_famille", pk=pk)
    vue = load_famille(foyer, now=timezone.now())
    if sees_sante(request):
        keep_lecture(request, [fiche.enfant.pk for fiche in vue.enfants if fiche.enfant.pai])
    context = {
        "titre": str(foyer),
        "foyer": foyer,
        "famille": vue,
        "mois": _semaines(request, foyer) if request.user.has_perm("enfance.change_inscription") else None,
        "form": GuichetForm(),
        "liens": liens_famille(request, foyer.pk, Extension.installed().famille),
    }
    return render(request, "mairie/familles/famille.html", context)


def _semaines(request: HttpRequest, foyer: Foyer) -> GrilleMois:
    """The week of the next school day and the one after, as the counter sees them."""
    now = timezone.now()
    today = timezone.localdate(now)
    calendrier = load_calendrier()
    premier = lundi(today if calendrier.is_ecole(today) else calendrier.ecole_apres(today) or today)
    mois = mois_of(premier)
    situation = load_situation(Acteur.guichet(agent_of(request).pk, foyer), *bornes(mois), now=now)
    semaines = keep_semaines(build_mois(situation, mois), premier)
    name_autres_foyers(semaines, situation, load_autres_foyers(situation, foyer))
    return semaines


def _act(request: HttpRequest, foyer: Foyer) -> None:
    """Do what a button beside an adult asks: `envoyer` or `debloquer`, and the account's primary key."""
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
