"""What ONDE leaves open, put to the town hall: who is this, among those whom it may be? Pure.

A question is known by what the file says of the person, never by the number of its line: the answers hold when the
file is sorted otherwise, and when another file comes in its place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from portail.tables import LigneRefusee

NOUVEAU, PERSONNE = "nouveau", "personne"  # somebody who is not known here yet; none of them
Reponses = Mapping[str, str]  # by key of the question, the value of an option


@dataclass(frozen=True)
class Option:
    valeur: str
    libelle: str


@dataclass(frozen=True)
class Question:
    """`refus` is what a report says as long as nobody has answered; `texte` asks the same, beside the options."""

    cle: str
    texte: str
    refus: LigneRefusee
    options: tuple[Option, ...]
    reponse: str = ""

    @property
    def choisie(self) -> str:
        """The answer in words."""
        return next((option.libelle for option in self.options if option.valeur == self.reponse), "")


def signature(*textes: str) -> str:
    """The key of a question, from what the file says: it tells nothing to whoever reads it."""
    return hashlib.sha256("\x1f".join(textes).encode()).hexdigest()[:20]


def answer(reponses: Reponses, cle: str, options: tuple[Option, ...]) -> str:
    """The answer to this question; empty when there is none, or when it is no option any more."""
    reponse = reponses.get(cle, "")
    return reponse if reponse in {option.valeur for option in options} else ""
