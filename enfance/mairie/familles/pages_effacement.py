"""A family erased from its page: the identifiant copied, what goes and what stays shown in words, then confirmed."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.confirmation import password_asked
from accounts.decorators import agent_of, staff_page
from accounts.log import log_addition
from conservation.models import Effacement
from enfance.famille.effacement import BilanFamille, effacer_famille
from enfance.mairie.familles.forms import EffacerForm
from enfance.models import Foyer
from portail.confirmation import Apercu, Effet, Suite, asks_first, confirm
from portail.dates import date_heure
from portail.effacements import EffacementRefuse
from portail.francais import NBSP, accord
from portail.vues import PAGE

FOYER = Foyer._meta.label


@staff_page("conservation.effacer_famille", "enfance.view_foyer")
@require_http_methods(PAGE)
def effacer(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that erases a family for good, from its home (primary key): its identifiant copied, what goes and what
    stays, then the confirmation. A family erased already is said, with the day; a home without adult is not erased
    here.
    The password is asked before any transaction (ADM-05): nobody erases from a window that was left open.
    """
    if request.method == "POST" and (answer := password_asked(request)):
        return answer
    return _effacer(request, pk)


@asks_first
def _effacer(request: HttpRequest, pk: int) -> HttpResponse:
    foyer = Foyer.objects.prefetch_related("responsables__user").filter(pk=pk).first()
    if foyer is None:
        return _already(request, pk)
    adultes = list(foyer.responsables.all())
    form = EffacerForm(request.POST if request.method == "POST" else None, adultes)
    if adultes and form.is_valid():
        nom = str(foyer)
        try:
            bilan = effacer_famille(form.compte.pk, now=timezone.now(), by=agent_of(request).pk)
        except EffacementRefuse as refus:
            form.add_error(None, str(refus))
        else:
            confirm(request, _apercu(pk, nom, bilan), bilan=bilan)
            _tell(request, pk, bilan)
            return redirect("admin:enfance_foyer_trouver")
    context = {"titre": "Effacer la famille", "foyer": foyer, "adultes": adultes, "form": form}
    return render(request, "mairie/familles/effacer_famille.html", context)


def _already(request: HttpRequest, pk: int) -> HttpResponse:
    """A second click, the page come back to, another agent: it was done, and when; 404 for what never was."""
    efface = Effacement.objects.filter(modele=FOYER, cle=pk).order_by("-le").first()
    if efface is None:
        raise Http404
    messages.info(request, f"Cette famille est déjà effacée, depuis le {date_heure(efface.le)}.")
    return redirect("admin:enfance_foyer_trouver")


def _apercu(pk: int, nom: str, bilan: BilanFamille) -> Apercu:
    """What is agreed to is who goes, and what the family loses. The rows of each table are shown beside it: a mail that
    leaves meanwhile is no reason to ask again.
    """
    page = reverse("admin:enfance_foyer_famille", args=[pk])
    return Apercu(
        titre="Effacer la famille",
        phrase=f"Ceci efface pour toujours {_combien(bilan)}{NBSP}: {nom}.",
        question="Effacer cette famille pour toujours\u202f?",
        suites=(Suite("Effacer la famille"),),
        retour=page,
        abandon="Ne rien effacer",
        fil=(("Familles", reverse("admin:enfance_foyer_trouver")), (nom, page)),
        precision="Il n’y a pas de retour en arrière.",
        remarques=bilan.avis,
        effets=tuple(Effet("Part", phrase) for phrase in bilan.famille.qui),
        grave=True,
        travail="Effacement en cours…",
        template="mairie/familles/effacer_apercu.html",
        marque=repr(sorted((modele, sorted(cles)) for modele, cles in bilan.famille.cles.items())),
    )


def _combien(bilan: BilanFamille) -> str:
    """« 2 adultes et 1 enfant »."""
    famille = bilan.famille
    adultes = accord(len(famille.adultes), "adulte")
    return f"{adultes} et {accord(len(famille.enfants), 'enfant')}" if famille.enfants else adultes


def _tell(request: HttpRequest, pk: int, bilan: BilanFamille) -> None:
    """The trace has keys alone: a name in it would be the one that stays."""
    efface = Effacement.objects.filter(modele=FOYER, cle=pk).order_by("-le").first()
    if efface is not None:
        log_addition(request, efface, f"Famille effacée{NBSP}: {_combien(bilan)}.")
    messages.success(request, f"La famille est effacée{NBSP}: {_combien(bilan)}.")
    messages.info(request, "Détruisez aussi ce que la mairie a imprimé ou exporté d’elle.")
