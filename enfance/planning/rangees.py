"""The rows of a child in a week of the planning, and whose they are: the parent's, or the other's, folded to a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from enfance.models import Creneau
from enfance.planning.cases import Case, EnfantVu, Saisie, build_case
from enfance.regles import Cle, Situation, obstacles_jour
from portail.dates import jour_court
from portail.francais import NBSP, et


@dataclass(frozen=True)
class LignePlanning:
    creneau: Creneau
    cases: list[Case]

    @property
    def bouton(self) -> str:
        """The value that the row's heading sends when it is pressed to tick the row: the key of its first box; empty
        when it would tick nothing.
        """
        return str(self.cases[0].cle) if any(case.en_bloc for case in self.cases) else ""


@dataclass(frozen=True)
class EnfantSemaine:
    """A child in a week. `repliees`: the rows that are the other parent's whole."""

    enfant: EnfantVu
    lignes: list[LignePlanning]
    repliees: list[LignePlanning]

    @property
    def ailleurs(self) -> bool:
        """Whether the child spends this whole week at the other parent's."""
        return bool(self.repliees) and not self.montrees

    @property
    def montrees(self) -> list[LignePlanning]:
        """The rows that are shown open: at least a part of them is this parent's."""
        return [ligne for ligne in self.lignes if ligne not in self.repliees]

    @property
    def prevus(self) -> list[str]:
        """What is booked in the folded rows, the other parent's, a phrase for each créneau: « Midi : lundi 30 et mardi
        1 ».
        """
        jours = {ligne.creneau: [c.cle.jour for c in ligne.cases if c.coche] for ligne in self.repliees}
        return [f"{c.titre}{NBSP}: {et([jour_court(jour) for jour in siens])}" for c, siens in jours.items() if siens]


def build_enfant_semaine(
    situation: Situation, enfant: EnfantVu, jours: Sequence[date], saisie: Saisie | None
) -> EnfantSemaine:
    """The rows of this child in a week of these days, ready to draw; those that are wholly the other parent's are to be
    folded. `saisie` gives ticks that are not saved.
    """
    lignes = [
        LignePlanning(
            creneau, [build_case(situation, Cle(enfant.pk, jour, creneau.code), enfant.nom, saisie) for jour in jours]
        )
        for creneau in situation.creneaux.values()
        if any(situation.is_tenu(enfant.pk, jour, creneau) for jour in jours)
    ]
    toutes = is_ailleurs(situation, [case for ligne in lignes for case in ligne.cases])
    repliees = [ligne for ligne in lignes if toutes or is_ailleurs(situation, ligne.cases)]
    vu = EnfantSemaine(enfant, lignes, repliees)
    _fermer(vu.montrees)
    return vu


def is_ailleurs(situation: Situation, cases: Iterable[Case]) -> bool:
    """Whether all these boxes of a child are the other parent's; boxes when no garderie is held do not count."""
    cases = list(cases)
    if not any(case.ailleurs for case in cases):
        return False  # of most children: the rules are not asked a second time
    tenues = [c for c in cases if not obstacles_jour(situation, c.cle, situation.creneaux[c.cle.creneau])]
    return bool(tenues) and all(case.ailleurs for case in tenues)


def _fermer(lignes: list[LignePlanning]) -> None:
    """Merge a day that is closed for every créneau into one hatched block over the rows."""
    for colonne in zip(*(ligne.cases for ligne in lignes), strict=True):
        if all(case.genre == "ferme" for case in colonne):
            for case in colonne[1:]:
                case.genre = "saute"
        else:
            for case in colonne:
                if case.genre == "ferme":
                    case.genre, case.note, case.texte = "fige", case.texte.lower(), f"non, {case.texte.lower()}"
