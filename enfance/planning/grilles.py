"""A weekly pattern as a small table, the same on its page, where it is ticked, and on the home page. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from enfance.models import Creneau
from enfance.planning.cases import EnfantVu, fratrie
from enfance.planning.paires import pareil_type
from enfance.planning.periodes import TOUTES, rythme_phrase
from enfance.planning.rangees_types import boxes_suivies, rangees_types
from enfance.regles import Situation
from enfance.regles.cles import code, jour_semaine, parse_key, pk
from enfance.semaine_modele import Box, Modele, modele_now
from portail.dates import JOURS, jour_long


@dataclass(frozen=True)
class CaseType:
    """One box. `avant`: ticked in the pattern that is kept; `ouverte`: the créneau exists on that weekday; `pareil` as
    of a `Case`.
    """

    valeur: str
    nom: str
    coche: bool
    avant: bool
    ouverte: bool
    pareil: str = ""

    @property
    def modif(self) -> bool:
        """Whether the tick shown in the box differs from the one of the saved pattern."""
        return self.coche != self.avant


@dataclass(frozen=True)
class LigneType:
    creneau: Creneau
    cases: list[CaseType]

    @property
    def cochable(self) -> bool:
        """Whether the heading of this row can tick something: the créneau exists on at least one weekday."""
        return any(case.ouverte for case in self.cases)


@dataclass(frozen=True)
class Grille:
    """The week of a child. `vide`: it is empty and something would be cleared, which is asked before. `quand` says in
    words what is not « every week from now on ».
    """

    enfant: EnfantVu
    lignes: list[LigneType]
    vide: bool = False
    quand: str = ""

    @property
    def coche(self) -> bool:
        """Whether at least one box of the child's week is ticked."""
        return any(case.coche for ligne in self.lignes for case in ligne.cases)

    @property
    def modifs(self) -> int:
        """How many boxes of the child's week are ticked otherwise than in the saved pattern."""
        return sum(case.modif for ligne in self.lignes for case in ligne.cases)


@dataclass(frozen=True)
class JourType:
    """A weekday of the school week: the head of a column."""

    numero: int

    @property
    def long(self) -> str:
        """The full name of the weekday: « lundi »."""
        return JOURS[self.numero]

    @property
    def abrege(self) -> str:
        """The weekday in three letters: « lun. »."""
        return f"{self.long[:3]}."

    @property
    def initiale(self) -> str:
        """The first letter of the weekday, a capital: « L »."""
        return self.long[0].upper()


def jours_types(situation: Situation) -> list[JourType]:
    """The weekdays of school, from the school years that are not over: the columns of a weekly pattern."""
    annees = [annee for annee in situation.calendrier.annees if annee.fin >= situation.today]
    return [JourType(jour) for jour in sorted(set().union(*(annee.jours for annee in annees)))]


def build_grilles(
    situation: Situation,
    boxes: Mapping[int, Collection[Box]],
    gardees: Mapping[int, Collection[Box]],
    *,
    vides: Collection[int] = (),
) -> list[Grille]:
    """The weekly table of each child, ticked as `boxes` says (by child); `gardees` is the saved pattern, against which
    changes show. `vides`: the children of whom it must be asked whether to clear.
    """
    return [
        Grille(
            enfant,
            _lignes(situation, enfant, boxes.get(enfant.pk, ()), gardees.get(enfant.pk, ())),
            enfant.pk in vides,
        )
        for enfant in fratrie(situation)
    ]


def build_suivies(situation: Situation) -> list[Grille]:
    """The table of the weekly pattern that each child follows now, or next, for the home page."""
    suivis = {enfant: modele_now(situation.modeles, enfant, situation.today) for enfant in situation.enfants}
    boxes = boxes_suivies(situation)
    grilles = build_grilles(situation, boxes, boxes)
    return [replace(grille, quand=_quand(situation, suivis[grille.enfant.pk])) for grille in grilles]


def _quand(situation: Situation, suivi: Modele | None) -> str:
    if suivi is None:
        return ""
    a_partir = f"à partir du {jour_long(suivi.debut)}" if suivi.debut > situation.today else ""
    rythme = rythme_phrase(situation, {suivi.enfant}, suivi.depuis, suivi.debut, suivi.fin)
    return ", ".join(filter(None, [a_partir, rythme if rythme != TOUTES else ""]))


def basculer(situation: Situation, titre: str, boxes: Mapping[int, Collection[Box]]) -> dict[int, frozenset[Box]]:
    """The ticked boxes, by child, after the heading `titre` was pressed: `enfant:creneau` (a row) or `enfant:jour` (a
    column, Monday is 1).

    It ticks the boxes of the row or column, or unticks them when all of them were ticked. A text that is no heading
    changes nothing.
    """
    resultat = {enfant: frozenset(siennes) for enfant, siennes in boxes.items()}
    ligne, colonne = parse_key(titre, pk, code), parse_key(titre, pk, jour_semaine)
    enfant, rang = colonne or ligne or (0, "")
    rangee = {box for box in _boxes(situation, enfant) if rang in box}
    siennes = resultat.get(enfant, frozenset())
    if enfant in situation.enfants:
        resultat[enfant] = siennes - rangee if rangee <= siennes else siennes | rangee
    return resultat


def _boxes(situation: Situation, enfant: int) -> list[Box]:
    return [
        (jour.numero, rangee.creneau.code)
        for rangee in rangees_types(situation, enfant)
        for jour in jours_types(situation)
        if jour.numero in rangee.jours
    ]


def _lignes(
    situation: Situation, enfant: EnfantVu, boxes: Collection[Box], gardees: Collection[Box]
) -> list[LigneType]:
    jours = jours_types(situation)
    return [
        LigneType(
            rangee.creneau,
            [
                CaseType(
                    f"{enfant.pk}:{jour.numero + 1}:{rangee.creneau.code}",
                    f"{enfant.nom}, {rangee.creneau.nom_court}, {jour.long}",
                    (jour.numero, rangee.creneau.code) in boxes,
                    (jour.numero, rangee.creneau.code) in gardees,
                    jour.numero in rangee.jours,
                    pareil_type(situation, rangee, jour.numero),
                )
                for jour in jours
            ],
        )
        for rangee in rangees_types(situation, enfant.pk)
    ]


def idem_phrase(grilles: Sequence[Grille]) -> str:
    """The words of the button that copies the first child's week to the others: « Tom comme Léa », « Tous comme Léa »
    from three children; empty for one child.
    """
    noms = [grille.enfant.nom for grille in grilles]
    if len(noms) < 2:
        return ""
    return f"{noms[1] if len(noms) == 2 else 'Tous'} comme {noms[0]}"
