"""A number that is typed in « Trouver » opens the paper that bears it, of what each app adds (`portail.extensions`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest


@dataclass(frozen=True)
class PapierTrouve:
    """A paper that bears the number that was typed: its name with the number, what tells it from another, the address
    of its page.
    """

    nom: str
    dit: str
    adresse: str


# The papers that this text may be the number of, and that the agent of the request may open, in a fixed number of
# queries; none for a text that is no number.
ChercherPapiers = Callable[[HttpRequest, str, datetime], Iterable[PapierTrouve]]


def papiers_of(
    request: HttpRequest, texte: str, recherches: Iterable[ChercherPapiers], *, now: datetime
) -> list[PapierTrouve]:
    """The papers that this text may be the number of, in the order of `recherches`: each app has a fixed number of
    queries.
    """
    return [papier for chercher in recherches for papier in chercher(request, texte, now)]
