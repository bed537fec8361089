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
        return self.model._base_manager.filter(**{self.champ: self.double})

    @property
    def connues(self) -> QuerySet[Any]:
        """Those that lead to `reste` already."""
        return self.model._base_manager.filter(**{self.champ: self.reste})

    def suit(self) -> int:
        """All of them follow; how many."""
        return self.lignes.update(**{self.champ: self.reste})

    def suit_sans_repeter(self, *cles: str) -> int:
        """Those follow that `reste` has no like of by these columns, the others go; how many follow."""
        for connue in self.connues.values_list(*cles):
            self.lignes.filter(**dict(zip(cles, connue, strict=True))).delete()
        return self.suit()

    def part(self) -> int:
        """They go with the double, once all that they held has been brought along."""
        return 0


Transfert = Callable[[Lien], int]  # moves its rows, and returns how many
Verrou = Callable[[], None]


def take(verrous: Iterable[Verrou]) -> None:
    """Take these locks; first of all inside the transaction that makes two rows one."""
    for verrou in verrous:
        verrou()


def bring(reste: Model, double: Model, fusions: Mapping[str, Mapping[str, Transfert]]) -> list[tuple[str, int]]:
    """Bring along what leads to `double`, by these rules of each model, table by table; how many rows of each, under
    its French name. Call it inside a transaction, after `take`, with both rows locked.
    """
    comptes: dict[str, int] = {}
    for nom, transfert in fusions.get(reste._meta.label, {}).items():
        modele, champ = nom.rsplit(".", 1)
        model = apps.get_model(modele)
        libelle = str(model._meta.verbose_name_plural)
        comptes[libelle] = comptes.get(libelle, 0) + transfert(Lien(model, champ, reste, double))
    return [(libelle, n) for libelle, n in comptes.items() if n]
