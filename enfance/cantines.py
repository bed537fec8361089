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
        """The key that names this address in the arguments of a task: the primary key of its first school; None for the
        town's address.
        """
        return None if self.commune else self.ecoles[0].pk

    @property
    def pks(self) -> frozenset[int]:
        """The schools (primary keys) that this address is told of; empty where the town has a single one."""
        return frozenset(ecole.pk for ecole in self.ecoles)


def cantine_of(ecole: Ecole) -> Cantine:
    """The canteen of this school: its name and telephone, or the town's where the school has none of its own."""
    return Cantine(
        ecole.cantine_nom or settings.CANTINE_NOM,
        ecole.cantine_telephone or settings.CANTINE_TELEPHONE,
    )


def load_ecoles(enfants: Collection[int], today: date) -> list[Ecole]:
    """The schools where these children (primary keys) are, or will be next, each once, in the order of the schools; one
    query.
    """
    scolarites = Scolarite.objects.not_over(today).filter(enfant__in=enfants).select_related("ecole")
    prochaines: dict[int, Any] = {}
    for scolarite in scolarites.order_by("annee__debut", F("debut").asc(nulls_first=True)):
        prochaines.setdefault(scolarite.enfant_id, scolarite.ecole)
    return sorted(set(prochaines.values()), key=lambda ecole: (ecole.ordre, ecole.nom))


def load_adresses() -> list[Adresse]:
    """The e-mail addresses of the canteens, in the order of the schools; schools that share an address are together. An
    address may be empty.
    """
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
    """The canteen address whose `cle` this is, as a task carries it; None when the schools have changed and no address
    has it now.
    """
    return next((adresse for adresse in load_adresses() if adresse.cle == cle), None)


def mots_cantine(ecoles: Iterable[Ecole]) -> dict[str, object]:
    """The words that replace the town's for the canteen, in a page or mail about children of these schools: its name
    and telephone, or each canteen's when they differ. Empty when they are the town's.
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
