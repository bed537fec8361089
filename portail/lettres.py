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
    """The text in lower case, without accents, « œ » being « oe »."""
    if texte.isascii():
        return texte.lower()
    decomposed = unicodedata.normalize("NFKD", texte)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold().translate(LETTRES)


def lettres(texte: str) -> str:
    """The letters and digits of a name, as lists compare them: « L’Œuvre-Noël » is « loeuvrenoel »."""
    return "".join(sign for sign in plain(texte) if sign.isalnum())


def cle_tri(noms: Iterable[str]) -> str:
    """The key by which a list sorts somebody who has these names: the first name given sorts, then the second, and so
    on."""
    return " ".join(lettres(nom) for nom in noms)
