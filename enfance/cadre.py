"""What hardly ever changes and every page asks: the calendar, the créneaux with their deadlines, who holds them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from enfance.calendrier import Calendrier
from enfance.models import Creneau, RegleDelai
from enfance.models.annee import LigneCalendrier, calendrier_of, lignes_annees
from enfance.regles import Limites
from portail.select import ModelTable, read, select


@dataclass(frozen=True)
class Creneaux:
    """Those of the commune, by code; the schools of each of those that some hold (primary keys)."""

    par_code: Mapping[str, Creneau]
    tenues: Mapping[int, frozenset[int]]


@dataclass(frozen=True)
class Cadre:
    """The calendar and the créneaux, as the database now has them. `limites` keeps the deadlines that were worked out,
    by day, code of the créneau and action, from one page to the next as long as the rows are the same: years, holidays,
    silences of the portal, créneaux.
    """

    calendrier: Calendrier
    creneaux: Creneaux
    limites: Limites


def load_cadre() -> Cadre:
    """The calendar, the créneaux and their deadlines, as the database has them now; two queries."""
    annees, creneaux = tuple(lignes_annees()), tuple(lignes_creneaux())
    return Cadre(calendrier_of(annees), _creneaux(creneaux), _limites(annees, creneaux))


TABLES = ModelTable(Creneau, "c"), ModelTable(RegleDelai, "i"), ModelTable(RegleDelai, "a"), ModelTable(RegleDelai, "d")


def lignes_creneaux() -> list[tuple[Any, ...]]:
    """The rows of all the créneaux, one for each school that holds it: the créneau, its deadline to register, its own
    to cancel and its late one (or nothing), and the school (primary key, None when it names none). One query.
    """
    creneau, inscription, annulation, tardif = TABLES
    sql = f"""
        SELECT {creneau.columns}, {inscription.columns}, {annulation.columns}, {tardif.columns}, t.ecole_id
        FROM enfance_creneau c
        JOIN enfance_regledelai i ON i.id = c.delai_inscription_id
        LEFT JOIN enfance_regledelai a ON a.id = c.delai_annulation_id
        LEFT JOIN enfance_regledelai d ON d.id = c.delai_tardif_id
        LEFT JOIN enfance_creneau_ecoles t ON t.creneau_id = c.id
        ORDER BY c.ordre, c.debut, c.id, t.ecole_id
    """  # noqa: S608 (names of the models alone)
    return select(lambda *ligne: ligne, sql)


def _creneaux(lignes: Sequence[tuple[Any, ...]]) -> Creneaux:
    par_code: dict[str, Creneau] = {}
    tenues: dict[int, set[int]] = defaultdict(set)
    for ligne in lignes:
        creneau, creneau.delai_inscription, creneau.delai_annulation, creneau.delai_tardif, tenue = read(ligne, *TABLES)
        par_code.setdefault(creneau.code, creneau)
        if tenue:
            tenues[creneau.pk].add(tenue)
    return Creneaux(
        MappingProxyType(par_code), MappingProxyType({pk: frozenset(ecoles) for pk, ecoles in tenues.items()})
    )


@lru_cache(maxsize=2)
def _limites(annees: Sequence[LigneCalendrier], creneaux: Sequence[tuple[Any, ...]]) -> Limites:
    """Those that these years, these silences and these créneaux give."""
    return Limites(calendrier_of(annees))
