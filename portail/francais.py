"""French in sentences: agreement, elision, enumeration. Pure; no-break spaces where a line must not break."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

NBSP = "\u00a0"


def accord(n: int, mot: str) -> str:
    """The number and the word, which takes an s past 1: « 0 créé », « 2 créés »."""
    return f"{n}{NBSP}{mot}{'s' if n > 1 else ''}"


def pluriel(count: int, words: str) -> str:
    """The number and the right one of two words, « singular,plural »: `3|pluriel:"changement,changements"` → « 3
    changements », with a no-break space. 0 and 1 are singular."""
    singular, plural = words.split(",")
    return f"{count}{NBSP}{plural if abs(count) > 1 else singular}"


def milliers(n: int) -> str:
    """This number with its thousands set apart by a no-break space: « 11 023 »."""
    return f"{n:,}".replace(",", NBSP)


def et(mots: Sequence[str]) -> str:
    """These words as a French enumeration: « lundi, mardi et jeudi ». There must be one word at least."""
    return " et ".join(filter(None, [", ".join(mots[:-1]), mots[-1]]))


def de(nom: str) -> str:
    """This name after « de », with its elision: « de Léa », « d’Anna », « d’Yves » but « de Yanis »."""
    lettres = unicodedata.normalize("NFD", nom.lower())
    voyelle = lettres[:1] in tuple("aeiouœæ") or (lettres[:1] == "y" and lettres[1:2] not in tuple("aeiou"))
    return f"d’{nom}" if voyelle else f"de {nom}"
