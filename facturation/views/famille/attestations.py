"""The yearly certificate, on paper, for who paid."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from enfance.famille.acces import responsable_of
from facturation.attestations.emission import attestations_of
from facturation.attestations.lues import lire
from facturation.papiers.feuille import mots_papier, telecharger
from facturation.payeurs.comptes import comptes_seen_by
from facturation.pdf import is_available
from facturation.reglages import load_reglage


@require_safe
def attestation(request: HttpRequest, annee: int) -> HttpResponse:
    """The paper of the tax certificate of this calendar year for the reader's foyer, to print; two where foyers were
    merged after each had its own. 404 without any.
    """
    return render(request, "facturation/papier.html", attestation_papiers(request, annee))


@require_safe
def attestation_pdf(request: HttpRequest, annee: int) -> HttpResponse:
    """The tax certificate of this calendar year for the reader's foyer as a PDF file; where PDF files cannot be made, a
    redirection to the paper's page. 404 without any.
    """
    context = attestation_papiers(request, annee)
    nom = context["lues"][0].attestation.numero
    return telecharger(request, context, nom, reverse("facturation:attestation", args=[annee]))


def attestation_papiers(request: HttpRequest, annee: int) -> dict[str, Any]:
    """The template context of the papers of this calendar year's tax certificates for the reader's foyer; Http404
    without any.
    """
    responsable_of(request)
    siennes = attestations_of(comptes_seen_by(request.user), annee)
    if not siennes:
        raise Http404
    return mots_papier(load_reglage()) | {
        "titre": f"Attestation fiscale {annee}",
        "retour": (reverse("facturation:factures"), "Mes factures"),
        "mode": "Une page A4, à garder avec votre déclaration de revenus.",
        "pdf": reverse("facturation:attestation_pdf", args=[annee]) if is_available() else "",
        "gabarit": "facturation/_attestations.html",
        "lues": [lire(sienne) for sienne in siennes],
    }
