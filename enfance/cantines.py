"""The canteen of each school: its name, its telephone and its address are the school's own, or else the town's."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import F

from enfance.models import Ecole, Scolarite


@dataclass(frozen=True)
class Cantine:
    """How families read of it, and where they call."""

    nom: str
    telephone: str


@dataclass(frozen=True)
class Adresse:
    """An address of the canteen, empty where there is none, and the schools of which it is told: none are said where
    the town has a single one. `commune`: it is the town's, or the only one.
    """

    courriel: str
    ecoles: tuple[Ecole, ...] = ()
    commune: bool = True

    @property
    def cle(self) -> int | None:
        """What a task names it by: its first school (primary key), nothing for the town's."""
        return None if self.commune else self.ecoles[0].pk

    @property
    def pks(self) -> frozenset[int]:
        """Its schools (primary keys)."""
        return frozenset(ecole.pk for ecole in self.ecoles)


def cantine_of(ecole: Ecole) -> Cantine:
    return Cantine(
        ecole.cantine_nom or settings.CANTINE_NOM,
        ecole.cantine_telephone or settings.CANTINE_TELEPHONE,
    )


def load_ecoles(enfants: Collection[int], today: date) -> list[Ecole]:
    """Where these children (primary keys) are at school, or will be next, each once, in the order of the schools; one
    query.
    """
    scolarites = Scolarite.objects.not_over(today).filter(enfant__in=enfants).select_related("ecole")
    prochaines: dict[int, Any] = {}
    for scolarite in scolarites.order_by("annee__debut", F("debut").asc(nulls_first=True)):
        prochaines.setdefault(scolarite.enfant_id, scolarite.ecole)
    return sorted(set(prochaines.values()), key=lambda ecole: (ecole.ordre, ecole.nom))


def load_adresses() -> list[Adresse]:
    """The addresses of the canteens, in the order of the schools; two schools of one address are told together."""
    ecoles = list(Ecole.objects.all())
    if len(ecoles) == 1:
        return [Adresse(ecoles[0].cantine_courriel or settings.CANTINE_COURRIEL)]
    groupes: dict[str, list[Ecole]] = {}
    dites: dict[str, str] = {}
    for ecole in ecoles:
        courriel = ecole.cantine_courriel or settings.CANTINE_COURRIEL
        groupes.setdefault(dites.setdefault(courriel.lower(), courriel), []).append(ecole)
    commune = settings.CANTINE_COURRIEL.lower()
    return [Adresse(dit, tuple(siennes), commune=dit.lower() == commune) for dit, siennes in groupes.items()]


def load_adresse(cle: int | None) -> Adresse | None:
    """The address with this `cle`, as a task carries it; None when the schools have changed and none has it now."""
    return next((adresse for adresse in load_adresses() if adresse.cle == cle), None)


def mots_cantine(ecoles: Iterable[Ecole]) -> dict[str, object]:
    """What a page or a mail about children of these schools says of their canteen in place of the town's words; nothing
    where they are the same.
    """
    cantines = list(dict.fromkeys(cantine_of(ecole) for ecole in ecoles))
    if not cantines or cantines == [Cantine(settings.CANTINE_NOM, settings.CANTINE_TELEPHONE)]:
        return {}
    if len(cantines) == 1:
        return {"cantine_nom": cantines[0].nom, "cantine_telephone": cantines[0].telephone}
    return {
        "cantine_nom": " ou ".join(cantine.nom for cantine in cantines),
        "cantine_telephone": "",
        "cantines": cantines,
    }
