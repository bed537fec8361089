"""The mail of an invoice or of an avoir: what is to pay, until when, and the ladder that makes the sum."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse

from facturation.models import Facture
from facturation.montants import euros
from facturation.papiers.facture import FactureLue, load_facture
from facturation.papiers.mots import a_payer, tresorerie
from facturation.reglages import load_reglage

LARGEUR = 72  # columns of a ladder in plain text
POINTS = 3  # at least, between words and amount


def facture_context(facture: Facture, today: date) -> dict[str, Any]:
    """The context of the mail « facture » or « avoir » that tells a payer of this document, as it is sent on
    `today`.
    """
    foyer = facture.compte.foyer_id
    lue = load_facture(facture, [foyer] if foyer else [])
    echelle = _echelle(lue)
    return {
        "numero": facture.numero,
        "de_mois": lue.de_mois,
        "avoir": lue.avoir,
        "somme": euros(lue.en_faveur if lue.avoir else lue.reste),
        "rien": not lue.avoir and not lue.reste,
        "a_payer": a_payer(facture.echeance, today),
        "echelle": echelle,
        "texte_echelle": list(map(_ligne, echelle)),
        "suite": lue.suite.phrase if lue.suite else "",
        "motif": facture.motif.rstrip("."),
        "tresorerie": tresorerie(load_reglage().tresorerie_nom) if _is_reclamee(lue) else "",
        "url": settings.SITE_URL + reverse("facturation:facture", args=[facture.numero]),
    }


def _is_reclamee(lue: FactureLue) -> bool:
    """Whether the treasury collects what is left of it."""
    return settings.ENCAISSEMENT == "titre" and not lue.avoir and lue.reste > 0


def _echelle(lue: FactureLue) -> list[tuple[str, str]]:
    """The steps of the sum, and the sum: words, amount."""
    etapes = [
        (f"{groupe.nom} ({groupe.resume})" if groupe.resume else groupe.nom, groupe.montant)
        for groupe in (*lue.groupes, *lue.corrections)
    ]
    etapes.append(("Avoir" if lue.avoir else "Facture", lue.total))
    if lue.deduits or lue.paiements:
        etapes += [(ligne.nom, ligne.montant) for ligne in (*lue.deduits, *lue.paiements)]
        etapes.append(("À payer", lue.reste))
    return [(nom, euros(montant)) for nom, montant in etapes]


def _ligne(etape: tuple[str, str]) -> str:
    """« Léa (17 jours, 33 moments) .......................... 44,30 € »"""
    nom, montant = etape
    points = max(POINTS, LARGEUR - len(nom) - len(montant) - 2)
    return f"{nom} {'.' * points} {montant}"
