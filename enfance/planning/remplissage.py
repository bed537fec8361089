"""« Tom comme Léa », « Recopier sur la suite », « Remplir plus vite »: ticks copied on a month that is not saved. Pure.

The server's answer to the buttons that `planning.js` answers at once. Full boxes are never ticked in bulk: entering a
waiting list is a decision; nor is what wants a reason. Locked and closed cells are not boxes, so nothing touches them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from enfance.planning.cases import Case
from enfance.planning.mois import Mois


def _libres(mois: Mois, voulu: Callable[[Case], bool] = lambda case: True) -> list[Case]:
    return [case for case in mois.libres if not (case.complet or case.motif) and voulu(case)]


def idem(mois: Mois, semaine: date) -> None:
    """Give every child of that week the ticks of the first one."""
    semaines = [s for s in mois.semaines if s.lundi == semaine]
    cases = [case for s in semaines for case in s.cases if case.genre == "libre"]
    if not cases:
        return
    premier = cases[0].cle.enfant
    modeles = {(c.cle.jour, c.cle.creneau): c.coche for c in cases if c.cle.enfant == premier}
    for case in cases:
        if not (case.complet or case.motif) and (case.cle.jour, case.cle.creneau) in modeles:
            case.coche = modeles[case.cle.jour, case.cle.creneau]


def recopier(mois: Mois, semaine: date) -> None:
    """Give every later week of the month the ticks of that one, day by day."""
    modeles = {
        (case.cle.enfant, case.cle.jour.weekday(), case.cle.creneau): case.coche
        for s in mois.semaines
        if s.lundi == semaine
        for case in s.cases
        if case.genre == "libre"
    }
    for s in mois.semaines:
        for case in s.cases if s.lundi > semaine else ():
            modele = (case.cle.enfant, case.cle.jour.weekday(), case.cle.creneau)
            if case.genre == "libre" and not (case.complet or case.motif) and modele in modeles:
                case.coche = modeles[modele]


def rapide(mois: Mois, *, coche: bool, creneau: str, jour: int | None, enfant: int | None) -> None:
    """Tick or untick a créneau on every such weekday (Monday is 0, None for all) of a child (None for all)."""
    for case in _libres(
        mois,
        lambda case: (
            case.cle.creneau == creneau
            and case.cle.jour.month == mois.premier.month  # « Appliquer au mois »
            and jour in (None, case.cle.jour.weekday())
            and enfant in (None, case.cle.enfant)
        ),
    ):
        case.coche = coche
