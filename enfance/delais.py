"""Deadlines: the instant until which a day may still be changed, and its French sentence. Pure.

`limite` gives the first instant at which the day is closed: it is open strictly before. Times are Europe/Paris, aware.
The kinds and the examples are those of real communes (tests/enfance/regles-communes.csv).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from enfance.calendrier import UN_JOUR, Calendrier, lundi
from portail.codes import LabelledCode
from portail.dates import JOURS, PARIS, heure_texte, instant, jour_court, jour_long
from portail.francais import et


class Genre(LabelledCode):
    """The kinds of deadline: the code that a row holds, and its `label`, what a form says of it."""

    JOURS_ECOLE = "jours_ecole", "jours d’école avant"
    JOURS_OUVRES = "jours_ouvres", "jours ouvrés avant"
    JOURS = "jours", "jours avant"
    SEMAINE = "semaine", "un jour d’une semaine précédente"
    MOIS = "mois", "un jour du mois précédent"
    GROUPES = "groupes", "un jour précédent, selon le jour de la semaine"


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
    """The instant (Europe/Paris) at which `jour` closes under this rule: it may be changed strictly before, and no
    longer from then on.

    An hour that comes twice (end of summer time) is the first one; an hour that does not exist is one hour later. A
    weekday that `groupes` does not name closes with the last day before it that is named.
    """
    return instant(_jour_limite(jour, delai, calendrier), delai.heure)


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


# --- In words -------------------------------------------------------------------------------------------------------


def _midnight_is_evening(limite: datetime) -> tuple[date, time]:
    """0 h is said « minuit », with the day before."""
    local = limite.astimezone(PARIS)
    return (local.date() - UN_JOUR if local.time() == time(0) else local.date()), local.time()


def instant_phrase(limite: datetime) -> str:
    """The instant of a deadline in words, Paris time: « vendredi 4 décembre, 12 h »; « samedi 19 décembre, minuit » for
    the 20th at 0 h.
    """
    jour, heure = _midnight_is_evening(limite)
    return f"{jour_long(jour)}, {heure_texte(heure)}"


def avant_phrase(limite: datetime, today: date) -> str:
    """The instant of a deadline in words, Paris time, to follow « avant »: « aujourd’hui, 12 h », « demain, 12 h »,
    « lundi 7, 12 h », « jeudi 3 décembre, 12 h ».
    """
    jour, heure = _midnight_is_evening(limite)
    soir = heure == time(0)
    match (jour - today).days:
        case 0:
            quand = "ce soir" if soir else "aujourd’hui"
        case 1:
            quand = "demain soir" if soir else "demain"
        case n if 1 < n < 7 and jour.month == today.month:
            quand = jour_court(jour)
        case _:
            quand = jour_long(jour)
    return f"{quand}, {heure_texte(heure)}"


def is_proche(limite: datetime, today: date) -> bool:
    """Whether this deadline is today or tomorrow (or past), in Paris; midnight belongs to the evening before."""
    return (_midnight_is_evening(limite)[0] - today).days <= 1


def delai_phrase(delai: Delai) -> str:
    """The deadline rule in words, to follow « Modifiable »: « jusqu’à la veille, 12 h (le vendredi pour le lundi) »."""
    heure = heure_texte(delai.heure)
    minuit = delai.heure == time(0)  # the whole day named is closed, so the last one open is the day before it
    n = delai.nombre
    match delai.genre:
        case Genre.JOURS_ECOLE:
            if minuit:
                return f"jusqu’à {_entiers(n, 'jour', ' d’école')} avant, {heure}"
            return f"jusqu’{'au jour d’école précédent' if n == 1 else f'à {n} jours d’école avant'}, {heure}"
        case Genre.JOURS_OUVRES:
            if n == 1:
                quand, exemple = ("l’avant-veille", "jeudi") if minuit else ("la veille", "vendredi")
                return f"jusqu’à {quand}, {heure} (le {exemple} pour le lundi)"
            quand = _entiers(n, "jour") if minuit else f"{n} jours"
            return f"jusqu’à {quand} avant, {heure}, week-ends et jours fériés non comptés"
        case Genre.JOURS:
            n += minuit
            return f"jusqu’{('au jour même', 'à la veille')[n] if n < 2 else f'à {n} jours avant'}, {heure}"
        case Genre.SEMAINE:
            jour = delai.jour_semaine - minuit
            if jour < 0:
                jour, n = 6, n + 1
            semaine = "de la semaine précédente" if n == 1 else f"{n} semaines avant"
            return f"jusqu’au {JOURS[jour]} {semaine}, {heure}"
        case Genre.MOIS:
            return f"jusqu’{_quantieme(delai.jour_mois, minuit)} du mois précédent, {heure}"
        case Genre.GROUPES:
            return "\u202f; ".join(
                f"pour {et([JOURS[jour] for jour in jours])}, jusqu’au {JOURS[voulu - minuit]} précédent, {heure}"
                for voulu, jours in _groupes(delai.groupes).items()
            )


def _entiers(n: int, nom: str, suite: str = "") -> str:
    return f"un {nom}{suite} entier" if n == 1 else f"{n} {nom}s{suite} entiers"


def _quantieme(jour_mois: int, minuit: bool) -> str:
    """A day of any month, the 31st being its last whatever its length."""
    if jour_mois == 31:
        return "à l’avant-dernier jour" if minuit else "au dernier jour"
    jour = jour_mois - minuit
    return {0: "à la veille du 1er", 1: "au 1er"}.get(jour, f"au {jour}")


def _groupes(groupes: Mapping[int, int]) -> dict[int, list[int]]:
    par_limite: dict[int, list[int]] = {}
    for jour, voulu in sorted(groupes.items()):
        par_limite.setdefault(voulu, []).append(jour)
    return par_limite
