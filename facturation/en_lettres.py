"""An amount in French words, as a receipt says it: « soixante-cinq euros et quatre-vingts centimes ». Pure."""

from __future__ import annotations

UNITES = (
    *("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    *("onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"),
)
DIZAINES = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}


def en_lettres(centimes: int) -> str:
    """This amount in French words: « soixante-cinq euros et quatre-vingts centimes »; « zéro euro ». `ValueError` below
    0, or from a billion euros up.
    """
    entier, reste = divmod(centimes, 100)
    if not 0 <= entier < 10**9:
        raise ValueError("No such amount")
    mots = []
    if entier or not reste:
        de = "d’euros" if entier >= 10**6 and entier % 10**6 == 0 else "euros" if entier > 1 else "euro"
        mots.append(f"{nombre(entier)} {de}")
    if reste:
        mots.append(f"{nombre(reste)} {'centimes' if reste > 1 else 'centime'}")
    return " et ".join(mots)


def nombre(n: int) -> str:
    """This whole number, from 0 to below a billion, in French words, with the hyphens and plurals of before 1990:
    « deux cent quatre-vingts ».
    """
    if n < 100:
        return _moins_de_cent(n)
    if n < 1000:
        cents, reste = divmod(n, 100)
        debut = "cent" if cents == 1 else f"{UNITES[cents]} cent{'s' if not reste else ''}"
        return f"{debut} {_moins_de_cent(reste)}" if reste else debut
    if n < 10**6:
        mille, reste = divmod(n, 1000)
        # no s before « mille »: « quatre-vingt mille », « deux cent mille »
        debut = "mille" if mille == 1 else f"{_sans_s(mille)} mille"
        return f"{debut} {nombre(reste)}" if reste else debut
    millions, reste = divmod(n, 10**6)
    debut = f"{nombre(millions)} million{'s' if millions > 1 else ''}"
    return f"{debut} {nombre(reste)}" if reste else debut


def _sans_s(n: int) -> str:
    dit = nombre(n)
    return dit[:-1] if dit.endswith(("vingts", "cents")) else dit


def _moins_de_cent(n: int) -> str:
    if n < 20:
        return UNITES[n]
    if n >= 80:
        return "quatre-vingts" if n == 80 else f"quatre-vingt-{UNITES[n - 80]}"
    dizaine = 60 if n >= 60 else n // 10 * 10
    reste = n - dizaine
    if not reste:
        return DIZAINES[dizaine]
    lien = " et " if reste in {1, 11} else "-"
    return f"{DIZAINES[dizaine]}{lien}{UNITES[reste]}"
