"""What each app says on the page of personal data: a sentence in one of its chapters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Chapitre(Enum):
    """The parts of the page that an app completes; the value is their name in its template."""

    FINALITES = "finalites"
    DONNEES = "donnees"
    LECTEURS = "lecteurs"


@dataclass(frozen=True)
class Mention:
    """A sentence of this chapter, whole, in plain text."""

    chapitre: Chapitre
    texte: str


def mentions_by_chapitre(mentions: Iterable[Mention]) -> dict[str, list[str]]:
    """The sentences of the page of personal data, by the name that each of its chapters has in the template: an empty
    list for a chapter without any."""
    toutes = list(mentions)
    return {chapitre.value: [m.texte for m in toutes if m.chapitre is chapitre] for chapitre in Chapitre}
