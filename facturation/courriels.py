"""The mail of an invoice: what is to pay, until when, and the ladder that makes the sum."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from facturation.comptes import restes
from facturation.models import Facture
from facturation.montants import euros
from portail.dates import MOIS, jour_long


def facture_context(facture: Facture) -> dict[str, Any]:
    """The context of the mail « facture » for this invoice or avoir."""
    reste = restes([facture])[facture.pk]
    return {
        "numero": facture.numero,
        "mois": MOIS[facture.mois.premier.month - 1] if facture.mois else "",
        "total": euros(facture.total),
        "reste": euros(reste),
        "avant": jour_long(facture.echeance) if facture.echeance else "",
        "url": f"{settings.SITE_URL}/factures/{facture.numero}/",
    }
