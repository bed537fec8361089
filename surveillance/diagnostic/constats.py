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
    return Point(quoi, BON, phrase)


def attention(quoi: str, phrase: str, remede: str = "", commande: str = "") -> Point:
    return Point(quoi, ATTENTION, phrase, remede, commande)


def mauvais(quoi: str, phrase: str, remede: str, commande: str = "") -> Point:
    return Point(quoi, MAUVAIS, phrase, remede, commande)


def how_many(constats: Iterable[Point]) -> dict[Jugement, int]:
    etats = [constat.etat for constat in constats]
    return {etat: etats.count(etat) for etat in (BON, ATTENTION, MAUVAIS)}
