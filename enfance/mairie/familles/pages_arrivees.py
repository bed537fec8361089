"""A family, or one more of a home, typed at the counter before ONDE has them. `mairie.arrivees` alone writes it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from enfance.mairie.familles.arrivees import Arrivee, accueillir, annee_d_accueil
from enfance.mairie.familles.arrivees_forms import Dossier
from enfance.models import Foyer
from portail.vues import PAGE

RIGHTS = (
    "accounts.add_user",
    "enfance.add_responsable",
    "enfance.add_enfant",
    "enfance.add_responsabilite",
    "enfance.add_garde",
    "enfance.view_foyer",
)


@staff_page("enfance.add_foyer", *RIGHTS)
@require_http_methods(PAGE)
def nouvelle_famille(request: HttpRequest) -> HttpResponse:
    """The page where an agent types a new family that ONDE does not have yet: a home, its adults and children."""
    return _ajouter(request, Foyer())


@staff_page(*RIGHTS)
@require_http_methods(PAGE)
def ajouter(request: HttpRequest, pk: int) -> HttpResponse:
    """The page where an agent adds an adult or children to this home (primary key), before ONDE has them."""
    return _ajouter(request, get_object_or_404(Foyer.objects.prefetch_related("responsables__user"), pk=pk))


def _ajouter(request: HttpRequest, foyer: Foyer) -> HttpResponse:
    annee = annee_d_accueil(timezone.localdate())
    dossier = Dossier(request.POST if request.method == "POST" else None, foyer, annee)
    if request.method == "POST" and dossier.is_valid():
        with transaction.atomic():
            arrivee = accueillir(foyer, dossier.nouveaux_adultes, dossier.nouveaux_enfants, annee)
            _log(request, arrivee)
        _tell(request, arrivee)
        return redirect("admin:enfance_foyer_famille", foyer.pk)
    context = {
        "titre": f"Ajouter dans {foyer}" if dossier.connu else "Ajouter une famille",
        "foyer": foyer if dossier.connu else None,
        "dossier": dossier,
        "annee": annee,
    }
    return render(request, "mairie/familles/ajouter.html", context)


def _log(request: HttpRequest, arrivee: Arrivee) -> None:
    venus = [*arrivee.adultes, *arrivee.enfants]
    message = f"Ajouté au foyer n°\u00a0{arrivee.foyer.pk}."
    LogEntry.objects.log_actions(agent_of(request).pk, venus, ADDITION, message)


def _tell(request: HttpRequest, arrivee: Arrivee) -> None:
    identifiants = ", ".join(f"{adulte} ({adulte.user.identifiant})" for adulte in arrivee.adultes)
    noms = ", ".join(map(str, arrivee.enfants))
    phrases = [f"Adultes\u00a0: {identifiants}."] if identifiants else []
    phrases += [f"Enfants\u00a0: {noms}."] if noms else []
    messages.success(request, f"Ajoutés. {' '.join(phrases)}")
