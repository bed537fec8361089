"""How long each kind of data is kept: written once, for what erases it, for who asks and for the page that promises it.

Each app says it of its own tables (`portail.extensions`). A table that leads to people or holds a date, and that no
kind names, makes a test fail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial
from itertools import batched
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from portail.francais import pluriel
from portail.pieces import Piece
from portail.rehearsal import taken_back

AN = 365
LOT = 500  # rows of one transaction


class Cadence(Enum):
    """When a kind is erased; the value is what the documents say."""

    NUIT = "chaque nuit"
    AN = "une fois par an"
    AILLEURS = "hors du portail"  # the portal promises it, the computer service does it


type Lot = Callable[[], Mapping[str, int]]


@dataclass(frozen=True)
class Duree(Piece):
    """A kind of data and how long it is kept; it is called by its code.

    `nom` and `combien` are a line of the privacy page: « Journal de sécurité », « 1 an ». `reglages`: the settings that
    say it. `modeles`: the tables (« app.Model ») whose rows go by it. `lots`: what there is to erase at an instant, one
    transaction each, which do not depend on one another; each does it and counts its rows, by model. `details`: what
    is said of it before, in sentences.
    """

    code: str
    nom: str
    combien: Callable[[], str]
    cadence: Cadence = Cadence.NUIT
    reglages: tuple[str, ...] = ()
    modeles: tuple[str, ...] = ()
    lots: Callable[[datetime], Iterable[Lot]] = lambda now: ()
    details: Callable[[datetime], list[str]] = lambda now: []

    def is_called(self, nom: str) -> bool:
        """Whether `nom`, by which another kind of data asks to stand before this one, is the code of this kind."""
        return self.code == nom


def jours(reglage: str) -> str:
    """The duration that the setting `reglage`, in days, holds, in French: « 30 jours », « 1 an »."""
    nombre = getattr(settings, reglage)
    return pluriel(nombre, "jour,jours") if nombre % AN else pluriel(nombre // AN, "an,ans")


def rows(lignes: QuerySet[Any], *sans: str) -> Iterator[Lot]:
    """The parts, of 500 rows each, in which to delete these rows and what hangs on them: each is a function that
    deletes those still in the queryset and counts them by model, but for the models `sans`."""
    pks = list(lignes.order_by().values_list("pk", flat=True))
    for lot in batched(pks, LOT):
        yield partial(counted, lignes.filter(pk__in=lot), *sans)


def counted(lignes: QuerySet[Any], *sans: str) -> Mapping[str, int]:
    """Delete these rows and what hangs on them; how many rows went of each model (« app.Model »), without the models
    `sans`, which are counted elsewhere."""
    return {modele: n for modele, n in lignes.order_by().delete()[1].items() if modele not in sans}


def erase(duree: Duree, *, now: datetime, simuler: bool = False, fait: Callable[[], object] = int) -> Counter[str]:
    """Erase the data of this kind that are past their time at `now`; how many rows, by model, without those of which
    none went. With `simuler`, each part is erased for real and rolled back.

    `fait` is called after each part. When it is interrupted, what is left is erased the next time.
    """
    comptes: Counter[str] = Counter()
    for lot in duree.lots(now):
        with taken_back() if simuler else transaction.atomic():  # a part is short: it needs no copy
            comptes.update(lot())
        fait()
    return +comptes  # without the zeros


def phrases(comptes: Mapping[str, int]) -> list[str]:
    """These counts of rows by model (« app.Model ») in French, the largest first: « 12 inscriptions », « 1 enfant ».
    Zeros and tables that only link two others are left out."""
    lignes = []
    for modele, n in sorted(comptes.items(), key=lambda compte: (-compte[1], compte[0])):
        meta = apps.get_model(modele)._meta
        if n and not meta.auto_created:
            lignes.append(pluriel(n, f"{meta.verbose_name},{meta.verbose_name_plural}"))
    return lignes
