"""Arguments that several commands read."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import date, datetime


def jour(texte: str) -> date:
    """The day that an argument of a command gives, written 15/12/2026 or 2026-12-15. Raises ArgumentTypeError for
    anything else.
    """
    try:
        return date.fromisoformat(texte) if "/" not in texte else datetime.strptime(texte, "%d/%m/%Y").date()  # noqa: DTZ007
    except ValueError:
        raise ArgumentTypeError(f"« {texte} » n’est pas une date : écrivez 15/12/2026 ou 2026-12-15.") from None
