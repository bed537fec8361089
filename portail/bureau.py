"""The town hall's home, of what each app adds (`portail.extensions`): an agent sees what their rights open.

What there is to deal with (`Rubrique`), what is done most (`Raccourci`), what shows the day (`Panneau`), the tables by
the words of who opens them (`Tables`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.db.models import Count, QuerySet, Window
from django.http import HttpRequest
from django.urls import reverse

from portail.francais import et
from portail.pieces import Piece

NOMMES = 3  # in the detail of a thing to deal with


class Urgence(Enum):
    """The three groups of « À traiter », the most pressing first; the value is what the page says."""

    PRESSE = "Au plus vite"
    SEMAINE = "Cette semaine"
    TOT = "Quand vous pouvez"


@dataclass(frozen=True)
class Compteur:
    """How many there are; a detail in small, with neither health nor e-mail address; a deadline in words. `urgence`,
    when what was counted says it better than its `Rubrique`.
    """

    nombre: int
    detail: str = ""
    echeance: str = ""
    urgence: Urgence | None = None


@dataclass(frozen=True)
class Rubrique(Piece):
    """Something to deal with: who may see it, its name for one and for many, the list that shows it, which it is called
    by, how many.
    """

    droit: str
    mots: str
    url: str
    urgence: Urgence
    compter: Callable[[datetime], Compteur]
    query: str = ""

    def is_called(self, nom: str) -> bool:
        """Whether `nom`, by which another line asks to stand before this one, is the name of the address of its
        list."""
        return self.url == nom


@dataclass(frozen=True)
class Raccourci(Piece):
    """What an agent does often: its words, the name of its address, which it is called by, the right that opens it.
    `tete`: a button.
    """

    nom: str
    url: str
    droit: str
    icone: str = "d"
    tete: bool = False

    def is_called(self, nom: str) -> bool:
        """Whether `nom`, by which another shortcut asks to stand before this one, is the name of the address of this
        one."""
        return self.url == nom

    @property
    def adresse(self) -> str:
        """The address that the shortcut leads to."""
        return reverse(self.url)


@dataclass(frozen=True)
class Panneau(Piece):
    """A part of the page, which is called by its name. `charger` reads it at an instant, and what it gives is `nom` in
    the templates: `tete` before all else, `cote` beside what there is to deal with, `bas` below; the first and the last
    over the whole width.
    """

    nom: str
    droit: str
    charger: Callable[[datetime], Any]
    tete: str = ""
    cote: str = ""
    bas: str = ""

    def is_called(self, nom: str) -> bool:
        """Whether `nom`, by which another panel asks to stand before this one, is the name of this panel."""
        return self.nom == nom


@dataclass(frozen=True)
class Tables(Piece):
    """A group of tables (`app.model`, in lower case), under a name. Groups of the same code are one, where the first of
    them stands; it is called by its code.
    """

    code: str
    nom: str
    labels: tuple[str, ...]

    def is_called(self, nom: str) -> bool:
        """Whether `nom`, by which another group of tables asks to stand before this one, is the code of this group."""
        return self.code == nom


@dataclass(frozen=True)
class Chose:
    """A line of « À traiter », as the page shows it."""

    nombre: int
    mots: str
    adresse: str
    detail: str
    echeance: str
    urgence: Urgence

    @property
    def texte(self) -> str:
        """The words of the line that follow its number, in the singular or the plural."""
        un, plusieurs = self.mots.split(",")
        return un if self.nombre == 1 else plusieurs


def choses_of(request: HttpRequest, rubriques: Iterable[Rubrique], *, now: datetime) -> list[Chose]:
    """The lines of « À traiter » that the agent of this request may see and that count something at `now`, the most
    urgent first."""
    choses = []
    for rubrique in rubriques:
        if request.user.has_perm(rubrique.droit) and (compte := rubrique.compter(now)).nombre:
            adresse = f"{reverse(rubrique.url)}{rubrique.query}"
            urgence = compte.urgence or rubrique.urgence
            choses.append(Chose(compte.nombre, rubrique.mots, adresse, compte.detail, compte.echeance, urgence))
    return sorted(choses, key=lambda chose: list(Urgence).index(chose.urgence))


def panneaux_of(
    request: HttpRequest, panneaux: Iterable[Panneau], *, now: datetime
) -> tuple[list[Panneau], dict[str, Any]]:
    """The panels of the town hall's home that the agent of this request may see, and what each panel shows at `now`, by
    its name: None for a panel that the agent may not see."""
    tous = list(panneaux)
    siens = [panneau for panneau in tous if request.user.has_perm(panneau.droit)]
    vides = {panneau.nom: None for panneau in tous}
    return siens, vides | {panneau.nom: panneau.charger(now) for panneau in siens}


def tables_by_group(groupes: Iterable[Tables]) -> dict[tuple[str, str], list[str]]:
    """The labels (`app.model`) of the tables of the admin's index, in order, by the code and the name of their
    group."""
    labels: dict[tuple[str, str], list[str]] = {}
    noms: dict[str, str] = {}
    for tables in groupes:
        labels.setdefault((tables.code, noms.setdefault(tables.code, tables.nom)), []).extend(tables.labels)
    return labels


def compter(lignes: QuerySet[Any], nom: Callable[[Any], str] | None = None) -> Compteur:
    """How many rows there are and, with `nom`, which names a row, the names of the first three: « Léa, Tom et Zoé »,
    « Léa, Tom, Zoé et 4 autres ». One query."""
    if nom is None:
        return Compteur(lignes.count())
    premiers = list(lignes.annotate(en_tout=Window(Count("pk")))[:NOMMES])
    nombre = premiers[0].en_tout if premiers else 0
    return Compteur(nombre, nommer([nom(ligne) for ligne in premiers], nombre))


def nommer(noms: Sequence[str], nombre: int) -> str:
    """The first three of these names and, `nombre` being the number of all, how many there are besides: « Léa, Tom, Zoé
    et 4 autres ». A name is said once; empty without any."""
    if not noms:
        return ""
    distincts = list(dict.fromkeys(noms))[:NOMMES]
    reste = nombre - NOMMES
    autres = [] if reste <= 0 else [f"{reste}\u00a0autre{'s' if reste > 1 else ''}"]
    return et([*distincts, *autres])
