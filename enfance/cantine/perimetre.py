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
        """The primary keys of the schools shown; empty where the town has a single school."""
        return frozenset(ecole.pk for ecole in self.ecoles)

    @property
    def nommee(self) -> bool:
        """Whether the school must be said beside a class, as several schools are shown."""
        return len(self.ecoles) > 1

    def nom(self, scolarite: Scolarite | None) -> str:
        """The name of the school of this scolarité; empty where the town has a single school, and for one that is not
        shown.
        """
        return next((e.nom for e in self.ecoles if scolarite and e.pk == scolarite.ecole_id), "")

    def of[T: QuerySet[Any]](self, lignes: T) -> T:
        """These rows (which have an `enfant` and a `jour`), reduced to the children of the schools shown."""
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
        """The query that keeps the chosen school in an address, « ?ecole=bourg »; empty when none is chosen."""
        return f"?ecole={self.ecole.code}" if self.ecole else ""

    @property
    def proposees(self) -> tuple[Ecole, ...]:
        """The schools among which the agent may choose; empty when there are not several."""
        return self.siennes if len(self.siennes) > 1 else ()

    def only(self, code: str) -> Choix | None:
        """The same agent's choice, with the school of this code alone shown; None when the agent may not see that
        school.
        """
        ecole = next((ecole for ecole in self.siennes if ecole.code == code), None)
        return Choix(self.siennes, ecole) if ecole else None

    def covers(self, ecoles: Collection[int]) -> bool:
        """Whether the agent may see all that is about these schools (primary keys; empty stands for all of
        the town's).
        """
        return not self.siennes or (bool(ecoles) and {ecole.pk for ecole in self.siennes}.issuperset(ecoles))


def load_choix(agent: User) -> Choix | None:
    """The schools whose meals this agent may see; None where the town has several schools and the agent is assigned to
    none.
    """
    autres = Exists(Ecole.objects.exclude(pk=OuterRef("pk")))
    siennes: tuple[Any, ...] = tuple(ecoles_of(agent).annotate(parmi_d_autres=autres))
    if not siennes:
        return None
    return Choix(siennes if siennes[0].parmi_d_autres else ())
