"""A weekly pattern as a value. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from enfance.calendrier import lundi

HORIZON = timedelta(days=800)  # two school years: nothing is booked beyond
Box = tuple[int, str]  # a weekday (Monday is 0) and a créneau (code)


@dataclass(frozen=True)
class Modele:
    """A child's pattern over a period, both days included; one week in two counts from the week of `depuis`."""

    enfant: int
    boxes: frozenset[Box]
    debut: date
    fin: date
    depuis: date | None = None

    def covers(self, jour: date) -> bool:
        """Whether this day is in the period of the pattern, whichever weeks it fills."""
        return self.debut <= jour <= self.fin

    def is_empty(self, jour: date) -> bool:
        """Whether the pattern fills one week in two and the week of this day is one that it leaves empty."""
        return self.depuis is not None and (lundi(jour) - lundi(self.depuis)).days % 14 != 0


def modele_at(modeles: Sequence[Modele], enfant: int, jour: date) -> Modele | None:
    """The weekly pattern that holds for this child (primary key) on this day: the first of `modeles` whose period
    covers it; None without any.
    """
    return next((modele for modele in modeles if modele.enfant == enfant and modele.covers(jour)), None)


def modele_now(modeles: Sequence[Modele], enfant: int, today: date) -> Modele | None:
    """The weekly pattern that this child (primary key) follows today, else the next one to begin; None without any."""
    a_venir = sorted({max(today, modele.debut) for modele in modeles if modele.enfant == enfant})
    return modele_at(modeles, enfant, a_venir[0]) if a_venir else None
