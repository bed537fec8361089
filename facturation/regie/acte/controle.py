"""What a régie that receives should have said of itself, and has not: told by the diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.utils import timezone

from facturation.models import Nomination, Regie, Tarif

Fonction = Nomination.Fonction
OU = "Le secrétariat les écrit sur la page «\u00a0La régie\u00a0» de la mairie."


def check_regie_is_said(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Warn of a town that bills and receives itself, and has not said the act of its régie, or who signs today."""
    manquent = _manquent()
    if not manquent:
        return []
    phrase = f"La régie\u00a0: {' et '.join(manquent)}\u202f; les reçus portent le nom des réglages des factures."
    return [checks.Warning(phrase, hint=OU, id="portail.W012")]


def _manquent() -> list[str]:
    if settings.ENCAISSEMENT != "regie" or not Tarif.objects.exists():
        return []
    aujourd_hui = timezone.localdate()
    signent = [Fonction.TITULAIRE, Fonction.SUPPLEANT]
    tenue = any(une.holds(aujourd_hui) for une in Nomination.objects.filter(fonction__in=signent))
    dits = {"son acte n’est pas dit": Regie.objects.exists(), "personne n’est nommé aujourd’hui": tenue}
    return [phrase for phrase, dit in dits.items() if not dit]
