"""The mails about an error that a parent reported on an invoice: it has come, it is answered."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from facturation.models import SignalementFacture
from facturation.signalements.lecture import objet_of, repondre_avant
from portail.dates import jour_long


def recu_context(dit: SignalementFacture) -> dict[str, Any]:
    """The context of the mail « signalement_recu », which tells a parent that the error they reported on an invoice has
    come, who reads it and until when they have the answer.
    """
    return {
        "numero": dit.facture.numero,
        "objet": objet_of(dit),
        "texte": dit.texte,
        "avant": jour_long(repondre_avant(dit)),
        "nature": "Votre message est bien arrivé",
        "url": settings.SITE_URL + reverse("facturation:facture", args=[dit.facture.numero]),
    }


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
