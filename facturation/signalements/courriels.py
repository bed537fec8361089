"""The mail of what the town hall answers to an error that a family told of an invoice."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from facturation.models import SignalementFacture
from portail.dates import jour_long


def signalement_context(dit: SignalementFacture) -> dict[str, Any]:
    """The context of the mail « reponse_signalement », which tells a parent the town hall's answer to the error that
    they reported on an invoice.
    """
    return {
        "numero": dit.facture.numero,
        "dit_le": jour_long(timezone.localdate(dit.dit_le)),
        "reponse": dit.reponse,
        "nature": "Réponse à une erreur signalée",
        "url": settings.SITE_URL + reverse("facturation:facture", args=[dit.facture.numero]),
    }
