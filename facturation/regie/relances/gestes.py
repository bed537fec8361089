"""What is said once a list was handed over to the treasury, from whichever page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

from portail.francais import NBSP, pluriel


def tell_remise(request: HttpRequest, nombre: int) -> None:
    """Say that this number of invoices was handed over, and where their list stays."""
    messages.success(
        request,
        f"{pluriel(nombre, 'facture remise,factures remises')} à la trésorerie{NBSP}: la liste reste à télécharger "
        "dans «\u00a0Listes remises\u00a0».",
    )
