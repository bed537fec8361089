"""Days and hours: instants in Paris, and the French words that say them. Pure; no-break spaces where a line must not
break.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from portail.francais import NBSP, et

PARIS = ZoneInfo("Europe/Paris")

JOURS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
MOIS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


JOURS_ABREGES = [f"{jour[:3]}." for jour in JOURS]
MOIS_ABREGES = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]


_PREMIER = re.compile(rf"(?<!\d)1(?={NBSP}(?:{'|'.join(MOIS)}))")
_MINUIT, _PILE = re.compile(rf"(?<!\d)0{NBSP}h{NBSP}00"), re.compile(rf"(?<=\d{NBSP}h){NBSP}00")


def said(text: str) -> str:
    """A text of Django's own formats (`portail.formats`) with what they cannot say of its days and hours: « 1er
    décembre », « 12 h », « minuit »."""
    return _PILE.sub("", _MINUIT.sub("minuit", _PREMIER.sub("1er", text)))


def mois_suivant(jour: date) -> date:
    """The first day of the month that follows the month of this day."""
    return (jour.replace(day=1) + timedelta(days=31)).replace(day=1)


def mois_precedent(jour: date) -> date:
    """The first day of the month before the month of this day."""
    return (jour.replace(day=1) - timedelta(days=1)).replace(day=1)


def instant(jour: date, heure: time) -> datetime:
    """This hour of this day in Paris, as an aware datetime. Of an hour that comes twice (end of summer time), the
    first; one that does not exist (its beginning) is moved one hour later."""
    local = datetime.combine(jour, heure, tzinfo=PARIS)  # fold=0: the first of an hour that comes twice
    return local.astimezone(UTC).astimezone(PARIS)  # moves an hour that is missing one hour later


def dernier_instant(heure: time, *, now: datetime) -> datetime:
    """The last instant, not after `now` (aware), when it was this hour in Paris: today's, or else yesterday's."""
    today = now.astimezone(PARIS).date()
    du_jour = instant(today, heure)
    # In UTC: two Paris times would be compared without their fold.
    return du_jour if du_jour.astimezone(UTC) <= now.astimezone(UTC) else instant(today - timedelta(days=1), heure)


def quantieme(jour: date) -> str:
    """The day of the month in French: « 8 », « 1er »."""
    return "1er" if jour.day == 1 else str(jour.day)


@lru_cache(maxsize=2000)  # each box of a page says its day
def jour_court(jour: date) -> str:
    """The day of the week and of the month, in French, where the month is known from around: « mardi 8 », « mardi
    1er »."""
    return f"{JOURS[jour.weekday()]} {quantieme(jour)}"


def jour_long(jour: date) -> str:
    """The day with its month, without its year, in French: « mardi 8 décembre », « mardi 1er décembre »."""
    return f"{JOURS[jour.weekday()]} {quantieme_mois(jour)}"


def jours_groupes(jours: Iterable[date]) -> str:
    """Several days in French, grouped by day of the week, a month that all of them share being said once: « jeudis 3,
    10 et 17 décembre », « lundi 14 et vendredi 18 décembre », « jeudis 10 décembre et 7 janvier ». There must be one
    day at least."""
    jours = sorted(set(jours))
    commun = _de_mois(jours[0]) if len({jour.replace(day=1) for jour in jours}) == 1 else ""
    groupes = []
    for numero, nom in enumerate(JOURS):
        siens = [jour for jour in jours if jour.weekday() == numero]
        par_mois = [list(groupe) for _, groupe in groupby(siens, lambda jour: jour.replace(day=1))]
        dits = [f"{et([quantieme(jour) for jour in lot])}{'' if commun else _de_mois(lot[0])}" for lot in par_mois]
        if siens:
            groupes.append(f"{nom}{'s' if len(siens) > 1 else ''} {_join(dits)}")
    return f"{_join(groupes)}{commun}"


def _join(mots: Sequence[str]) -> str:
    """With « et », unless one of them has one already."""
    return ", ".join(mots) if any(" et " in mot for mot in mots) else et(mots)


def _de_mois(jour: date) -> str:
    return f"{NBSP}{MOIS[jour.month - 1]}"


def jour_annee(jour: date) -> str:
    """The day with its month and year, in French, for a day that may be of another year: « mardi 8 décembre 2026 »."""
    return f"{jour_long(jour)} {jour.year}"


def jour_abrege(jour: date) -> str:
    """The day of the week, shortened, and of the month, in French, where the screen or the paper is narrow: « mar.
    8 »."""
    return f"{JOURS_ABREGES[jour.weekday()]}{NBSP}{quantieme(jour)}"


def quantieme_mois(jour: date) -> str:
    """The day of the month and the month, in French, without the day of the week: « 8 décembre », « 1er décembre »."""
    return f"{quantieme(jour)}{NBSP}{MOIS[jour.month - 1]}"


def quantieme_annee(jour: date) -> str:
    """The day, month and year in French, without the day of the week: « 8 décembre 2026 », « 1er décembre 2026 »."""
    return f"{quantieme_mois(jour)} {jour.year}"


def du_au(debut: date, fin: date) -> str:
    """A period from one day to another, both included, in French without the year: « du mardi 15 décembre au jeudi 17
    décembre »; « mardi 15 décembre » when it is one day."""
    return jour_long(debut) if debut == fin else f"du {jour_long(debut)} au {jour_long(fin)}"


def du_au_annee(debut: date, fin: date) -> str:
    """A period from one day to another, both included, in French with the years: « du mardi 15 décembre 2026 au jeudi
    17 décembre 2026 »; « mardi 15 décembre 2026 » when it is one day."""
    return jour_annee(debut) if debut == fin else f"du {jour_annee(debut)} au {jour_annee(fin)}"


def heure_texte(heure: time) -> str:
    """This hour in French, without its seconds: « 12 h », « 7 h 30 », « minuit »."""
    if (heure.hour, heure.minute) == (0, 0):
        return "minuit"
    minutes = f"{NBSP}{heure.minute:02}" if heure.minute else ""
    return f"{heure.hour}{NBSP}h{minutes}"


def date_heure(instant: datetime) -> str:
    """This instant in French, Paris time, without its year: « vendredi 4 décembre à 20 h 41 ». Raises ValueError for a
    naive datetime: nobody knows when it is."""
    return _at(jour_long, instant)


def date_heure_annee(instant: datetime) -> str:
    """This instant in French, Paris time, with its year: « vendredi 4 décembre 2026 à 20 h 41 ». Raises ValueError for
    a naive datetime."""
    return _at(jour_annee, instant)


def instant_annee(instant: datetime) -> str:
    """This instant in French, Paris time, with its year and without the day of the week, where many are in a column:
    « 4 décembre 2026 à 20 h 41 ». Raises ValueError for a naive datetime."""
    return _at(quantieme_annee, instant)


def _at(said: Callable[[date], str], instant: datetime) -> str:
    if instant.tzinfo is None:
        raise ValueError("naive datetime")
    local = instant.astimezone(PARIS)
    return f"{said(local.date())} à {heure_texte(local.time())}"
