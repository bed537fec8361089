"""The figures of a year as values: lines by month, class or school, days of a créneau, and their spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from enfance.models import AnneeScolaire, Creneau
from portail.dates import JOURS, quantieme
from portail.francais import NBSP


@dataclass(frozen=True)
class Nombre:
    """Inscriptions that hold a place; children seen on the sheets, registered or not."""

    inscrits: int
    venus: int


@dataclass(frozen=True)
class LigneChiffres:
    """A month or a class, with a number for each créneau, in their order."""

    titre: str
    nombres: tuple[Nombre, ...]

    @property
    def total(self) -> Nombre:
        """The numbers of all the créneaux of the line added up."""
        return Nombre(sum(n.inscrits for n in self.nombres), sum(n.venus for n in self.nombres))

    @property
    def cellules(self) -> list[int]:
        """The cells of the line: the number registered and the number who came, créneau after créneau, then of all of
        them together.
        """
        return [cell for nombre in (*self.nombres, self.total) for cell in (nombre.inscrits, nombre.venus)]


@dataclass(frozen=True)
class JourChiffre:
    """A school day of a créneau: the places taken, and those there were; None where there was no limit."""

    jour: date
    pris: int
    places: int | None

    @property
    def titre(self) -> str:
        """The day in short: « jeu. 10 »."""
        return f"{JOURS[self.jour.weekday()][:3]}.{NBSP}{quantieme(self.jour)}"

    @property
    def initiale(self) -> str:
        """The first letter of the day of the week, a capital: « J » for jeudi."""
        return JOURS[self.jour.weekday()][0].upper()

    @property
    def complet(self) -> bool:
        """Whether all the places of that day were taken; False where places were not limited."""
        return self.places is not None and self.pris >= self.places


@dataclass(frozen=True)
class Remplissage:
    """The school days of a month for one créneau; `ecoles`, those that hold it where there are several."""

    creneau: Creneau
    jours: tuple[JourChiffre, ...]
    ecoles: str = ""

    @property
    def titre(self) -> str:
        """The title of the créneau, and its schools in brackets where the town has several: « Soir », « Soir (École du
        Hameau) ».
        """
        return f"{self.creneau.titre} ({self.ecoles})" if self.ecoles else self.creneau.titre

    @property
    def nom(self) -> str:
        """The whole name of the créneau, and its schools in brackets where the town has several."""
        return f"{self.creneau.nom} ({self.ecoles})" if self.ecoles else self.creneau.nom

    @property
    def moyenne(self) -> int:
        """How many places were taken on an average school day of the month, rounded; 0 when the month
        has no such day.
        """
        return round(sum(jour.pris for jour in self.jours) / len(self.jours)) if self.jours else 0

    @property
    def complets(self) -> int:
        """How many days of the month had no place left."""
        return sum(jour.complet for jour in self.jours)

    @property
    def is_limite(self) -> bool:
        """Whether the number of places was limited on at least one day of the month."""
        return any(jour.places is not None for jour in self.jours)


@dataclass(frozen=True)
class TotalCreneau:
    """A créneau over the year. Of the days gone by: how many a day, and how many of a hundred registered came; None
    where there is nothing to divide by, or no sheet."""

    creneau: Creneau
    inscrits: int
    par_jour: int | None
    pour_cent: int | None


@dataclass(frozen=True)
class Chiffres:
    """The figures of a year; `mois` is the first day of the month whose days and classes are shown; `familles`, how
    many households pay. `par_ecole`: the lines of the month are schools, and a créneau stands for those of its moment.
    """

    annee: AnneeScolaire
    mois: date
    creneaux: tuple[Creneau, ...]
    par_mois: tuple[LigneChiffres, ...]
    par_classe: tuple[LigneChiffres, ...]
    remplissages: tuple[Remplissage, ...]
    totaux: tuple[TotalCreneau, ...]
    familles: int
    par_ecole: bool = False

    @property
    def tete(self) -> str:
        """The head of the first column of the month's table: « École » when its lines are schools, else « Classe »."""
        return "École" if self.par_ecole else "Classe"

    @property
    def le_mois(self) -> str:
        """The name of the month's table for screen readers: « le mois par école » or « le mois par classe »."""
        return f"le mois par {self.tete.lower()}"

    @property
    def total_mois(self) -> LigneChiffres:
        """The line « Total » of the table of the year by month."""
        return somme(self.par_mois, len(self.creneaux))

    @property
    def total_classes(self) -> LigneChiffres:
        """The line « Total » of the table of the month by class, or by school."""
        return somme(self.par_classe, len(self.creneaux))

    @property
    def titres(self) -> list[str]:
        """The heads of the columns of a table by month or by class, the first column left out: « Soir, inscrits », «
        Soir, venus », … « Ensemble, venus ».
        """
        noms = [*(creneau.nom for creneau in self.creneaux), "Ensemble"]
        return [f"{nom}, {quoi}" for nom in noms for quoi in ("inscrits", "venus")]

    def tableau_mois(self) -> tuple[list[str], list[list[Any]]]:
        """The heads and the rows of a spreadsheet: the year, a row for each month, then the total."""
        return ["Mois", *self.titres], [[ligne.titre, *ligne.cellules] for ligne in (*self.par_mois, self.total_mois)]

    def tableau_classes(self) -> tuple[list[str], list[list[Any]]]:
        """The heads and the rows of a spreadsheet: the month, a row for each class (or school), then the total."""
        lignes = (*self.par_classe, self.total_classes)
        return [self.tete, *self.titres], [[ligne.titre, *ligne.cellules] for ligne in lignes]

    def tableau_jours(self) -> tuple[list[str], list[list[Any]]]:
        """The heads and the rows of a spreadsheet: the month, a row for each créneau and school day, with the number
        registered and the places. Places are None where they are not limited; the last column says « oui » where all
        are taken, else « non ».
        """
        titres = ["Jour", "Créneau", "Inscrits", "Places", "Complet"]
        return titres, [
            [jour.jour, r.nom, jour.pris, jour.places, "oui" if jour.complet else "non"]
            for r in self.remplissages
            for jour in r.jours
        ]


def somme(lignes: Iterable[LigneChiffres], colonnes: int) -> LigneChiffres:
    """A line « Total » that adds up these lines, column by column; `colonnes` is the number of créneaux that each line
    has.
    """
    sommes = [[0, 0] for _ in range(colonnes)]
    for ligne in lignes:
        for somme, nombre in zip(sommes, ligne.nombres, strict=True):
            somme[0] += nombre.inscrits
            somme[1] += nombre.venus
    return LigneChiffres("Total", tuple(Nombre(*somme) for somme in sommes))
