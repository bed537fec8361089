"""Whose children a page, a file or a mail of the canteen shows: those of some schools, or of the only one there is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from enfance.ecoles import ecoles_of
from enfance.models import Ecole, Scolarite, of_ecoles


@dataclass(frozen=True)
class Perimetre:
    """`ecoles`: in their order; none where the town has a single school, of which no word is said."""

    ecoles: tuple[Ecole, ...] = ()

    @property
    def pks(self) -> frozenset[int]:
        return frozenset(ecole.pk for ecole in self.ecoles)

    @property
    def nommee(self) -> bool:
        """Whether a class is said with its school: several are shown."""
        return len(self.ecoles) > 1

    def nom(self, scolarite: Scolarite | None) -> str:
        """The name of the school of this place; empty in the town of one."""
        return next((e.nom for e in self.ecoles if scolarite and e.pk == scolarite.ecole_id), "")

    def of[T: QuerySet[Any]](self, lignes: T) -> T:
        """Those of these rows, which have an `enfant` and a `jour`, that are of its children."""
        return of_ecoles(lignes, self.pks) if self.ecoles else lignes


COMMUNE = Perimetre()


@dataclass(frozen=True)
class Choix:
    """What an agent may see (`siennes`, none where the town has a single school), and the part of it that is shown."""

    siennes: tuple[Ecole, ...] = ()
    ecole: Ecole | None = None
    perimetre: Perimetre = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "perimetre", Perimetre((self.ecole,) if self.ecole else self.siennes))

    @property
    def suite(self) -> str:
        """What an address ends with to show the same."""
        return f"?ecole={self.ecole.code}" if self.ecole else ""

    @property
    def proposees(self) -> tuple[Ecole, ...]:
        """The schools to choose between, when there is a choice."""
        return self.siennes if len(self.siennes) > 1 else ()

    def only(self, code: str) -> Choix | None:
        """The same, of which the school of this code alone is shown; None when it is not one to see."""
        ecole = next((ecole for ecole in self.siennes if ecole.code == code), None)
        return Choix(self.siennes, ecole) if ecole else None

    def covers(self, ecoles: Collection[int]) -> bool:
        """Whether all that is said of these schools (primary keys; none: all of the town's) is the agent's to see."""
        return not self.siennes or (bool(ecoles) and {ecole.pk for ecole in self.siennes}.issuperset(ecoles))


def load_choix(agent: User) -> Choix | None:
    """What this agent sees; None where the town has several schools and says of none that the agent works there."""
    autres = Exists(Ecole.objects.exclude(pk=OuterRef("pk")))
    siennes: tuple[Any, ...] = tuple(ecoles_of(agent).annotate(parmi_d_autres=autres))
    if not siennes:
        return None
    return Choix(siennes if siennes[0].parmi_d_autres else ())
