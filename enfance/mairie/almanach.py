"""The twelve months of a school year, day by day, for the town hall to look at. Reads, never writes."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from enfance.calendrier import SAMEDI, Calendrier
from enfance.models import AnneeScolaire, Fermeture, Inscription, load_calendrier
from enfance.natures import NatureFermeture
from portail.dates import MOIS


class GenreJour(StrEnum):
    ECOLE = "ecole"
    FERMETURE = "fermeture"
    VACANCES = "vacances"
    FERIE = "ferie"
    SANS_ECOLE = "sans_ecole"  # a weekday of the year on which there is no school
    WEEKEND = "weekend"
    HORS = "hors"  # before the first day of school, or after the last


SIGNES = {GenreJour.FERMETURE: "×", GenreJour.VACANCES: "V", GenreJour.FERIE: "F", GenreJour.SANS_ECOLE: "–"}


@dataclass(frozen=True)
class JourAlmanach:
    """A day of the page. `detail` says why there is no school, or what is closed; `a_voir`, that children are booked
    although there is none.
    """

    jour: date
    genre: GenreJour
    detail: str
    inscriptions: int

    @property
    def signe(self) -> str:
        """The sign that marks this day on the page: « × » closed, « V » holidays, « F » public holiday, « – » a weekday
        of the year without school; empty on any other day.
        """
        return SIGNES.get(self.genre, "")

    @property
    def lien(self) -> str:
        """The query string that narrows the admin's list of inscriptions to this day: «
        jour__year=…&jour__month=…&jour__day=… ».
        """
        return f"jour__year={self.jour.year}&jour__month={self.jour.month}&jour__day={self.jour.day}"

    @property
    def a_voir(self) -> bool:
        """Whether children are booked on this day although it has no school; a day under a closure is
        not one of these.
        """
        return self.inscriptions > 0 and self.genre not in {GenreJour.ECOLE, GenreJour.FERMETURE}


@dataclass(frozen=True)
class MoisAlmanach:
    """A month: weeks from Monday to Sunday, None where a day is of another month."""

    debut: date
    semaines: tuple[tuple[JourAlmanach | None, ...], ...]

    @property
    def titre(self) -> str:
        """The month and its year in French: « Décembre 2026 »."""
        return f"{MOIS[self.debut.month - 1].capitalize()} {self.debut.year}"

    @property
    def ecole(self) -> int:
        """How many days of school the month has; the days under a closure of the garderie are counted."""
        return sum(
            jour.genre in {GenreJour.ECOLE, GenreJour.FERMETURE}
            for semaine in self.semaines
            for jour in semaine
            if jour
        )


@dataclass(frozen=True)
class Almanach:
    mois: tuple[MoisAlmanach, ...]

    @property
    def ecole(self) -> int:
        """How many days of school the twelve months have together; the days under a closure of the garderie are
        counted.
        """
        return sum(mois.ecole for mois in self.mois)

    @property
    def a_voir(self) -> list[JourAlmanach]:
        """The days on which children are booked although there is no school."""
        return [jour for mois in self.mois for semaine in mois.semaines for jour in semaine if jour and jour.a_voir]


def load_almanach(annee: AnneeScolaire) -> Almanach:
    """The twelve months of this school year, from the September in which it begins to the August after, each day with
    what it is and how many inscriptions it has. Three queries.
    """
    debut, fin = date(annee.debut.year, 9, 1), date(annee.debut.year + 1, 8, 31)
    calendrier = load_calendrier()
    comptes: dict[date, int] = {}
    for (jour, _), n in Inscription.objects.active().between(debut, fin).occupation().items():
        comptes[jour] = comptes.get(jour, 0) + n
    fermes = _fermetures(debut, fin)
    mois = [date(debut.year + (8 + n) // 12, (8 + n) % 12 + 1, 1) for n in range(12)]
    return Almanach(tuple(MoisAlmanach(premier, _semaines(premier, calendrier, fermes, comptes)) for premier in mois))


def _fermetures(debut: date, fin: date) -> dict[date, list[str]]:
    """The reasons of the closures of each day; on a trip, the garderie is open."""
    fermes: dict[date, list[str]] = {}
    fermetures = Fermeture.objects.filter(nature=NatureFermeture.FERMETURE, debut__lte=fin, fin__gte=debut)
    for fermeture in fermetures.order_by("debut", "pk"):
        for n in range((fermeture.fin - fermeture.debut).days + 1):
            fermes.setdefault(fermeture.debut + timedelta(days=n), []).append(fermeture.motif)
    return fermes


def _semaines(
    premier: date, calendrier: Calendrier, fermes: Mapping[date, list[str]], comptes: Mapping[date, int]
) -> tuple[tuple[JourAlmanach | None, ...], ...]:
    longueur = monthrange(premier.year, premier.month)[1]
    cases: list[JourAlmanach | None] = [None] * premier.weekday()
    for n in range(longueur):
        jour = premier + timedelta(days=n)
        genre, detail = _genre(jour, calendrier, fermes)
        cases.append(JourAlmanach(jour, genre, detail, comptes.get(jour, 0)))
    cases += [None] * (-len(cases) % 7)
    return tuple(tuple(cases[rang : rang + 7]) for rang in range(0, len(cases), 7))


def _genre(jour: date, calendrier: Calendrier, fermes: Mapping[date, list[str]]) -> tuple[GenreJour, str]:
    """What the day is, the most telling first, and the words for it."""
    if calendrier.is_ecole(jour):
        return (
            (GenreJour.FERMETURE, f"fermeture, {', '.join(fermes[jour])}")
            if jour in fermes
            else (GenreJour.ECOLE, "école")
        )
    if jour in calendrier.feries:
        return GenreJour.FERIE, calendrier.feries[jour]
    if vacances := calendrier.vacances(jour):
        return GenreJour.VACANCES, vacances.nom
    if jour.weekday() >= SAMEDI:
        return GenreJour.WEEKEND, "week-end"
    return (
        (GenreJour.SANS_ECOLE, "pas d’école ce jour") if calendrier.annee(jour) else (GenreJour.HORS, "hors de l’année")
    )
