"""Two rows made one: what becomes of the rows of each table that lead to them.

Each app says it of its own columns (`portail.extensions`); whoever makes the two rows one does not name the apps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet


@dataclass(frozen=True)
class Lien:
    """The rows of `model` that lead to `double` by `champ`, and are of `reste` from now on."""

    model: type[Model]
    champ: str
    reste: Model
    double: Model

    @property
    def lignes(self) -> QuerySet[Any]:
        """The rows of the model that lead to the row which goes away (`double`)."""
        return self.model._base_manager.filter(**{self.champ: self.double})

    @property
    def connues(self) -> QuerySet[Any]:
        """The rows of the model that lead already to the row which is kept (`reste`)."""
        return self.model._base_manager.filter(**{self.champ: self.reste})

    def suit(self) -> int:
        """Make all the rows that lead to `double` lead to `reste`; how many."""
        return self.lignes.update(**{self.champ: self.reste})

    def suit_sans_repeter(self, *cles: str) -> int:
        """Make the rows that lead to `double` lead to `reste`, but delete those that have the same values of the
        columns `cles` as a row of `reste`; how many were moved."""
        for connue in self.connues.values_list(*cles):
            self.lignes.filter(**dict(zip(cles, connue, strict=True))).delete()
        return self.suit()

    def part(self) -> int:
        """Leave the rows that lead to `double`: they go with it, once all that they held has been moved. Always 0."""
        return 0


Transfert = Callable[[Lien], int]  # moves its rows, and returns how many
Verrou = Callable[[], None]


def take(verrous: Iterable[Verrou]) -> None:
    """Take these locks, first of all inside the transaction that merges two rows."""
    for verrou in verrous:
        verrou()


def bring(reste: Model, double: Model, fusions: Mapping[str, Mapping[str, Transfert]]) -> list[tuple[str, int]]:
    """Move to `reste` the rows that lead to `double`, each column by the rule that `fusions` gives for their model; how
    many rows were moved, by the French name of their table, without those of which there are none. Call it inside a
    transaction, after `take`, with both rows locked."""
    comptes: dict[str, int] = {}
    for nom, transfert in fusions.get(reste._meta.label, {}).items():
        modele, champ = nom.rsplit(".", 1)
        model = apps.get_model(modele)
        libelle = str(model._meta.verbose_name_plural)
        comptes[libelle] = comptes.get(libelle, 0) + transfert(Lien(model, champ, reste, double))
    return [(libelle, n) for libelle, n in comptes.items() if n]
