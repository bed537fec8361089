"""Which foyer pays for a child on a day and créneau: what a booking writes, and who owes it afterwards. Pure.

Foyers are primary keys. Those that have garde then, in a stable order, are given by `foyers_with_garde`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from enfance.models import Creneau, Garde, Inscription


class SansPayeur(Enum):
    """Why nobody can be said to pay; the value is what a page says. The town hall settles it: it is never guessed."""

    PERSONNE = "aucun foyer n’a la garde ce jour-là"
    PLUSIEURS = "plusieurs foyers ont la garde ce jour-là, et aucun n’a inscrit l’enfant"


@dataclass(frozen=True)
class Payeur:
    """The foyer that pays (primary key), or why none can be said to: one of the two, never both."""

    foyer: int | None
    anomalie: SansPayeur | None = None


def foyers_with_garde(gardes: Iterable[Garde], jour: date, creneau: Creneau) -> list[int]:
    """The homes (primary keys, sorted) where a child lives on that day and créneau, given its `gardes`; empty when it
    lives in none. A hand-over on Friday evening gives that evening to the next home.
    """
    return sorted({garde.foyer_id for garde in gardes if garde.holds(jour, creneau.is_soir)})


def payeur(etat: str, foyer: int | None, foyers: Sequence[int]) -> Payeur:
    """Which home pays for what was booked or happened. `etat` and `foyer` are those of the inscription, « annulee » and
    None where there is none; `foyers`: the homes (primary keys) that have garde then.

    An inscription that holds a place is paid by its own home, even if the garde has changed since. Anything else (the
    child came without inscription or from a waiting list, or was booked on a day of no home) is paid by the only home
    with garde; with none or several, nobody can be said to pay.
    """
    if etat == Inscription.Etat.INSCRIT and foyer is not None:
        return Payeur(foyer)
    if len(foyers) == 1:
        return Payeur(foyers[0])
    return Payeur(None, SansPayeur.PLUSIEURS if foyers else SansPayeur.PERSONNE)


def payeur_of_booking(foyers: Sequence[int], *, acteur: int | None, avant: int | None) -> int | None:
    """The home (primary key) to write on an inscription made now, among `foyers`, the homes that have garde then:
    `acteur`, the one that books; else `avant`, the one that waits or had booked before; else the first of them. None
    when no home has garde.
    """
    return next((foyer for foyer in (acteur, avant) if foyer in foyers), foyers[0] if foyers else None)
