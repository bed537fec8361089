"""Rows as the rules see them: an inscription, a closure, a list of meals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from enfance.models import Inscription, Scolarite


class InscriptionLue(NamedTuple):
    """An inscription as the rules see it: its row, whose box is its key in the situation."""

    pk: int
    etat: str
    origine: str
    foyer_id: int | None
    attente_depuis: datetime | None

    @classmethod
    def of(cls, ligne: Inscription) -> InscriptionLue:
        """The values that the rules need of this row."""
        return cls(ligne.pk, ligne.etat, ligne.origine, ligne.foyer_id, ligne.attente_depuis)


@dataclass(frozen=True)
class FermetureVue:
    """A closure as the rules see it; empty `ecoles`, `creneaux` or `classes` means all of them (primary keys)."""

    debut: date
    fin: date
    motif: str
    creneaux: frozenset[int] = frozenset()
    classes: frozenset[int] = frozenset()
    ecoles: frozenset[int] = frozenset()
    pk: int = field(default=0, compare=False)

    def covers(self, jour: date, creneau: int, scolarite: Scolarite | None) -> bool:
        """Whether this closure closes this créneau (primary key) on that day to a pupil of this scolarité (None: of no
        class or school).
        """
        ecole, classe = (scolarite.ecole_id, scolarite.classe_id) if scolarite else (None, None)
        return (
            self.debut <= jour <= self.fin
            and (not self.creneaux or creneau in self.creneaux)
            and (not self.classes or classe in self.classes)
            and (not self.ecoles or ecole in self.ecoles)
        )


@dataclass(frozen=True)
class ListeVue:
    """A list of meals as the rules see it: the days that it covers, the schools (primary keys; none: all of them)."""

    debut: date
    fin: date
    ecoles: frozenset[int] = frozenset()

    def covers(self, jour: date, scolarite: Scolarite | None) -> bool:
        """Whether this list of meals says who eats on that day, for a pupil of this scolarité (None: of no school)."""
        ecole = scolarite.ecole_id if scolarite else None
        return self.debut <= jour <= self.fin and (not self.ecoles or ecole in self.ecoles)
