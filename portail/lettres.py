"""The letters of names, as a French list on paper sorts them: accents, case, spaces, hyphens and apostrophes count for
nothing, « œ » is « oe ». Pure.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# Letters that no decomposition of Unicode brings to those of the alphabet.
LETTRES = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "ł": "l", "ħ": "h", "ŧ": "t", "þ": "th"}
)


def plain(texte: str) -> str:
    """The text in small letters, without accents."""
    if texte.isascii():
        return texte.lower()
    decomposed = unicodedata.normalize("NFKD", texte)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold().translate(LETTRES)


def lettres(texte: str) -> str:
    """The letters and digits of a name, as lists compare them: « L’Œuvre-Noël » is « loeuvrenoel »."""
    return "".join(sign for sign in plain(texte) if sign.isalnum())


def cle_tri(noms: Iterable[str]) -> str:
    """The key of somebody who has these names: the first one sorts, then the second…"""
    return " ".join(lettres(nom) for nom in noms)
