"""A child’s file: read first, changed one subject at a time (`?changer=garde`), each saved by itself."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import RedirectURLMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import staff_page
from accounts.site import CHANGED_MEANWHILE, FINGERPRINT
from enfance.famille.sante import keep_lecture, sees_sante, with_sante
from enfance.mairie.enfants.demandes import load_a_verifier
from enfance.mairie.enfants.lecture import load_fiche
from enfance.mairie.enfants.sujet_venir import personne_of
from enfance.mairie.enfants.sujets import SUJETS
from enfance.models import DemandeAutorisation, Enfant
from portail.confirmation import asks_first
from portail.empreintes import fingerprint_of, is_still
from portail.formulaires import is_key
from portail.francais import NBSP
from portail.vues import PAGE


@staff_page("enfance.view_enfant")
@require_http_methods(PAGE)
@asks_first
def fiche(request: HttpRequest, object_id: str) -> HttpResponse:
    """The town hall's file of a child (primary key): all of it to read; with `?changer=`, one of its subjects open to
    be changed; a POST saves that subject, unless another agent has changed it since the page was shown.
    PermissionDenied for an agent who may not change it.
    """
    enfant = get_object_or_404(Enfant, pk=object_id if is_key(object_id) else 0)
    nom = request.GET.get("changer", "")
    if nom not in SUJETS:
        if request.method == "POST" and not request.user.has_perm("enfance.change_enfant"):
            raise PermissionDenied
        return _page(request, enfant)
    sujet = SUJETS[nom]
    if not sujet.is_open(request):
        raise PermissionDenied
    if request.method != "POST":
        shown = fingerprint_of(sujet.tenu(request, enfant))
        return _page(request, enfant, ouvert=nom, form=sujet.form(request, enfant, None), shown=shown)
    return _save(request, enfant, nom)


def _save(request: HttpRequest, enfant: Enfant, nom: str) -> HttpResponse:
    """Write the subject, unless it has changed since its page was shown: another agent did, and is not undone."""
    sujet, shown = SUJETS[nom], request.POST.get(FINGERPRINT, "")
    list(Enfant.objects.select_for_update(no_key=True).filter(pk__in=sujet.tenus(enfant)).order_by("pk"))
    stale = not is_still(shown, sujet.tenu(request, enfant))
    retour = RedirectURLMixin().get_redirect_url(request) or reverse("admin:enfance_enfant_change", args=[enfant.pk])
    form = sujet.form(request, enfant, request.POST)
    if form is None:
        return _page(request, enfant)
    if form.is_valid() and stale:
        form.add_error(None, CHANGED_MEANWHILE)
    if not form.is_valid():
        return _page(request, enfant, ouvert=nom, form=form, shown=shown)
    sujet.ecrire(request, enfant, form, retour)
    enfant.refresh_from_db()
    messages.success(request, f"C’est enregistré{NBSP}: {sujet.titre.lower()}, {enfant}.")
    return HttpResponseRedirect(retour)


def _page(request: HttpRequest, enfant: Enfant, *, ouvert: str = "", **context: Any) -> HttpResponse:
    """The file of the child as it is held, with the subject `ouvert` to be changed."""
    demandes = DemandeAutorisation.objects.none()
    if request.user.has_perm("enfance.view_personneautorisee"):
        demandes = enfant.demandes_autorisation.select_related("enfant", "demandee_par", "decidee_par")
    if sees_sante(request):
        keep_lecture(request, with_sante([enfant]))
    lue = load_fiche(enfant, now=timezone.now())
    sujets = {nom: sujet for nom, sujet in SUJETS.items() if nom != "ecole" or lue.plusieurs}
    context = {"form": None, "shown": "", **context} | {
        "titre": str(enfant),
        "fiche": lue,
        "ouvert": ouvert,
        "vus": {nom for nom, sujet in sujets.items() if sujet.is_seen(request)},
        "changeables": {nom for nom, sujet in sujets.items() if sujet.is_open(request)},
        "personne": personne_of(request, enfant) if ouvert == "venir" else None,
        "a_verifier": load_a_verifier(demandes),
        "suite": RedirectURLMixin().get_redirect_url(request),
    }
    return render(request, "mairie/enfants/enfant.html", context)
