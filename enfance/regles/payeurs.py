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
    """The foyers that have garde of the child of these gardes then, sorted; none when nobody has. A hand-over on Friday
    evening gives that evening to the next holder.
    """
    return sorted({garde.foyer_id for garde in gardes if garde.holds(jour, creneau.is_soir)})


def payeur(etat: str, foyer: int | None, foyers: Sequence[int]) -> Payeur:
    """Who pays for what was booked or happened. `etat` and `foyer` are those of the inscription, « annulee » and None
    where there is none; `foyers` have garde then.

    An inscription that holds a place is paid by its own foyer, whatever the garde has become since. All else (came
    without inscription or from a waiting list, booked on a day of nobody's) is paid by the only foyer with garde.
    """
    if etat == Inscription.Etat.INSCRIT and foyer is not None:
        return Payeur(foyer)
    if len(foyers) == 1:
        return Payeur(foyers[0])
    return Payeur(None, SansPayeur.PLUSIEURS if foyers else SansPayeur.PERSONNE)


def payeur_of_booking(foyers: Sequence[int], *, acteur: int | None, avant: int | None) -> int | None:
    """The foyer that an inscription written now is given: `acteur`, the one that books, if it has garde then; else
    `avant`, the one that waits or had booked before, if it has; else the first that has, and None when nobody has.
    """
    return next((foyer for foyer in (acteur, avant) if foyer in foyers), foyers[0] if foyers else None)
