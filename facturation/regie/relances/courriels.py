"""The mail of a reminder, in kind words."""

from __future__ import annotations

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


def rappel_context(facture: Facture, genre: str, reste: int, today: date, sans_facture: int = 0) -> dict[str, Any]:
    """The context of the templates of a reminder, mail « rappel_facture » or letter; nothing is sent.

    `genre`: a `Relance.Genre`; `reste`: what remains to pay of the invoice; `sans_facture`: what its payer owes
    outside every invoice; both in centimes.
    """
    enfants = prenoms_geles(facture)
    reglage = load_reglage()
    return {
        "deuxieme": genre == Relance.Genre.DEUXIEME,
        "de_mois": mots.de_mois(facture.mois.premier) if facture.mois else f"n°{NBSP}{facture.numero}",
        "numero": facture.numero,
        "reste": euros(reste),
        "entamee": euros(facture.total - reste) if reste < facture.total else "",
        "total": euros(facture.total),
        "sans_facture": euros(sans_facture) if sans_facture else "",
        "quand": mots.a_payer(facture.echeance, today) if facture.echeance else "",
        "enfants": et(enfants) if enfants else "votre enfant",
        "ccas_telephone": reglage.ccas_telephone,
        "en_ligne": bool(settings.PAYFIP_NUMCLI) and facture.compte.reuni_dans_id is None,
        "url": settings.SITE_URL + reverse("facturation:facture", args=[facture.numero]),
        "nature": "Rappel d’une facture",
    }
