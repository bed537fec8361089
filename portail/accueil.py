"""What a family has to deal with, on its home, of what each app adds (`portail.extensions`)."""

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


# What an app shows the parent of a request at an instant, in a fixed number of queries.
Lire = Callable[[HttpRequest, datetime], Iterable[Affaire]]


def affaires_of(request: HttpRequest, lectures: Iterable[Lire], *, now: datetime) -> list[Affaire]:
    """The lines of what the parent of this request has to deal with, in the order of `lectures`: each app has a
    function that reads its own."""
    return [affaire for lire in lectures for affaire in lire(request, now)]
