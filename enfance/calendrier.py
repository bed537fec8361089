"""The school calendar as a value: which days are school days, working days, holidays. Pure: no database, no clock.

Facts come from the tables that `preparer_annee` fills and the town hall corrects; `Calendrier` is what the rules see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from enfance.silences import Silence, reunis

UN_JOUR = timedelta(days=1)
LUNDI, MARDI, MERCREDI, JEUDI, VENDREDI, SAMEDI, DIMANCHE = range(7)


@dataclass(frozen=True)
class Periode:
    """Days from `debut` to `fin`, both included, with a name for the reader (« Vacances de Noël »)."""

    nom: str
    debut: date
    fin: date

    def __contains__(self, jour: date) -> bool:
        return self.debut <= jour <= self.fin


@dataclass(frozen=True)
class Annee:
    """A school year: first and last day of school (included), weekdays (Monday is 0), when parents may begin."""

    debut: date
    fin: date
    jours: frozenset[int]
    vacances: tuple[Periode, ...] = ()
    ouverture: date | None = None

    def __contains__(self, jour: date) -> bool:
        return self.debut <= jour <= self.fin

    def is_open(self, today: date) -> bool:
        """Whether the registrations of this school year have opened: True ever after, even once it is over; False
        without an opening day.
        """
        return self.ouverture is not None and self.ouverture <= today


@dataclass(frozen=True)
class Calendrier:
    """One or several school years, and the public holidays by date; when the portal did not answer, which moves
    deadlines: silences that neither overlap nor touch, in order.
    """

    annees: tuple[Annee, ...]
    feries: Mapping[date, str] = field(default_factory=dict)
    silences: tuple[Silence, ...] = ()

    def with_silence(self, silence: Silence) -> Calendrier:
        """This calendar, with one silence of the portal more."""
        return replace(self, silences=reunis([*self.silences, silence]))

    def annee(self, jour: date) -> Annee | None:
        """The school year that holds this day, None between two years."""
        for annee in self.annees:  # asked a thousand times a page: a generator would take twice as long
            if annee.debut <= jour <= annee.fin:
                return annee
        return None

    def vacances(self, jour: date) -> Periode | None:
        """The school holidays in which this day is, with their name; None when it is in none."""
        annee = self.annee(jour)
        return next((periode for periode in annee.vacances if jour in periode), None) if annee else None

    def is_ecole(self, jour: date) -> bool:
        """Whether this is a school day: within a school year, on one of its weekdays, neither in holidays nor a public
        holiday.
        """
        annee = self.annee(jour)
        return (
            annee is not None
            and jour.weekday() in annee.jours
            and jour not in self.feries
            and not any(jour in periode for periode in annee.vacances)
        )

    def is_ouvre(self, jour: date) -> bool:
        """Whether this is a working day, for deadlines in `jours_ouvres`: neither week-end nor public holiday. Days of
        school holidays are working days.
        """
        return jour.weekday() < SAMEDI and jour not in self.feries

    def annee_of(self, mois: date) -> Annee | None:
        """The first school year of which the planning of the month that begins on `mois` shows a day; None when there
        is none.
        """
        _, fin = bornes(mois)
        return next((annee for annee in self.annees if annee.debut <= fin and annee.fin >= mois), None)

    def semaines(self, mois: date) -> Iterator[list[date]]:
        """The weeks of the planning of the month that begins on `mois`: for each week that has a school weekday in this
        month and year, its school weekdays, holidays or not.
        """
        debut, fin = bornes(mois)
        if annee := self.annee_of(mois):
            for n in range((fin - debut).days // 7 + 1):
                jours = [debut + timedelta(weeks=n) + UN_JOUR * jour for jour in sorted(annee.jours)]
                if any(jour.month == mois.month and jour in annee for jour in jours):
                    yield jours

    def jours_ecole(self, debut: date, fin: date) -> Iterator[date]:
        """The school days from `debut` to `fin`, both included. Bounds far outside the known years cost nothing."""
        debut = max(debut, min((annee.debut for annee in self.annees), default=debut))
        fin = min(fin, max((annee.fin for annee in self.annees), default=fin))
        return filter(self.is_ecole, jours_entre(debut, fin))

    def ecole_avant(self, jour: date, n: int) -> date:
        """The n-th school day before `jour`; before the first known school year, every calendar day counts as one. For
        0, `jour` itself.
        """
        premier = min((annee.debut for annee in self.annees), default=date.max)
        while n > 0:
            jour -= UN_JOUR
            if jour < premier or self.is_ecole(jour):
                n -= 1
        return jour

    def ouvre_avant(self, jour: date, n: int) -> date:
        """The n-th working day before `jour`: week-ends and public holidays are not counted. For 0, `jour` itself."""
        while n > 0:
            jour -= UN_JOUR
            if self.is_ouvre(jour):
                n -= 1
        return jour

    def ecole_apres(self, jour: date) -> date | None:
        """The first school day after `jour`, None past the last known year."""
        dernier = max((annee.fin for annee in self.annees), default=date.min)
        return next(self.jours_ecole(jour + UN_JOUR, dernier), None)


def jours_entre(debut: date, fin: date) -> Iterator[date]:
    """Each day from `debut` to `fin`, both included, up to the last one that a date can hold."""
    return (debut + n * UN_JOUR for n in range((fin - debut).days + 1))


def lundi(jour: date) -> date:
    """The Monday of the week of this day."""
    return jour - timedelta(days=jour.weekday())


def bornes(mois: date) -> tuple[date, date]:
    """The first and the last day that the planning of the month beginning on `mois` shows: complete weeks, from a
    Monday to a Sunday.
    """
    fin = (mois + timedelta(days=31)).replace(day=1) - UN_JOUR
    return lundi(mois), lundi(fin) + timedelta(days=6)


def age(naissance: date, jour: date) -> int:
    """The age in years, on that day, of a person born on `naissance`; one born on 29 February turns a year older on 1
    March of a year without that day.
    """
    return jour.year - naissance.year - ((jour.month, jour.day) < (naissance.month, naissance.day))


def is_moins_de_six(naissance: date, jour: date) -> bool:
    """Whether a child born on `naissance` is under six on that day: the number of adults and the hours declared depend
    on this age.
    """
    return age(naissance, jour) < 6
