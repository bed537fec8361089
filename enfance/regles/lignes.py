"""Rows as the rules see them: an inscription, a closure, a list of meals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from enfance.models import Inscription, Scolarite
from enfance.natures import MOTS, MotsNature, NatureFermeture


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
    """A closure as the rules see it; empty `ecoles`, `creneaux`, or `classes` and `niveaux` together, means all of them
    (primary keys; codes of the levels). `restent`: the children whom it leaves out.
    """

    debut: date
    fin: date
    motif: str
    creneaux: frozenset[int] = frozenset()
    classes: frozenset[int] = frozenset()
    ecoles: frozenset[int] = frozenset()
    niveaux: frozenset[str] = frozenset()
    restent: frozenset[int] = frozenset()
    nature: NatureFermeture = NatureFermeture.FERMETURE
    pk: int = field(default=0, compare=False)

    @property
    def mots(self) -> MotsNature:
        """The words of its nature."""
        return MOTS[self.nature]

    @property
    def is_fermeture(self) -> bool:
        """Whether the garderie itself is closed: neither a trip nor a teacher away."""
        return self.nature is NatureFermeture.FERMETURE

    def covers(self, jour: date, creneau: int, scolarite: Scolarite | None) -> bool:
        """Whether this closure closes this créneau (primary key) on that day to a pupil of this scolarité (None: of no
        class or school).
        """
        ecole, classe, niveau, enfant = (
            (scolarite.ecole_id, scolarite.classe_id, scolarite.niveau, scolarite.enfant_id)
            if scolarite
            else (None, None, None, None)
        )
        return (
            self.debut <= jour <= self.fin
            and (not self.creneaux or creneau in self.creneaux)
            and (not (self.classes or self.niveaux) or classe in self.classes or niveau in self.niveaux)
            and (not self.ecoles or ecole in self.ecoles)
            and enfant not in self.restent
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
