"""The mail of a receipt: what was received, what it paid, what remains; the words that its paper froze."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from facturation.famille.mots import de_mois
from facturation.famille.recus import LigneRecu, load_recu
from facturation.models import Encaissement, EssaiPaiement, Facture
from facturation.montants import euros
from portail.dates import date_heure
from portail.francais import NBSP, de


def recu_context(essai: EssaiPaiement) -> dict[str, Any]:
    """The context of the mail « recu » for this attempt, which was paid."""
    recu = essai.encaissement
    assert isinstance(recu, Encaissement)
    lu = load_recu(recu)
    return {
        "montant": euros(recu.montant),
        "quand": date_heure(recu.recu_le),
        "par": "prélèvement" if essai.resultrans == "V" else "carte bancaire",
        "facture": _nom(essai.facture),
        "soldee": lu.reste == 0 and len(lu.lignes) == 1,
        "lignes": [ligne for une in lu.lignes for ligne in _echelle(une)],
        "reste": euros(lu.reste),
        "credit": euros(lu.credit) if lu.credit else "",
        "numero": recu.numero,
        "url": settings.SITE_URL + reverse("facturation:recu", args=[recu.numero]),
    }


def _nom(facture: Facture) -> str:
    """« facture de novembre », « facture n° F-2026-0012 »."""
    return f"facture {de_mois(facture.mois.premier) if facture.mois else f'n°{NBSP}{facture.numero}'}"


def _echelle(ligne: LigneRecu) -> list[tuple[str, str]]:
    """What an invoice asked, what had paid it, what this receipt pays of it: words and amounts."""
    mois = f" {de(ligne.mois)}" if ligne.mois else ""
    return [
        (f"Facture{mois}, n°{NBSP}{ligne.facture}", euros(ligne.total)),
        *([("Déjà réglé", euros(-ligne.deja))] if ligne.deja else []),
        ("Payé", euros(ligne.paye)),
    ]
