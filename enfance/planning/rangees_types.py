"""The moments of a child's semaine type, and what they are in another school: a pattern is kept as the school of the
child has them, and follows it moment by moment when it changes school. Pure.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from enfance.models import Creneau
from enfance.regles import Cle, Situation, pendant_type
from enfance.semaine_modele import Box, Modele, modele_now


@dataclass(frozen=True)
class RangeeType:
    """A créneau of a child's week and the weekdays (Monday is 0) on which it may be ticked, in a school (primary
    key; 0 where the child has none to come).
    """

    creneau: Creneau
    jours: frozenset[int]
    ecole: int


def rangees_types(situation: Situation, enfant: int) -> list[RangeeType]:
    """The rows of this child's semaine type: the créneaux of its school, then those of the school where it goes next
    that correspond to nothing in the first one.
    """
    ici, *suivantes = situation.ecoles_of(enfant) or (0,)
    rangees = [
        RangeeType(creneau, creneau.jours, ici)
        for creneau in situation.creneaux_of(enfant)
        if not ici or ici in situation.tenues.get(creneau.pk, {ici})
    ]
    connus = {rangee.creneau.code for rangee in rangees}
    for ecole in suivantes:
        for creneau in situation.creneaux_of(enfant):
            if creneau.code in connus or ecole not in situation.tenues.get(creneau.pk, {ecole}):
                continue
            seuls = [jour for jour in creneau.jours if not pendant_type(situation, enfant, jour, creneau, ici, ecole)]
            if seuls:
                connus.add(creneau.code)
                rangees.append(RangeeType(creneau, frozenset(seuls), ecole))
    return rangees


def code_montre(situation: Situation, cle: Cle) -> str:
    """The code of the créneau whose row, in the child's semaine type, shows this box: its own, or the one that
    corresponds to it in the child's school.
    """
    connus = situation.once(
        ("rangees", cle.enfant), lambda: {rangee.creneau.code for rangee in rangees_types(situation, cle.enfant)}
    )
    ecoles = situation.ecoles_of(cle.enfant)
    if cle.creneau in connus or not ecoles:
        return cle.creneau
    creneau = situation.tous.get(cle.creneau)
    vers = creneau and pendant_type(situation, cle.enfant, cle.jour.weekday(), creneau, ecoles[0])
    return vers.code if vers else cle.creneau


def boxes_in(situation: Situation, enfant: int, boxes: Collection[Box], ecole: int) -> frozenset[Box]:
    """These weekly boxes of a child, moved to the créneaux of this school (primary key): a créneau that the school
    holds stays, another becomes the one of the same moment there, or is dropped when there is none.
    """
    suivis = (
        (jour, pendant_type(situation, enfant, jour, situation.tous[code], ecole))
        for jour, code in boxes
        if code in situation.tous
    )
    return frozenset((jour, creneau.code) for jour, creneau in suivis if creneau)


def boxes_at(situation: Situation, modele: Modele, jour: date) -> frozenset[Box]:
    """The weekly boxes of this pattern, in the créneaux of the school where its child is that day."""
    scolarite = situation.scolarite(modele.enfant, jour) if situation.tenues else None
    if scolarite is None:
        return modele.boxes
    ecole = scolarite.ecole_id
    return situation.once(("modele", modele, ecole), lambda: boxes_in(situation, modele.enfant, modele.boxes, ecole))


def boxes_suivies(situation: Situation) -> dict[int, frozenset[Box]]:
    """The weekly boxes that each child follows today, or will follow next, as the page of the semaine type shows them,
    by primary key; a child without a pattern is left out.
    """
    suivis = (modele_now(situation.modeles, enfant, situation.today) for enfant in situation.enfants)
    return {suivi.enfant: boxes_montrees(situation, suivi) for suivi in suivis if suivi}


def boxes_montrees(situation: Situation, modele: Modele) -> frozenset[Box]:
    """The weekly boxes of this pattern, in the créneaux of the rows that the child's semaine type shows now."""
    ici = (situation.ecoles_of(modele.enfant) or (0,))[0]
    if not ici or not situation.tenues:
        return modele.boxes
    siennes = boxes_in(situation, modele.enfant, modele.boxes, ici)
    seules = {
        (jour, rangee.creneau.code)
        for rangee in rangees_types(situation, modele.enfant)
        if rangee.ecole != ici
        for jour in rangee.jours
    }
    return siennes | (modele.boxes & seules)
