"""What hardly ever changes and every page asks: the calendar, the créneaux with their deadlines, who holds them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db.models import F, QuerySet

from enfance.calendrier import Calendrier
from enfance.models import Creneau, load_calendrier
from enfance.regles import Limites
from portail.requetes import Memoire, Requete


@dataclass(frozen=True)
class Creneaux:
    """Those of the commune, by code; the schools of each of those that some hold (primary keys)."""

    par_code: Mapping[str, Creneau]
    tenues: Mapping[int, frozenset[int]]


@dataclass(frozen=True)
class Cadre:
    """The calendar, the créneaux and their deadlines, the same object as long as nobody changes them: nothing in it is
    to be changed.
    """

    calendrier: Calendrier
    creneaux: Creneaux
    limites: Limites


def load_cadre() -> Cadre:
    """As the database now has it: two queries."""
    calendrier, creneaux = load_calendrier(), CRENEAUX()
    kept = next(iter(_kept), None)
    if kept is None or kept.calendrier is not calendrier or kept.creneaux is not creneaux:
        kept = Cadre(calendrier, creneaux, Limites(calendrier))
        _kept[:] = [kept]
    return kept


def _lignes() -> QuerySet[Any, Any]:
    """A row for each school of each créneau."""
    return Creneau.objects.with_delais().annotate(tenue=F("ecoles")).order_by("ordre", "debut", "pk", "tenue")


def _make_creneaux(lignes: Iterable[Any]) -> Creneaux:
    par_code: dict[str, Creneau] = {}
    tenues: dict[int, set[int]] = defaultdict(set)
    for creneau in lignes:
        par_code.setdefault(creneau.code, creneau)
        if creneau.tenue:
            tenues[creneau.pk].add(creneau.tenue)
    return Creneaux(
        MappingProxyType(par_code), MappingProxyType({pk: frozenset(ecoles) for pk, ecoles in tenues.items()})
    )


CRENEAUX = Memoire(Requete(_lignes), _make_creneaux)
_kept: list[Cadre] = []  # the last one alone
