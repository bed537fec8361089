"""What an app adds to a list of the house, and its place in it: no number, the name of what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One thing of a list. It stands after all that its app and the apps below have there; or, with `avant`, right
    before the first of them that is so called.
    """

    avant: str = ""

    def is_called(self, nom: str) -> bool:
        """Whether `nom` is the name of this piece, by which another one asks to stand before it (`avant`)."""
        raise NotImplementedError


def in_order[P](pieces: Iterable[P]) -> tuple[P, ...]:
    """These pieces, each right before the one that its `avant` names, else where it came. Raises LookupError when no
    piece before it has that name."""
    rangees: list[P] = []
    for piece in pieces:
        rangees.insert(_place(piece, rangees), piece)
    return tuple(rangees)


def _place(piece: object, rangees: Sequence[object]) -> int:
    if not isinstance(piece, Piece) or not piece.avant:
        return len(rangees)
    for place, autre in enumerate(rangees):
        if isinstance(autre, Piece) and autre.is_called(piece.avant):
            return place
    raise LookupError(f"nothing is called {piece.avant!r} for {piece!r} to stand before")
