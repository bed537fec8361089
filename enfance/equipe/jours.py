"""Which days have garderie, and which sheet to propose. Reads, never writes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from accounts.models import User
from enfance.calendrier import Calendrier
from enfance.equipe.lieux import jours_de_garderie
from enfance.models import load_calendrier


def has_garderie(jour: date, jours: Collection[int]) -> bool:
    """Whether a school day has garderie, for a school that holds it on these weekdays (Monday is 0); no weekday given
    means all of them.
    """
    return not jours or jour.weekday() in jours


def jours_apres(jour: date, calendrier: Calendrier, jours: Collection[int]) -> Iterator[date]:
    """The days of garderie after this one, in order, within the known school years, for a school that holds it on the
    weekdays `jours` (none: all).
    """
    suivant = calendrier.ecole_apres(jour)
    while suivant:
        if has_garderie(suivant, jours):
            yield suivant
        suivant = calendrier.ecole_apres(suivant)


def jour_propose(today: date, agent: User | None = None, ecole: str = "") -> date | None:
    """The day whose attendance sheet to show first: today, or the next school day; None past the last known school
    year.

    Where the town has several schools, the day must be one of garderie in the agent's schools, or in that of the code
    `ecole`; the next school day if none comes. One query more than the calendar's.
    """
    calendrier = load_calendrier()
    premier = today if calendrier.is_ecole(today) else calendrier.ecole_apres(today)
    jours = jours_de_garderie(agent, ecole) if agent else frozenset()
    if premier is None or has_garderie(premier, jours):
        return premier
    return next(jours_apres(premier, calendrier, jours), premier)
