"""One part of the file of somebody's own data, who that somebody is, and the register of the parts.

The register is the list of the tables that name somebody: what is told is what an erasure will have to go through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Model, QuerySet

from accounts.models import User
from enfance.models import Enfant, Foyer, Responsable


@dataclass(frozen=True)
class Demandeur:
    """Who asks: an account, and the adult that it is for the garderie, if it is one."""

    user: User
    responsable: Responsable | None

    @property
    def foyer(self) -> Foyer | None:
        return self.responsable.foyer if self.responsable else None

    @cached_property
    def adultes(self) -> list[Responsable]:
        """Those of their foyer, themselves included."""
        return list(Responsable.objects.filter(foyer=self.foyer).select_related("user")) if self.foyer else []

    @property
    def enfants(self) -> QuerySet[Enfant]:
        """The children that they may see."""
        return Enfant.objects.for_responsable(self.responsable) if self.responsable else Enfant.objects.none()

    def is_from_here(self, user_pk: int | None) -> bool:
        """Whether this account is of their own foyer."""
        return user_pk in {adulte.user_id for adulte in self.adultes}


type Lecture = str | Callable[[Any, Demandeur], Any]


@dataclass(frozen=True)
class Partie:
    """One table of the file: which rows, which columns under which French names, and the columns left out."""

    nom: str
    model: type[Model]
    lignes: Callable[[Demandeur], Iterable[Any]]
    champs: Mapping[str, Lecture]
    sans: frozenset[str] = frozenset()
    champs_plusieurs: Mapping[str, Lecture] = field(default_factory=dict)  # told where the town has several schools
    champs_agents: Mapping[str, Lecture] = field(default_factory=dict)  # told of an agent alone

    @property
    def colonnes(self) -> set[str]:
        """The columns of the model that this part tells or leaves out knowingly."""
        lectures = [*self.champs.values(), *self.champs_plusieurs.values(), *self.champs_agents.values()]
        lus = {lecture.partition(".")[0] for lecture in lectures if isinstance(lecture, str)}
        return lus | self.sans


_parties: list[Partie] = []
_ailleurs: dict[str, str] = {}


def add_to_donnees(*parties: Partie, ailleurs: Mapping[str, str] | None = None) -> None:
    """Tell these tables in everybody's own data; or say of a model (« app.Model ») that leads to people where it is
    told instead, or why it is not. Every table that names somebody is in one or the other. For `AppConfig.ready`.
    """
    _parties.extend(parties)
    _ailleurs.update(ailleurs or {})


def parties() -> Sequence[Partie]:
    """The tables that are told, of all the apps."""
    return tuple(_parties)


def ailleurs() -> Mapping[str, str]:
    """The models (« app.Model ») that are not, and why."""
    return dict(_ailleurs)


def of_enfants(model: Any, *liens: str) -> Callable[[Demandeur], QuerySet[Any]]:
    """The rows of the children that the person may see."""
    return lambda personne: model.objects.filter(enfant__in=personne.enfants).select_related("enfant", *liens)
