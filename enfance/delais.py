"""Deadlines: the instant until which a day may still be changed, and its French sentence. Pure.

`limite` gives the first instant at which the day is closed: it is open strictly before. Times are Europe/Paris, aware.
The kinds and the examples are those of real communes (tests/enfance/regles-communes.csv).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from enfance.calendrier import PARIS, UN_JOUR, Calendrier, lundi


class Genre(StrEnum):
    JOURS_ECOLE = "jours_ecole"
    JOURS_OUVRES = "jours_ouvres"
    JOURS = "jours"
    SEMAINE = "semaine"
    MOIS = "mois"
    GROUPES = "groupes"


@dataclass(frozen=True)
class Delai:
    """A deadline rule. Which fields count depends on `genre`; weekdays count from Monday, 0."""

    genre: Genre
    heure: time
    nombre: int = 0
    jour_semaine: int = 0
    jour_mois: int = 1
    groupes: Mapping[int, int] = field(default_factory=dict)


def limite(jour: date, delai: Delai, calendrier: Calendrier) -> datetime:
    """The instant (Europe/Paris) at which `jour` closes: open strictly before, closed from then on.

    An hour that comes twice (end of summer time) is the first; one that is missing is an hour later. A weekday that
    `groupes` does not name closes with the last day before it that is named.
    """
    return _instant(_jour_limite(jour, delai, calendrier), delai.heure)


def _jour_limite(jour: date, delai: Delai, calendrier: Calendrier) -> date:
    match delai.genre:
        case Genre.JOURS_ECOLE:
            return calendrier.ecole_avant(jour, delai.nombre)
        case Genre.JOURS_OUVRES:
            return calendrier.ouvre_avant(jour, delai.nombre)
        case Genre.JOURS:
            return jour - timedelta(days=delai.nombre)
        case Genre.SEMAINE:
            return lundi(jour) - timedelta(weeks=delai.nombre) + timedelta(days=delai.jour_semaine)
        case Genre.MOIS:
            fin = jour.replace(day=1) - UN_JOUR
            return fin.replace(day=min(delai.jour_mois, monthrange(fin.year, fin.month)[1]))
        case Genre.GROUPES:
            while jour.weekday() not in delai.groupes:
                jour -= UN_JOUR
            return jour - timedelta(days=(jour.weekday() - delai.groupes[jour.weekday()] - 1) % 7 + 1)


def _instant(jour: date, heure: time) -> datetime:
    local = datetime.combine(jour, heure, tzinfo=PARIS)  # fold=0: the first of an hour that comes twice
    return local.astimezone(UTC).astimezone(PARIS)  # moves an hour that is missing one hour later
