"""Ticks given to several boxes of a month at once, by one button; nothing is saved. Pure.

The headings of rows and columns, « Tom comme Léa », « Recopier sur la suite », « Remplir plus vite »: the server's
answer to the buttons that `planning.js` answers at once. They touch no box but those that may be ticked `en_bloc`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from enfance.calendrier import lundi
from enfance.planning.cases import Case
from enfance.planning.mois import GrilleMois
from enfance.regles import Cle
from enfance.regles.cles import jour as jour_de
from enfance.regles.cles import parse_key
from portail.dates import JOURS


def _en_bloc(mois: GrilleMois) -> list[Case]:
    return [case for case in mois.libres if case.en_bloc]


def basculer(cases: Sequence[Case]) -> None:
    """Tick all these boxes, in place; untick them when all of them are ticked."""
    voulu = not all(case.coche for case in cases)
    for case in cases:
        case.coche = voulu


def cases_du_titre(mois: GrilleMois, valeur: str) -> list[Case]:
    """The boxes that the heading of value `valeur` ticks: `enfant:date:creneau` is the row of that box in its week,
    `date` a day of all the children shown. Empty for a value that is no heading.
    """
    cle, jour = Cle.parse(valeur), parse_key(valeur, jour_de)
    if cle:
        rang = (cle.enfant, lundi(cle.jour), cle.creneau)
        return [c for c in _en_bloc(mois) if (c.cle.enfant, lundi(c.cle.jour), c.cle.creneau) == rang]
    return [case for case in _en_bloc(mois) if jour and case.cle.jour == jour[0]]


def partout(mois: GrilleMois, valeur: str) -> list[tuple[Case, bool]]:
    """The boxes of the month, on the same weekdays as those under this heading, whose tick differs from theirs; each
    with the tick to give it, so that the heading is repeated over the month.
    """
    modeles = {_place(case): case.coche for case in cases_du_titre(mois, valeur)}
    du_mois = [c for c in _en_bloc(mois) if c.cle.jour.month == mois.premier.month and _place(c) in modeles]
    return [(case, modeles[_place(case)]) for case in du_mois if case.coche != modeles[_place(case)]]


def partout_phrase(mois: GrilleMois, valeur: str) -> str:
    """The words of the button that repeats a heading over the month: « Tous les lundis aussi », « Tout le mois aussi »;
    empty when that would change nothing.
    """
    changees = partout(mois, valeur) if valeur else []
    if not changees:
        return ""
    return "Tout le mois aussi" if Cle.parse(valeur) else f"Tous les {JOURS[changees[0][0].cle.jour.weekday()]}s aussi"


def _place(case: Case) -> tuple[int, int, str]:
    """Where the box is in whatever week."""
    return case.cle.enfant, case.cle.jour.weekday(), _moment(case)


def _moment(case: Case) -> str:
    """What the box shares with those that answer to it in whatever school."""
    return case.pareil or case.cle.creneau


def idem(mois: GrilleMois, semaine: date) -> None:
    """Give every child, in the week of this Monday, the ticks of the first child, wherever both have the moment.
    Changes the cells in place.
    """
    semaines = [s for s in mois.semaines if s.lundi == semaine]
    cases = [case for s in semaines for case in s.cases if case.genre == "libre"]
    if not cases:
        return
    premier = cases[0].cle.enfant
    modeles = {(c.cle.jour, _moment(c)): c.coche for c in cases if c.cle.enfant == premier}
    for case in cases:
        if case.en_bloc and (case.cle.jour, _moment(case)) in modeles:
            case.coche = modeles[case.cle.jour, _moment(case)]


def recopier(mois: GrilleMois, semaine: date) -> None:
    """Copy the ticks of the week of this Monday to every later week of the month, day by day. Changes the cells in
    place.
    """
    modeles = {
        _place(case): case.coche
        for s in mois.semaines
        if s.lundi == semaine
        for case in s.cases
        if case.genre == "libre"
    }
    for s in mois.semaines:
        for case in s.cases if s.lundi > semaine else ():
            if case.en_bloc and _place(case) in modeles:
                case.coche = modeles[_place(case)]


def rapide(mois: GrilleMois, *, coche: bool, creneau: str, jour: int | None, enfant: int | None) -> None:
    """Tick or untick, in the whole month, the boxes of a créneau (its code, or what those that correspond in several
    schools share), on a weekday (Monday is 0, None for all), for a child (primary key, None for all).
    """
    for case in _en_bloc(mois):
        if (
            _moment(case) == creneau
            and case.cle.jour.month == mois.premier.month  # « Appliquer au mois »
            and jour in (None, case.cle.jour.weekday())
            and enfant in (None, case.cle.enfant)
        ):
            case.coche = coche
