"""An IBAN: written by groups of four, refused with its reason when a figure is wrong (ISO 13616). Pure."""

from __future__ import annotations

import re

LONGUEURS = {"FR": 27, "MC": 27, "BE": 16, "LU": 20, "CH": 21, "DE": 22, "ES": 24, "IT": 27}


def read_iban(text: str) -> str:
    """This IBAN, however it was typed, written by groups of four: « FR76 3000 1007 … ». ValueError, with a French
    sentence, for what is no IBAN.
    """
    signes = re.sub(r"[\s\u00a0\u202f.-]", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", signes):
        raise ValueError("Un IBAN commence par deux lettres et deux chiffres, par exemple FR76.")
    voulue = LONGUEURS.get(signes[:2])
    if voulue and len(signes) != voulue:
        raise ValueError(f"Cet IBAN a {len(signes)} signes\u00a0: il en faut {voulue}.")
    nombre = "".join(str(int(signe, 36)) for signe in signes[4:] + signes[:4])
    if int(nombre) % 97 != 1:
        raise ValueError("Cet IBAN n’est pas juste\u00a0: un chiffre est faux, ou deux sont inversés.")
    return " ".join(signes[i : i + 4] for i in range(0, len(signes), 4))
