"""What names, addresses and telephone numbers are compared on. Pure."""

from __future__ import annotations

import re
import unicodedata

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
    """The key of a name: case, accents, hyphens, apostrophes and spaces aside."""
    return "".join(c for c in _ascii("".join(textes)) if c.isalnum())


def mots(texte: str) -> str:
    """The words of a text, in lower case without accents nor punctuation, one space between them."""
    return " ".join(re.findall(r"[a-z0-9]+", _ascii(texte)))


def cle_adresse(rue: str, code_postal: str, commune: str) -> str:
    """The key of an address: case, accents, punctuation and usual abbreviations aside; empty when there is no street.

    The post code tells the commune: « SAINT SAUVEUR » and « St-Sauveur (38) » are one.
    """
    rue = re.sub(r"(\d)(bis|ter|quater)\b", r"\1 \2", mots(rue))
    if not rue:
        return ""
    reste = mots(code_postal) or mots(commune)
    return " ".join(ABREVIATIONS.get(mot, mot) for mot in f"{rue} {reste}".split())


def telephone(texte: str) -> str:
    """A French number written « 06 39 98 00 00 », whatever its dots, spaces, +33 or the 0 that a spreadsheet ate."""
    texte = " ".join(texte.split())
    chiffres = re.sub(r"^(\+|00)33(\(0\)|0)?", "0", re.sub(r"[\s./-]", "", texte))
    if re.fullmatch(r"[1-9]\d{8}", chiffres):
        chiffres = f"0{chiffres}"
    return " ".join(re.findall("..", chiffres)) if re.fullmatch(r"0\d{9}", chiffres) else texte
