"""What a town that bills should say on its invoices, and does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks

from facturation.models import Tarif
from facturation.reglages import reglages_absents
from portail.francais import NBSP, et


def check_invoices_say_who_issues_them(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Warn of each setting that the invoices would say and that a town which has tariffs did not give."""
    absents = reglages_absents()
    if not absents or not Tarif.objects.exists():
        return []
    sont = "ne sont pas donnés" if len(absents) > 1 else "n’est pas donné"
    phrase = f"{et(absents)}{NBSP}: {sont}, et les factures n’en disent rien."
    return [checks.Warning(phrase, id="portail.W011")]
