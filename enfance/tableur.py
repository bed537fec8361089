"""Tables that a spreadsheet in French opens as they are, and takes no text of for a formula (VAL-07)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\0")


def defuse(cell: Any) -> Any:
    """The same cell, with an apostrophe before what would be a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell


def to_csv(titres: Sequence[str], lignes: Iterable[Iterable[Any]]) -> str:
    """Semicolons, CRLF, and a mark that says UTF-8; dates as ISO 8601."""
    texte = io.StringIO()
    csv.writer(texte, delimiter=";").writerows([titres, *([defuse(cell) for cell in ligne] for ligne in lignes)])
    return f"\ufeff{texte.getvalue()}"
