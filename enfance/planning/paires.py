"""Which box of a child answers to which of another's, where the family has several schools: moment by moment. Pure.

« Tom comme Léa », a week copied on the next ones, « Remplir plus vite » go by it. A créneau that all the schools of the
family hold answers to itself; the others by moment, several of a moment by their beginning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from enfance.models import Creneau
from enfance.planning.rangees_types import RangeeType, rangees_types
from enfance.regles import Situation
from enfance.semaine_modele import Box


def moments(situation: Situation, boxes: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The choices of moment of « Remplir plus vite »: pairs of the value sent and its title, « Soir », or « Soir ou
    étude » for créneaux of two schools that correspond.

    `boxes`: pairs of the code of a créneau and what it shares with those that correspond to it in another school
    (`pareil`).
    """
    cles: dict[str, set[str]] = {}
    for code, cle in boxes:
        cles.setdefault(code, set()).add(cle)
    titres: dict[str, list[str]] = {}
    for code, creneau in situation.creneaux.items():
        siennes = cles.get(code, set()) if code in situation.propres else {code}
        for cle in sorted(siennes):
            titres.setdefault(cle, []).append(creneau.titre)
    return [(cle, _ou(list(dict.fromkeys(siens)))) for cle, siens in titres.items()]


def _ou(titres: list[str]) -> str:
    return " ou ".join([titres[0], *(f"{titre[:1].lower()}{titre[1:]}" for titre in titres[1:])])


def pareil(situation: Situation, enfant: int, jour: date, creneau: Creneau) -> str:
    """What this box shares with the boxes of the same moment in the family's other schools (« soir.0 »); empty when the
    code of the créneau is enough, as all their schools hold it.
    """
    if creneau.code not in situation.propres:
        return ""
    scolarite = situation.scolarite(enfant, jour)
    return _rang(situation, scolarite.ecole_id, jour.weekday(), creneau) if scolarite else ""


def pareil_type(situation: Situation, rangee: RangeeType, jour_semaine: int) -> str:
    """What this box of the semaine type (weekday, Monday is 0) shares with those of the same moment in the family's
    other schools (« soir.0 »); empty when the code of the créneau is enough.
    """
    if rangee.creneau.code not in situation.propres or not rangee.ecole:
        return ""
    return _rang(situation, rangee.ecole, jour_semaine, rangee.creneau)


def _rang(situation: Situation, ecole: int, jour_semaine: int, creneau: Creneau) -> str:
    rangs = situation.once(("paires", ecole, jour_semaine), lambda: _rangs(situation, ecole, jour_semaine))
    return rangs.get(creneau.code, "")


def _rangs(situation: Situation, ecole: int, jour_semaine: int) -> dict[str, str]:
    """By code, those of the créneaux that this school holds on that weekday and another of the family does not."""
    siens = [
        creneau
        for code, creneau in situation.creneaux.items()
        if code in situation.propres and ecole in situation.tenues[creneau.pk] and jour_semaine in creneau.jours
    ]
    vus: Counter[str] = Counter()
    rangs = {}
    for creneau in sorted(siens, key=lambda creneau: (creneau.debut, creneau.pk)):
        rangs[creneau.code] = f"{creneau.moment}.{vus[creneau.moment]}"
        vus[creneau.moment] += 1
    return rangs


def idem_type(situation: Situation, boxes: Mapping[int, Collection[Box]]) -> dict[int, frozenset[Box]]:
    """The weekly boxes of every child, those of the first child copied to the others wherever both have the moment;
    other boxes stay as they were.
    """
    premier, *_ = situation.enfants
    modeles = {
        (jour, cle): (jour, code) in boxes.get(premier, ()) for jour, code, cle in _places_types(situation, premier)
    }
    return {
        enfant: frozenset(
            (jour, code)
            for jour, code, cle in _places_types(situation, enfant)
            if modeles.get((jour, cle), (jour, code) in boxes.get(enfant, ()))
        )
        for enfant in situation.enfants
    }


def _places_types(situation: Situation, enfant: int) -> list[tuple[int, str, str]]:
    """The boxes of a child's week: the weekday, the code, and what those that answer to it share."""
    return [
        (jour, rangee.creneau.code, pareil_type(situation, rangee, jour) or rangee.creneau.code)
        for rangee in rangees_types(situation, enfant)
        for jour in sorted(rangee.jours)
    ]
