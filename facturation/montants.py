"""Amounts of money: integer centimes, read and written in euros, cut into parts that add up. Pure; no float."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

ESPACE = "\u00a0"
FINE = "\u202f"  # narrow no-break space: before €, between thousands
MOINS = "\u2212"
_EUROS = re.compile(r"(?P<signe>[-\u2212+]?)(?P<euros>[0-9]{1,7})(?:[.,](?P<centimes>[0-9]{1,2}))?\s*€?")
_BLANCS = re.compile(r"[\s\u00a0\u202f]+")


def euros(centimes: int) -> str:
    """This amount in French: « 1 234,50 € », « −1,10 € », with no-break spaces and the real minus."""
    entier, reste = divmod(abs(centimes), 100)
    milliers = f"{entier:,}".replace(",", FINE)
    return f"{MOINS if centimes < 0 else ''}{milliers},{reste:02d}{FINE}€"


def ecart(centimes: int) -> str:
    """This difference in French, always with its sign: « +2,95 € », « −2,59 € »; « 0,00 € » for none."""
    return f"{'+' if centimes > 0 else ''}{euros(centimes)}"


def pour_cent(nombre: int) -> str:
    """This difference in per cent, in French, with its sign: « +3 % », « −2 % », « 0 % »."""
    return f"{'+' if nombre > 0 else MOINS if nombre < 0 else ''}{abs(nombre)}{ESPACE}%"


def accorde(nombre: int, mots: str) -> str:
    """The word, without the number, that goes with this number: `2|accorde:"séance,séances"` → « séances ». `mots` is
    « singular,plural »; 0 and 1 are singular.
    """
    un, plusieurs = mots.split(",")
    return plusieurs if abs(nombre) > 1 else un


def euros_csv(centimes: int) -> str:
    """This amount as a French spreadsheet reads a number: « 1234,50 »."""
    entier, reste = divmod(abs(centimes), 100)
    return f"{'-' if centimes < 0 else ''}{entier},{reste:02d}"


def valeur(centimes: int) -> Decimal:
    """The amount in euros, for a table of `portail.tableur`: a number that a spreadsheet adds up, even below 0."""
    return Decimal(centimes).scaleb(-2)


def centimes_of(text: str) -> int:
    """The centimes of an amount as somebody types it: « 12,4 », « 12.40 € », « 1 234 »; below 0 after a minus.
    `ValueError`, with a French sentence, for what is no amount.
    """
    lu = _EUROS.fullmatch(_BLANCS.sub("", text))
    if lu is None:
        raise ValueError("Écrivez une somme en euros, par exemple 12,40.")
    centimes = int(lu["euros"]) * 100 + int((lu["centimes"] or "0").ljust(2, "0"))
    return -centimes if lu["signe"] in {"-", MOINS} else centimes


def arrondir(montant: Decimal, pas: int = 1) -> int:
    """This number of centimes to the nearest multiple of `pas` centimes, a half going away from 0."""
    return int((montant / pas).quantize(Decimal(1), rounding=ROUND_HALF_UP)) * pas


def repartir(total: int, poids: Sequence[int]) -> list[int]:
    """Cut `total` centimes in proportion to these weights, by largest remainder: the parts add up to `total`. On a tie
    the first ones take the cent. `ValueError` when a weight is below 0, or when none is above though there is something
    to cut.
    """
    somme = sum(poids)
    if somme <= 0 or min(poids) < 0:
        if total == 0 and somme == 0:
            return [0] * len(poids)
        raise ValueError("Nothing to share between")
    signe = -1 if total < 0 else 1
    parts = [divmod(abs(total) * p, somme) for p in poids]
    cents = abs(total) - sum(entier for entier, _ in parts)
    premiers = sorted(range(len(poids)), key=lambda i: -parts[i][1])[:cents]
    return [signe * (entier + (i in premiers)) for i, (entier, _) in enumerate(parts)]
