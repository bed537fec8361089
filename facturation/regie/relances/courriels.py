"""The mail of a reminder, in kind words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse

from facturation.models import Facture, Relance
from facturation.montants import euros
from facturation.papiers import mots
from facturation.papiers.prenoms import prenoms_geles
from facturation.reglages import load_reglage
from portail.francais import NBSP, et


def rappel_context(
    dues: Sequence[tuple[Facture, int]], genre: str, today: date, sans_facture: int = 0
) -> dict[str, Any]:
    """The context of the templates of a reminder, mail « rappel_facture » or letter; nothing is sent.

    `dues`: the invoices of one payer, at least one, each with what remains to pay of it; `genre`: a `Relance.Genre`;
    `sans_facture`: what the payer owes outside every invoice. Amounts are centimes.
    """
    enfants = list(dict.fromkeys(prenom for facture, _ in dues for prenom in prenoms_geles(facture)))
    seule = dues[0][0] if len(dues) == 1 else None
    adresse = reverse("facturation:facture", args=[seule.numero]) if seule else reverse("facturation:factures")
    return {
        "deuxieme": genre == Relance.Genre.DEUXIEME,
        "factures": [_ligne(facture, reste, today) for facture, reste in dues],
        "reste": euros(sum(reste for _, reste in dues)),
        "sans_facture": euros(sans_facture) if sans_facture else "",
        "enfants": et(enfants) if enfants else "votre enfant",
        "ccas_telephone": load_reglage().ccas_telephone,
        "en_ligne": bool(settings.PAYFIP_NUMCLI) and all(facture.compte.reuni_dans_id is None for facture, _ in dues),
        "url": settings.SITE_URL + adresse,
        "nature": "Rappel d’une facture",
    }


def _ligne(facture: Facture, reste: int, today: date) -> dict[str, str]:
    """An invoice of the reminder, in words."""
    return {
        "de_mois": mots.de_mois(facture.mois.premier) if facture.mois else f"n°{NBSP}{facture.numero}",
        "numero": facture.numero,
        "reste": euros(reste),
        "entamee": euros(facture.total - reste) if reste < facture.total else "",
        "total": euros(facture.total),
        "quand": mots.a_payer(facture.echeance, today) if facture.echeance else "",
        "depuis": f", à payer {mots.avant_le(facture.echeance, today, court=True)}" if facture.echeance else "",
    }
