"""A family's papers: an invoice and a receipt, one A4 page each, as they were issued."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from enfance.famille.acces import responsable_of
from facturation.papiers.facture import find_facture, load_facture
from facturation.papiers.feuille import FacturePapier, mots_papier, telecharger
from facturation.papiers.recus import find_recu, load_recu
from facturation.pdf import is_available
from facturation.reglages import load_reglage


@require_safe
def facture_papier(request: HttpRequest, numero: str) -> HttpResponse:
    """The paper of an invoice or avoir that this parent may read, one A4 page to print; 404 otherwise."""
    context = facture_context(request, numero)
    return render(request, "facturation/papier.html", context)


@require_safe
def facture_pdf(request: HttpRequest, numero: str) -> HttpResponse:
    """The paper of an invoice or avoir that this parent may read, as a PDF file; where PDF files cannot be made, a
    redirection to the paper's page. 404 otherwise.
    """
    return telecharger(
        request, facture_context(request, numero), numero, reverse("facturation:facture_papier", args=[numero])
    )


def facture_context(request: HttpRequest, numero: str) -> dict[str, Any]:
    """The template context of the paper of the invoice or avoir of this number; Http404 unless this parent may
    read it.
    """
    responsable = responsable_of(request)
    facture = find_facture(responsable, numero, now=timezone.now())
    if facture is None:
        raise Http404
    papier = FacturePapier(load_facture(facture, {responsable.foyer_id}), load_reglage())
    talon = papier.lue.reste and not papier.tresorerie
    return mots_papier(papier.reglage) | {
        "titre": papier.titre,
        "retour": (reverse("facturation:facture", args=[numero]), papier.lue.titre),
        "mode": f"Une page A4{', avec le talon de paiement' if talon else ''}.",
        "pdf": reverse("facturation:facture_pdf", args=[numero]) if is_available() else "",
        "gabarit": "facturation/factures/_facture_papier.html",
        "papier": papier,
    }


@require_safe
def recu(request: HttpRequest, numero: str) -> HttpResponse:
    """The paper of a receipt that this parent may read, one A4 page to print; 404 otherwise."""
    return render(request, "facturation/papier.html", recu_context(request, numero))


@require_safe
def recu_pdf(request: HttpRequest, numero: str) -> HttpResponse:
    """The paper of a receipt that this parent may read, as a PDF file; where PDF files cannot be made, a redirection to
    the paper's page. 404 otherwise.
    """
    return telecharger(request, recu_context(request, numero), numero, reverse("facturation:recu", args=[numero]))


def recu_context(request: HttpRequest, numero: str) -> dict[str, Any]:
    """The template context of the paper of the receipt of this number; Http404 unless this parent may read it."""
    trouve = find_recu(responsable_of(request), numero)
    if trouve is None:
        raise Http404
    lu = load_recu(trouve)
    return mots_papier(load_reglage()) | {
        "titre": f"{lu.titre}{lu.numero}",
        "retour": (reverse("facturation:factures"), "Mes factures"),
        "mode": "Une page A4.",
        "pdf": reverse("facturation:recu_pdf", args=[numero]) if is_available() else "",
        "gabarit": "facturation/_recu.html",
        "lu": lu,
    }
