"""What a diagnosis finds: one line each, and for what is wrong the remedy and the command to type. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Jugement = Literal["bon", "attention", "mauvais"]
BON: Jugement = "bon"
ATTENTION: Jugement = "attention"
MAUVAIS: Jugement = "mauvais"


@dataclass(frozen=True)
class Point:
    """`phrase` says what was seen, never of whom; `commande` may have several lines, each one typed as it stands."""

    quoi: str
    etat: Jugement
    phrase: str
    remede: str = ""
    commande: str = ""


def bon(quoi: str, phrase: str) -> Point:
    """A line of the diagnosis that is good: what was looked at (`quoi`), and what was seen."""
    return Point(quoi, BON, phrase)


def attention(quoi: str, phrase: str, remede: str = "", commande: str = "") -> Point:
    """A line of the diagnosis that asks for attention: what was looked at (`quoi`), what was seen, the remedy and the
    command to type."""
    return Point(quoi, ATTENTION, phrase, remede, commande)


def mauvais(quoi: str, phrase: str, remede: str, commande: str = "") -> Point:
    """A line of the diagnosis that is bad: what was looked at (`quoi`), what was seen, the remedy and the command to
    type."""
    return Point(quoi, MAUVAIS, phrase, remede, commande)


def how_many(constats: Iterable[Point]) -> dict[Jugement, int]:
    """How many of these lines of the diagnosis are good, to be looked at, and bad. A state that none has is there with
    0."""
    etats = [constat.etat for constat in constats]
    return {etat: etats.count(etat) for etat in (BON, ATTENTION, MAUVAIS)}
