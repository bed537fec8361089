"""Which créneau of a child's school answers to one of another school of the commune: moment by moment. Pure."""

from __future__ import annotations

from datetime import date
from operator import itemgetter

from enfance.models import Creneau
from enfance.regles.cles import Cle
from enfance.regles.situation import Situation


def pendant(
    situation: Situation, enfant: int, jour: date, creneau: Creneau, quittee: int | None = None
) -> Creneau | None:
    """The créneau where the child (primary key) goes on that day in place of this one, once it has changed school: this
    one if its school of that day holds it or it is at no school, else the one of the same moment there. None when that
    school has none.

    Where a moment has several créneaux, they pair by their order of beginning in both schools; `quittee` is the school
    left (primary key), when it is known.
    """
    scolarite = situation.scolarite(enfant, jour)
    if scolarite is None or situation.is_tenu(enfant, jour, creneau):
        return creneau
    return pendant_type(situation, enfant, jour.weekday(), creneau, scolarite.ecole_id, quittee)


def pendant_type(
    situation: Situation, enfant: int, jour_semaine: int, creneau: Creneau, ecole: int, quittee: int | None = None
) -> Creneau | None:
    """The créneau that corresponds to this one on a weekday (Monday is 0) in the school `ecole` (primary key): this one
    if that school holds it, else the one of the same moment. None when that school has none.

    Where a moment has several créneaux, they pair by their order of beginning in both schools; `quittee` is the school
    left (primary key), when it is known.
    """
    if ecole in situation.tenues.get(creneau.pk, {ecole}):
        return creneau
    avant = _du_moment(situation, quittee or _quittee(situation, enfant, creneau), jour_semaine, creneau.moment)
    rang = sum((autre.debut, autre.pk) < (creneau.debut, creneau.pk) for autre in avant)
    return next(iter(_du_moment(situation, ecole, jour_semaine, creneau.moment)[rang:]), None)


def cle_suivie(situation: Situation, cle: Cle) -> Cle:
    """The box that takes the place of this one in the child's school of that day; the same box when the school holds
    it, or has nothing that corresponds.
    """
    creneau = situation.tous.get(cle.creneau)
    vers = creneau and pendant(situation, cle.enfant, cle.jour, creneau)
    return cle._replace(creneau=vers.code) if vers else cle


def _quittee(situation: Situation, enfant: int, creneau: Creneau) -> int:
    """The last school of the child (primary key) that holds the créneau; where none does, any that holds it."""
    ecoles = situation.tenues[creneau.pk]
    siennes = [
        scolarite.ecole_id
        for (pk, _), places in sorted(situation.scolarites.items(), key=itemgetter(0))
        for scolarite in places
        if pk == enfant and scolarite.ecole_id in ecoles
    ]
    return siennes[-1] if siennes else min(ecoles)


def _du_moment(situation: Situation, ecole: int, jour_semaine: int, moment: str) -> list[Creneau]:
    """Those of this moment that the school holds on that weekday, in the order of their beginnings."""
    siens = [
        creneau
        for creneau in situation.tous.values()
        if creneau.moment == moment
        and jour_semaine in creneau.jours
        and ecole in situation.tenues.get(creneau.pk, {ecole})
    ]
    return sorted(siens, key=lambda creneau: (creneau.debut, creneau.pk))
