"""The days that a closure takes from the garderie, and those of its range that have none anyway. Pure.

Holidays, week-ends, a Wednesday without créneau: they are never said closed to a family.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from enfance.calendrier import Calendrier, jours_entre
from enfance.models import Creneau
from portail.dates import du_au
from portail.francais import et

PONT = 4  # from one day to the next of the same stretch: a long week-end lies between, holidays do not
SUITES = 3


def jours_fermes(calendrier: Calendrier, creneaux: Iterable[Creneau], debut: date, fin: date) -> list[date]:
    """The days from `debut` to `fin`, both included, on which one of these créneaux would be open: those that a closure
    takes.
    """
    semaine = {jour for creneau in creneaux for jour in creneau.jours}
    return [jour for jour in calendrier.jours_ecole(debut, fin) if jour.weekday() in semaine]


def fermes_phrase(jours: Sequence[date]) -> str:
    """The closed days in words: « mardi 15 décembre », « vendredi 18 décembre, du lundi 4 janvier au mardi 5 janvier ».
    Holidays between them are left out, unless there are more than three stretches: then only the first and the last day
    are said.
    """
    suites = list(_suites(jours, PONT))
    if len(suites) > SUITES:
        return du_au(jours[0], jours[-1])
    return ", ".join(du_au(debut, fin) for debut, fin in suites)


def moments_fermes(fermes: Collection[int], creneaux: Iterable[Creneau]) -> str:
    """The créneaux of a closure in words, to follow its days: « , matin et soir »; empty when the closure names none
    (`fermes`: primary keys), as it then closes all.
    """
    noms = dict.fromkeys(creneau.nom_court for creneau in creneaux if creneau.pk in fermes)
    return f", {et(list(noms))}" if noms else ""


def sans_garderie(calendrier: Calendrier, fermes: Collection[date], debut: date, fin: date) -> list[str]:
    """The days from `debut` to `fin` that are not among the closed ones (`fermes`), as they have no garderie anyway, in
    words: « mercredi 16 décembre », « du samedi 19 … au dimanche 3 … (Vacances de Noël) ».
    """
    autres = [jour for jour in jours_entre(debut, fin) if jour not in fermes]
    phrases = []
    for premier, dernier in _suites(autres, 1):
        raisons = {_raison(calendrier, jour) for jour in jours_entre(premier, dernier)} - {""}
        phrases.append(du_au(premier, dernier) + (f" ({', '.join(sorted(raisons))})" if raisons else ""))
    return phrases


def _suites(jours: Iterable[date], ecart: int) -> Iterator[tuple[date, date]]:
    """First and last day of each stretch of these days, in order; two that are more than `ecart` days apart part it."""
    debut = fin = None
    for jour in jours:
        if debut and fin and (jour - fin).days > ecart:
            yield debut, fin
            debut = None
        debut, fin = debut or jour, jour
    if debut and fin:
        yield debut, fin


def _raison(calendrier: Calendrier, jour: date) -> str:
    vacances = calendrier.vacances(jour)
    return vacances.nom if vacances else calendrier.feries.get(jour, "")
