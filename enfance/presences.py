"""Where what happened and what was booked disagree, once a sheet is closed: registered and absent, there and not
registered. For the secretary and for the parents. Reads, never writes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q

from enfance.models import Absence, Appel, Creneau, Enfant, Inscription, Pointage
from portail.dates import NBSP, jour_long

RECENTS = timedelta(days=14)
DU_JOUR = {"jour": OuterRef("jour"), "creneau": OuterRef("creneau")}
DE_L_ENFANT = {"enfant": OuterRef("enfant"), **DU_JOUR}


class Genre(StrEnum):
    ABSENT = "absent"
    SIGNALE = "signale"
    NON_INSCRIT = "non_inscrit"


@dataclass(frozen=True)
class Constat:
    """One child, once: what the closed sheet says against the booking."""

    enfant: Enfant
    jour: date
    creneau: Creneau
    genre: Genre

    @property
    def phrase(self) -> str:
        """« inscrite, absente », « présent sans inscription »."""
        e = "e" if self.enfant.sexe == Enfant.Sexe.FILLE else ""
        return {
            Genre.ABSENT: f"inscrit{e}, absent{e}",
            Genre.SIGNALE: f"inscrit{e}, absence signalée",
            Genre.NON_INSCRIT: f"présent{e} sans inscription",
        }[self.genre]

    @property
    def ligne(self) -> str:
        """« Léa, soir, jeudi 10 décembre : inscrite, absente »."""
        return f"{self.enfant.prenom}, {self.creneau.nom_court}, {jour_long(self.jour)}{NBSP}: {self.phrase}"


def load_constats(debut: date, fin: date, enfants: Collection[int] | None = None) -> list[Constat]:
    """Those of the closed sheets from `debut` to `fin`, both included, the latest day first; of these children, or of
    all. Two queries.
    """
    inscriptions = Inscription.objects.inscrit().filter(Exists(Appel.objects.clos().filter(**DU_JOUR)))
    inscriptions = inscriptions.filter(~Exists(Pointage.objects.filter(**DE_L_ENFANT, present=True)))
    signalee = Exists(Absence.objects.filter(enfant=OuterRef("enfant"), jour=OuterRef("jour")))
    pointages = Pointage.objects.filter(Exists(Appel.objects.clos().filter(**DU_JOUR)), present=True)
    pointages = pointages.filter(~Exists(Inscription.objects.inscrit().filter(**DE_L_ENFANT)))
    which = Q(jour__range=(debut, fin)) if enfants is None else Q(jour__range=(debut, fin), enfant__in=enfants)
    constats = [
        Constat(i.enfant, i.jour, i.creneau, Genre.SIGNALE if i.signalee else Genre.ABSENT)
        for i in inscriptions.filter(which).annotate(signalee=signalee).select_related("enfant", "creneau")
    ]
    constats += [
        Constat(p.enfant, p.jour, p.creneau, Genre.NON_INSCRIT)
        for p in pointages.filter(which).select_related("enfant", "creneau")
    ]
    return sorted(constats, key=_order)


def _order(constat: Constat) -> tuple[int, int, str, int]:
    enfant = constat.enfant
    return -constat.jour.toordinal(), constat.creneau.ordre, f"{enfant.nom} {enfant.prenom}", enfant.pk


def load_feuilles_ouvertes(today: date) -> list[tuple[date, Creneau]]:
    """The sheets of the last fortnight that somebody began and nobody closed: their differences are not known yet."""
    feuilles = Pointage.objects.filter(jour__gte=today - RECENTS, jour__lt=today, present=True)
    feuilles = feuilles.filter(~Exists(Appel.objects.clos().filter(**DU_JOUR))).order_by()
    creneaux = Creneau.objects.in_bulk()
    couples = [(jour, creneaux[pk]) for jour, pk in feuilles.values_list("jour", "creneau").distinct()]
    return sorted(couples, key=lambda couple: (couple[0], couple[1].ordre))
