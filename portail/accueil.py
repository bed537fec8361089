"""What a family has to deal with, on its home: each app adds its lines when it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest


@dataclass(frozen=True)
class Affaire:
    """A line: what is to be dealt with, a whole sentence; the words and the address of the link that does it; the name
    of an icon of the page. With a title, a warning of its own, whose link is a button.
    """

    texte: str
    geste: str
    adresse: str
    icone: str = "info"
    titre: str = ""


Lire = Callable[[HttpRequest, datetime], Iterable[Affaire]]
_lectures: list[tuple[int, Lire]] = []


def add_to_accueil(ordre: int, lire: Lire) -> None:
    """Show on the family's home, in this rank, what `lire` gives for the parent of a request at an instant, in a fixed
    number of queries. For `AppConfig.ready`.
    """
    _lectures.append((ordre, lire))


def affaires_of(request: HttpRequest, *, now: datetime) -> list[Affaire]:
    """What this parent has to deal with, of all the apps, in order."""
    lectures = sorted(_lectures, key=lambda lecture: lecture[0])
    return [affaire for _, lire in lectures for affaire in lire(request, now)]
