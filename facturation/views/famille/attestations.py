"""The yearly certificate, on paper, for who paid."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from enfance.views.famille import responsable_of
from facturation.attestations.emission import attestations_of
from facturation.attestations.lues import lire
from facturation.models import ReglageFacturation
from facturation.payeurs.comptes import comptes_seen_by


@require_safe
def attestation(request: HttpRequest, annee: int) -> HttpResponse:
    """That of the reader's foyer for this year; two where foyers were made one after each had its own."""
    responsable_of(request)
    siennes = attestations_of(comptes_seen_by(request.user), annee)
    if not siennes:
        raise Http404
    context = {
        "onglet": "factures",
        "imprimable": True,
        "annee": annee,
        "retour": reverse("facturation:factures"),
        "lues": [lire(sienne) for sienne in siennes],
    }
    return render(request, "facturation/attestation.html", context | mots_attestation())


def mots_attestation() -> dict[str, Any]:
    """What the paper says of the town: its address, who signs."""
    return {
        "adresse_mairie": settings.COMMUNE_ADRESSE.split(", "),
        "titre_mode": settings.ENCAISSEMENT == "titre",
        "signataire": ReglageFacturation.objects.values_list("regisseur", flat=True).first() or "",
    }
