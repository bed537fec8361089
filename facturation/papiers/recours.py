"""Who issued an invoice, and how to contest it, as it froze them; where it did not, the town hall's own address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from facturation.models import Facture
from portail.francais import NBSP
from portail.siret import siret_dit


@dataclass(frozen=True)
class Emetteur:
    """What the paper of an invoice says of who issues it; each empty where the town had not set it by then."""

    nom: str = ""
    siret: str = ""
    tva: str = ""
    recours: str = ""

    @property
    def siret_dit(self) -> str:
        """The SIRET as it is written: « 123 456 782 00010 »; empty without one."""
        return siret_dit(self.siret) if self.siret else ""


def emetteur_of(facture: Facture) -> Emetteur:
    """Who issued this invoice, as it froze it: nothing of one issued before the town said it."""
    dit: dict[str, Any] = facture.entete.get("emetteur", {})
    return Emetteur(**{cle: str(dit[cle]) for cle in ("nom", "siret", "tva", "recours") if cle in dit})


def contester_phrase(facture: Facture) -> str:
    """How to contest what this invoice bills, in French: as it froze it, else whom to ask at the town hall."""
    if recours := emetteur_of(facture).recours:
        return recours
    ou = [dit for dit in (settings.COMMUNE_TELEPHONE, settings.COMMUNE_COURRIEL) if dit]
    return f"Dites-le à la mairie{NBSP}: {', '.join(ou)}." if ou else "Dites-le à la mairie."
