"""Two rows made one: what becomes of the rows of each table that lead to them.

Each app says it of its own columns, in `AppConfig.ready`; whoever makes the two rows one does not name the apps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


Transfert = Callable[[Lien], int]
Verrou = Callable[[], None]
_transferts: dict[str, dict[str, Transfert]] = {}
_verrous: list[Verrou] = []


def add_verrou(verrou: Verrou) -> None:
    """Say what an app locks before two rows are made one, ahead of every other lock: whoever holds it and waits for one
    of the rows would else wait for ever. For `AppConfig.ready`.
    """
    _verrous.append(verrou)


def take_verrous() -> None:
    """Take the locks of all the apps; first of all inside the transaction that makes two rows one."""
    for verrou in _verrous:
        verrou()


def add_transferts(cible: str, transferts: Mapping[str, Transfert]) -> None:
    """Say what becomes of these columns (« enfance.Garde.foyer ») when two rows of `cible` (« enfance.Foyer ») are made
    one: each rule moves its rows and returns how many. For `AppConfig.ready`.
    """
    _transferts.setdefault(cible, {}).update(transferts)


def transferts_to(cible: str) -> Mapping[str, Transfert]:
    """The rules of all the apps for this model, by column."""
    return _transferts.get(cible, {})


def bring(reste: Model, double: Model) -> list[tuple[str, int]]:
    """Bring along what leads to `double`, table by table; how many rows of each, under its French name. Call it inside
    a transaction, after `take_verrous`, with both rows locked.
    """
    comptes: dict[str, int] = {}
    for nom, transfert in transferts_to(reste._meta.label).items():
        modele, champ = nom.rsplit(".", 1)
        model = apps.get_model(modele)
        libelle = str(model._meta.verbose_name_plural)
        comptes[libelle] = comptes.get(libelle, 0) + transfert(Lien(model, champ, reste, double))
    return [(libelle, n) for libelle, n in comptes.items() if n]
