"""Which school a page of the gate shows, and which hold each créneau, where the town has several. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, Q

from accounts.models import User
from enfance.ecoles import PLUSIEURS, creneaux_in, ecoles_of
from enfance.models import Creneau, Ecole
from portail.francais import et

TOUTES = "toutes les écoles"


@dataclass(frozen=True)
class Lieux:
    """The school that is shown, and those that an agent of several chooses from; the schools that hold each créneau (by
    primary key), and which créneaux are everybody's; the weekdays on which the school that is shown has any. All empty
    while the town has one school.
    """

    ecoles: Sequence[Ecole] = ()
    ecole: Ecole | None = None
    tenues: Mapping[int, Sequence[Ecole]] = field(default_factory=dict)
    communs: frozenset[int] = frozenset()
    jours: frozenset[int] = frozenset()

    def shows(self, creneau: Creneau) -> bool:
        """Whether this créneau is of the school that is shown."""
        return self.ecole is None or self.ecole in self.tenues[creneau.pk]

    def ecoles_of(self, creneau: Creneau) -> Sequence[Ecole]:
        """The schools that hold this créneau; empty while the town has one school."""
        return self.tenues.get(creneau.pk, ())

    def nom_of(self, creneau: Creneau) -> str:
        """The schools that hold this créneau, in words: « École du Bourg et École du Hameau », « toutes les écoles »;
        empty while the town has one school.
        """
        if creneau.pk in self.communs:
            return TOUTES
        ecoles = self.ecoles_of(creneau)
        return et([str(ecole) for ecole in ecoles]) if ecoles else ""


def load_lieux(
    creneaux: Sequence[Any], agent: User | None, *, code: str = "", ecole: str = "", jour: date | None = None
) -> Lieux:
    """Which school to show, among those of this agent (of the whole town without one), and which schools hold each of
    these créneaux. Each créneau must be annotated with `plusieurs`, whether the town has several schools.

    The school of the code `ecole` is shown, else the first that holds one of the créneaux, if possible on `jour`; when
    `code` is one of theirs, a school that holds that créneau. No query while the town has one school, else three.
    """
    if not any(creneau.plusieurs for creneau in creneaux):
        return Lieux()
    toutes = list(Ecole.objects.all())
    siennes = list(ecoles_of(agent)) if agent else toutes
    dites: dict[int, set[int]] = {}
    lignes = Creneau.ecoles.through._default_manager.filter(creneau__in=[creneau.pk for creneau in creneaux])
    for creneau_id, ecole_id in lignes.values_list("creneau", "ecole"):
        dites.setdefault(creneau_id, set()).add(ecole_id)
    tenues = {
        creneau.pk: [ecole for ecole in toutes if creneau.pk not in dites or ecole.pk in dites[creneau.pk]]
        for creneau in creneaux
    }
    communs = frozenset(tenues.keys() - dites.keys())
    du_jour = [creneau for creneau in creneaux if jour is None or jour.weekday() in creneau.jours]
    voulus = [creneau for creneau in du_jour if creneau.code == code]
    possibles = [sienne for sienne in siennes if all(sienne in tenues[creneau.pk] for creneau in voulus)]
    montree = next((possible for possible in possibles if possible.code == ecole), None)
    montree = montree or next(
        sienne
        for tenus in (du_jour, creneaux)
        for sienne in possibles
        if any(sienne in tenues[creneau.pk] for creneau in tenus)
    )
    jours = frozenset(jour for creneau in creneaux if montree in tenues[creneau.pk] for jour in creneau.jours)
    return Lieux(siennes if len(siennes) > 1 else (), montree, tenues, communs, jours)


def jours_de_garderie(agent: User, ecole: str = "") -> frozenset[int]:
    """The weekdays (Monday is 0) on which this agent's schools have garderie, or that of the code `ecole` if it is one
    of these; empty while the town has one school. One query.
    """
    siennes = ecoles_of(agent)
    une = siennes.filter(code=ecole)
    vues = siennes.filter(Q(code=ecole) | ~Exists(une)) if ecole else siennes
    creneaux = creneaux_in(vues).filter(PLUSIEURS)
    return frozenset(jour for creneau in creneaux for jour in creneau.jours)
