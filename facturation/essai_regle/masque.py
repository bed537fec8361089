"""Which rows of a table of families are hidden, so that none under five can be read, nor derived from the totals. Pure.

A row is hidden when fewer than five of its families are concerned, or when it has fewer than five families at all.
Then more are, until every hidden number has at least two values left, for whoever knows the totals, the rows that are
shown, and why each of the others is not. Totals stay whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from portail.codes import LabelledCode

SEUIL = 5


class Cache(LabelledCode):
    """Why a row is hidden; what the page says of it."""

    PEU = "peu", "moins de 5 familles"
    AUTRE = "autre", "se déduirait d’une autre"


class Effectif(NamedTuple):
    """Of a row: how many families are concerned, of how many."""

    touchees: int
    familles: int


class Voile(NamedTuple):
    """What a table hides: a reason for each row, or None for one that is shown; `avec_familles`: whether the number of
    families of a hidden row may still be said.
    """

    raisons: tuple[Cache | None, ...]
    avec_familles: bool


Bornes = tuple[int, int]


def voiler(lignes: Sequence[Effectif]) -> Voile | None:
    """What to hide of these rows, each of which has a family at least; None when no table can be shown at all, as a
    number could be derived whatever is hidden.

    Nothing is hidden of one row alone: it is the total.
    """
    if len(lignes) < 2:
        return Voile((None,) * len(lignes), True)
    raisons: list[Cache | None] = [Cache.PEU if _is_small(ligne) else None for ligne in lignes]
    avec_familles = all(ligne.familles >= SEUIL for ligne in lignes)
    while not _is_safe(lignes, raisons, avec_familles):
        montrees = [rang for rang, raison in enumerate(raisons) if raison is None]
        if not montrees:
            return None
        raisons[min(montrees, key=lambda rang: lignes[rang])] = Cache.AUTRE
    return Voile(tuple(raisons), avec_familles)


def _is_small(ligne: Effectif) -> bool:
    return min(ligne) < SEUIL


def _is_safe(lignes: Sequence[Effectif], raisons: Sequence[Cache | None], avec_familles: bool) -> bool:
    """Whether each hidden number could be another one."""
    cachees = [(ligne, raison) for ligne, raison in zip(lignes, raisons, strict=True) if raison is not None]
    familles = sum(ligne.familles for ligne, _ in cachees)
    touchees = sum(ligne.touchees for ligne, _ in cachees)
    populations = [
        (ligne.familles, ligne.familles) if avec_familles else (SEUIL if raison == Cache.AUTRE else 1, familles)
        for ligne, raison in cachees
    ]
    possibles = [
        # Of few families in all, all may be concerned; of five or more, they are at most four.
        (0, min(SEUIL - 1, haut)) if raison == Cache.PEU else (SEUIL, haut)
        for (_, raison), (_, haut) in zip(cachees, populations, strict=True)
    ]
    return _is_open(possibles, touchees) and (avec_familles or _is_open(populations, familles))


def _is_open(bornes: Sequence[Bornes], somme: int) -> bool:
    """Whether each of these integers, between its bounds, may take two values at least when they add up to `somme`."""
    bas, haut = sum(b for b, _ in bornes), sum(h for _, h in bornes)
    return all(max(b, somme - (haut - h)) < min(h, somme - (bas - b)) for b, h in bornes)
