"""What names, addresses and telephone numbers are compared on. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

ECART = 2  # letters between two names: `ecart` counts no more
ABREVIATIONS = {
    "all": "allee",
    "av": "avenue",
    "ave": "avenue",
    "bat": "batiment",
    "bd": "boulevard",
    "bld": "boulevard",
    "blvd": "boulevard",
    "ch": "chemin",
    "che": "chemin",
    "chem": "chemin",
    "fbg": "faubourg",
    "fg": "faubourg",
    "ham": "hameau",
    "imp": "impasse",
    "lot": "lotissement",
    "mte": "montee",
    "pl": "place",
    "qrt": "quartier",
    "r": "rue",
    "res": "residence",
    "rte": "route",
    "sq": "square",
    "st": "saint",
    "ste": "sainte",
}


def _ascii(texte: str) -> str:
    texte = texte.casefold().replace("œ", "oe").replace("æ", "ae").replace("n°", " ")
    return "".join(c for c in unicodedata.normalize("NFKD", texte) if not unicodedata.combining(c))


def cle(*textes: str) -> str:
    """The key by which names are compared: all of these texts in one piece, without case, accents, hyphens, apostrophes
    and spaces."""
    return "".join(c for c in _ascii("".join(textes)) if c.isalnum())


def mots(texte: str) -> str:
    """The words of a text, in lower case without accents nor punctuation, one space between them."""
    return " ".join(re.findall(r"[a-z0-9]+", _ascii(texte)))


def cle_adresse(rue: str, code_postal: str, commune: str) -> str:
    """The key by which addresses are compared, without case, accents, punctuation and usual abbreviations; empty when
    there is no street.

    The post code stands for the commune: « SAINT SAUVEUR » and « St-Sauveur (38) » are one. The name of the commune
    counts only without a post code.
    """
    rue = re.sub(r"(\d)(bis|ter|quater)\b", r"\1 \2", mots(rue))
    if not rue:
        return ""
    reste = mots(code_postal) or mots(commune)
    return " ".join(ABREVIATIONS.get(mot, mot) for mot in f"{rue} {reste}".split())


def telephone(texte: str) -> str:
    """A French telephone number written « 06 39 98 00 00 », whatever its dots, spaces, +33 or the 0 that a spreadsheet
    took away; any other text with single spaces."""
    texte = " ".join(texte.split())
    chiffres = re.sub(r"^(\+|00)33(\(0\)|0)?", "0", re.sub(r"[\s./-]", "", texte))
    if re.fullmatch(r"[1-9]\d{8}", chiffres):
        chiffres = f"0{chiffres}"
    return " ".join(re.findall("..", chiffres)) if re.fullmatch(r"0\d{9}", chiffres) else texte


def ecart(un: str, autre: str) -> int:
    """How many letters must be added, removed, changed or swapped with their neighbour to go from one name to the
    other. Above `ECART` (2) the number is not exact, only larger than it.

    Lengths are compared first, then the letters are counted: most names are far apart.
    """
    if abs(len(un) - len(autre)) > ECART:
        return ECART + 1
    if (Counter(un) - Counter(autre)).total() > ECART or (Counter(autre) - Counter(un)).total() > ECART:
        return ECART + 1
    avant: list[int] = []
    ligne = list(range(len(autre) + 1))
    for i, lettre in enumerate(un, 1):
        encore, avant, ligne = avant, ligne, [i]
        for j, autre_lettre in enumerate(autre, 1):
            cout = min(avant[j] + 1, ligne[j - 1] + 1, avant[j - 1] + (lettre != autre_lettre))
            if i > 1 and j > 1 and (lettre, autre_lettre) == (autre[j - 2], un[i - 2]):
                cout = min(cout, encore[j - 2] + 1)
            ligne.append(cout)
    return ligne[-1]
