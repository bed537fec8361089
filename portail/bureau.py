"""The town hall's home: each app adds its pieces when it starts, an agent sees those that their rights open.

What there is to deal with (`Rubrique`), what is done most (`Raccourci`), what shows the day (`Panneau`), the tables by
the words of who opens them (`Tables`). All are added for the whole life of the process, in `AppConfig.ready`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.db.models import Count, QuerySet, Window
from django.http import HttpRequest
from django.urls import reverse

from portail.francais import et

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
class Rubrique:
    """Something to deal with: who may see it, its name for one and for many, the list that shows it, how many."""

    droit: str
    mots: str
    url: str
    urgence: Urgence
    ordre: int
    compter: Callable[[datetime], Compteur]
    query: str = ""


@dataclass(frozen=True)
class Raccourci:
    """What an agent does often: its words, the name of its address, the right that opens it. `tete`: a button."""

    nom: str
    url: str
    droit: str
    ordre: int
    icone: str = "d"
    tete: bool = False

    @property
    def adresse(self) -> str:
        return reverse(self.url)


@dataclass(frozen=True)
class Panneau:
    """A part of the page. `charger` reads it at an instant, and what it gives is `nom` in the templates: `tete` before
    all else, `cote` beside what there is to deal with, `bas` below; the first and the last over the whole width.
    """

    nom: str
    droit: str
    ordre: int
    charger: Callable[[datetime], Any]
    tete: str = ""
    cote: str = ""
    bas: str = ""


@dataclass(frozen=True)
class Tables:
    """A group of tables (`app.model`, in lower case), under a name. Groups of the same code are one."""

    code: str
    nom: str
    ordre: int
    labels: tuple[str, ...]


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
        """The words that follow the number."""
        un, plusieurs = self.mots.split(",")
        return un if self.nombre == 1 else plusieurs


_pieces: list[Rubrique | Raccourci | Panneau | Tables] = []


def add_to_bureau(*pieces: Rubrique | Raccourci | Panneau | Tables) -> None:
    """Add pieces for the whole life of the process. For `AppConfig.ready`."""
    _pieces.extend(pieces)


_pages: list[str] = []


def add_pages(urlconf: str) -> None:
    """Let these addresses stand under /admin/, named in `admin:`, before Django's own. For `AppConfig.ready`."""
    _pages.append(urlconf)


def pages() -> list[str]:
    """The modules of addresses of all the apps."""
    return list(_pages)


def _of[P: (Rubrique, Raccourci, Panneau, Tables)](kind: type[P]) -> list[P]:
    return sorted((piece for piece in _pieces if isinstance(piece, kind)), key=lambda piece: piece.ordre)


def rubriques_of(request: HttpRequest) -> list[Rubrique]:
    """What this agent may be asked to deal with."""
    return [rubrique for rubrique in _of(Rubrique) if request.user.has_perm(rubrique.droit)]


def choses_of(request: HttpRequest, *, now: datetime) -> list[Chose]:
    """What there is to deal with, by urgency, among what this agent may see."""
    choses = []
    for rubrique in rubriques_of(request):
        if (compte := rubrique.compter(now)).nombre:
            adresse = f"{reverse(rubrique.url)}{rubrique.query}"
            urgence = compte.urgence or rubrique.urgence
            choses.append(Chose(compte.nombre, rubrique.mots, adresse, compte.detail, compte.echeance, urgence))
    return sorted(choses, key=lambda chose: list(Urgence).index(chose.urgence))


def raccourcis_of(request: HttpRequest) -> list[Raccourci]:
    """The shortcuts that this agent may take."""
    return [raccourci for raccourci in _of(Raccourci) if request.user.has_perm(raccourci.droit)]


def panneaux_of(request: HttpRequest, *, now: datetime) -> tuple[list[Panneau], dict[str, Any]]:
    """The parts of the page for this agent, and what each shows by its name: None for a part that is not theirs."""
    siens = [panneau for panneau in _of(Panneau) if request.user.has_perm(panneau.droit)]
    vides = {panneau.nom: None for panneau in _of(Panneau)}
    return siens, vides | {panneau.nom: panneau.charger(now) for panneau in siens}


def tables_by_group() -> dict[tuple[str, str], list[str]]:
    """The labels of the tables, by code and name of their group, in order."""
    groupes: dict[tuple[str, str], list[str]] = {}
    noms: dict[str, str] = {}
    for tables in _of(Tables):
        groupes.setdefault((tables.code, noms.setdefault(tables.code, tables.nom)), []).extend(tables.labels)
    return groupes


def compter(lignes: QuerySet[Any], nom: Callable[[Any], str] | None = None) -> Compteur:
    """How many rows there are, and the names of the first three: « Léa, Tom et Zoé », « Léa, Tom, Zoé et 4 autres ».
    One query.
    """
    if nom is None:
        return Compteur(lignes.count())
    premiers = list(lignes.annotate(en_tout=Window(Count("pk")))[:NOMMES])
    nombre = premiers[0].en_tout if premiers else 0
    return Compteur(nombre, nommer([nom(ligne) for ligne in premiers], nombre))


def nommer(noms: Sequence[str], nombre: int) -> str:
    """The first three of these names, and how many there are besides them; empty without any."""
    if not noms:
        return ""
    distincts = list(dict.fromkeys(noms))[:NOMMES]
    reste = nombre - NOMMES
    autres = [] if reste <= 0 else [f"{reste}\u00a0autre{'s' if reste > 1 else ''}"]
    return et([*distincts, *autres])
