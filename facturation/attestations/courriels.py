"""The mail of the yearly certificate: how much, and that many families forget it; or that nothing is left of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from facturation.models import Attestation
from facturation.montants import euros
from portail.francais import et


def attestation_context(attestation: Attestation) -> dict[str, Any]:
    """The context of the mail « attestation », which tells a payer that this tax certificate is there, and its sums."""
    annee = attestation.annee_payee
    cesu = sum(enfant["cesu"] for enfant in attestation.contenu["enfants"])
    part = sum(enfant.get("cesu_famille", 0) for enfant in attestation.contenu["enfants"])
    return {
        "annee": annee,
        "prenoms": et([enfant["prenom"] for enfant in attestation.contenu["enfants"]] or ["votre enfant"]),
        "total": euros(attestation.total),
        "tout_cesu": attestation.total <= 0 and cesu > 0,
        "part": f", dont {euros(part)} par vous-même" if part > 0 else "",
        "rien": attestation.total <= 0,
        "cesu": euros(cesu) if cesu > 0 else "",
        "corrigee": attestation.remplace_id is not None,
        "url": settings.SITE_URL + reverse("facturation:attestation", args=[annee]),
        "nature": f"Attestation fiscale {annee}",
    }
