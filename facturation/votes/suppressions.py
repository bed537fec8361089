"""A vote that was entered by mistake, deleted once that is confirmed, with a trace. One that was used stays."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.log import log_deletion
from facturation.models import Deliberation, Plafond, Supplement, Tarif
from facturation.votes.ecriture import VoteRefuse, supprimer
from facturation.votes.vus import creneaux_left_without, portee_dite
from portail.confirmation import Apercu, Suite, confirm
from portail.francais import NBSP, et, pluriel

LISTE = "admin:facturation_tarif_changelist"
GESTE, SUPPRIMER = "geste", "supprimer"  # the button of its page


def asks_deletion(request: HttpRequest) -> bool:
    """Whether this request is a POST of the button « Supprimer » of the page of a tariff, supplement or
    délibération.
    """
    return request.method == "POST" and request.POST.get(GESTE) == SUPPRIMER


def supprimer_vote(request: HttpRequest, vote: Tarif | Supplement | Plafond | Deliberation) -> HttpResponse:
    """Delete this vote, once the agent has confirmed it, and go to the list; or go back to its page with the reason why
    it stays. PermissionDenied for who may not delete it. Call it inside `asks_first`.
    """
    if not request.user.has_perm(f"facturation.delete_{vote._meta.model_name}"):
        raise PermissionDenied
    apercu = _apercu(vote, request.path)
    feminin = isinstance(vote, Deliberation)
    try:
        with transaction.atomic():
            log_deletion(request, vote, f"Supprimé{'e' if feminin else ''} sans avoir servi.")
            supprimer(vote, now=timezone.now())
    except VoteRefuse as refus:
        messages.error(request, str(refus))
        return redirect(request.path)
    confirm(request, apercu)
    messages.success(request, f"{vote}{NBSP}: supprimé{'e' if feminin else ''}.")
    return redirect(LISTE)


def _apercu(vote: Tarif | Supplement | Plafond | Deliberation, page: str) -> Apercu:
    return Apercu(
        titre=f"Supprimer{NBSP}: {vote}",
        phrase=f"Ceci supprime{NBSP}: {vote}{_detail(vote)}.",
        precision="Aucune facture ne s’en est servi.",
        question=f"Supprimer {_nom(vote)}{NBSP}?",
        suites=(Suite("Supprimer"),),
        retour=page,
        fil=(("Tarifs votés", reverse(LISTE)),),
        remarques=_remarques(vote),
        grave=True,
        travail="Suppression en cours…",
        marque=str(vote.pk),
    )


def _nom(vote: Tarif | Supplement | Plafond | Deliberation) -> str:
    return "cette délibération" if isinstance(vote, Deliberation) else f"ce {vote._meta.verbose_name}"


def _detail(vote: Tarif | Supplement | Plafond | Deliberation) -> str:
    """« , tous les soirs, 24 prix »."""
    if isinstance(vote, Deliberation):
        return ""
    combien = f", {pluriel(vote.lignes.count(), 'prix,prix')}" if isinstance(vote, Tarif) else ""
    return f", {portee_dite(vote)}{combien}"


def _remarques(vote: Tarif | Supplement | Plafond | Deliberation) -> tuple[str, ...]:
    """What its créneaux become."""
    if not isinstance(vote, Tarif) or not (manquent := creneaux_left_without(vote)):
        return ()
    verbe = "n’auront" if len(manquent) > 1 else "n’aura"
    return (f"{et(manquent)} {verbe} plus de tarif\u00a0: aucun mois où un enfant y vient ne pourra être arrêté.",)
