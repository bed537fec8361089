"""Which days have garderie, and which sheet to propose. Reads, never writes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from accounts.models import User
from enfance.calendrier import Calendrier
from enfance.equipe.lieux import jours_de_garderie
from enfance.models import load_calendrier


def has_garderie(jour: date, jours: Collection[int]) -> bool:
    """Whether a school that has garderie on these weekdays has some on that school day; none said: on all of them."""
    return not jours or jour.weekday() in jours


def jours_apres(jour: date, calendrier: Calendrier, jours: Collection[int]) -> Iterator[date]:
    """The days of garderie after this one, within the years that are known."""
    suivant = calendrier.ecole_apres(jour)
    while suivant:
        if has_garderie(suivant, jours):
            yield suivant
        suivant = calendrier.ecole_apres(suivant)


def jour_propose(today: date, agent: User | None = None, ecole: str = "") -> date | None:
    """Today, or the next day with school; None past the last year that is known. Where the town has several schools, a
    day on which those of the agent, or the one of the code `ecole`, have garderie. One query more.
    """
    calendrier = load_calendrier()
    premier = today if calendrier.is_ecole(today) else calendrier.ecole_apres(today)
    jours = jours_de_garderie(agent, ecole) if agent else frozenset()
    if premier is None or has_garderie(premier, jours):
        return premier
    return next(jours_apres(premier, calendrier, jours), premier)
