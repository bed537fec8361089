"""What each app says on the page of personal data: a sentence in one of its chapters, added when the app starts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Chapitre(Enum):
    """The parts of the page that an app completes; the value is their name in its template."""

    FINALITES = "finalites"
    DONNEES = "donnees"
    LECTEURS = "lecteurs"


@dataclass(frozen=True)
class Mention:
    """A sentence of this chapter, whole, in plain text; its rank among those of the other apps."""

    chapitre: Chapitre
    texte: str
    ordre: int


_mentions: list[Mention] = []


def add_to_vie_privee(*mentions: Mention) -> None:
    """Add sentences for the whole life of the process. For `AppConfig.ready`."""
    _mentions.extend(mentions)


def mentions_by_chapitre() -> dict[str, list[str]]:
    """The sentences of each chapter, by its name in the template, in order."""
    mentions = sorted(_mentions, key=lambda mention: mention.ordre)
    return {chapitre.value: [m.texte for m in mentions if m.chapitre is chapitre] for chapitre in Chapitre}
