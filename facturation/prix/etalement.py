"""Which money paid which line of an invoice: each sum is spread over what remains of the lines. Pure; centimes.

An invoice may hold lines that give back (a correction): they take their share as the others do, of the other sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


def etaler(montant: int, restes: Sequence[int]) -> list[int]:
    """Cut `montant` centimes over the lines of an invoice in proportion to what remains to pay of each, by largest
    remainder: the parts add up to it, and none is more than what remains of its line.

    On a tie the first lines take the cent. `ValueError` for more than remains in all, or for a sum of
    the other sign.
    """
    somme = sum(restes)
    if montant == 0:
        return [0] * len(restes)
    if abs(montant) > abs(somme) or (montant > 0) != (somme > 0):
        raise ValueError("More than what remains to pay")
    signe = 1 if somme > 0 else -1
    parts = [divmod(signe * montant * reste, signe * somme) for reste in restes]
    manque = montant - sum(part for part, _ in parts)
    par_reste = sorted(range(len(restes)), key=lambda i: -parts[i][1])
    recoivent = set(par_reste[:manque])
    return [part + (i in recoivent) for i, (part, _) in enumerate(parts)]


@dataclass(frozen=True, slots=True)
class Mouvement[M]:
    """A sum that pays some of an invoice (negative: that an avoir gives), and what it comes from."""

    montant: int
    source: M


def spread_in_order[M](montants: Sequence[int], mouvements: Iterable[Mouvement[M]]) -> Iterator[tuple[M, list[int]]]:
    """For each of these sums of money, in their order, what it comes from and what it pays of each line of an invoice;
    `montants` are the lines, in centimes. A sum pays what the sums before it have left. `ValueError` when they come to
    more than the lines.
    """
    restes = list(montants)
    for mouvement in mouvements:
        parts = etaler(mouvement.montant, restes)
        restes = [reste - part for reste, part in zip(restes, parts, strict=True)]
        yield mouvement.source, parts
