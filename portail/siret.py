"""A SIRET: fourteen digits and their key, refused with its reason when one is wrong. Pure."""

from __future__ import annotations

import re

CHIFFRES = 14
LA_POSTE = "356000000"  # so many offices that their numbers have a rule of their own


def read_siret(text: str) -> str:
    """This SIRET, however it was typed, as fourteen digits. ValueError, with a French sentence, for what is none."""
    digits = re.sub(r"[\s\u00a0\u202f.-]", "", text)
    if not re.fullmatch("[0-9]+", digits) or len(digits) != CHIFFRES:
        raise ValueError(f"un SIRET a {CHIFFRES} chiffres.")
    if not (_is_luhn(digits) or (digits.startswith(LA_POSTE) and sum(map(int, digits)) % 5 == 0)):
        raise ValueError("ce SIRET n’est pas juste\u00a0: un chiffre est faux, ou deux sont inversés.")
    return digits


def siret_dit(digits: str) -> str:
    """This SIRET as a paper writes it: « 217 901 234 00015 »."""
    return "\u00a0".join((digits[:3], digits[3:6], digits[6:9], digits[9:]))


def _is_luhn(digits: str) -> bool:
    doubled = (int(digit) * (2 - rank % 2) for rank, digit in enumerate(digits))  # of an even number of digits
    return sum(number - 9 * (number > 9) for number in doubled) % 10 == 0
