"""How many adults the children who are there need, by age band: values, no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from math import ceil

from enfance.calendrier import is_moins_de_six
from portail.francais import pluriel

MOINS_DE_6, DE_6 = "moins6", "plus6"  # the bands; a device knows of a child its band alone
ADULTES_MAX = 99
LONGUE = 5 * 60  # minutes


@dataclass(frozen=True)
class Taux:
    """The children that one adult may look after, in each band."""

    moins6: int
    plus6: int


# By whether there is a PEDT (the town’s educational project), then by whether it is more than five hours in a row.
TAUX = {
    (False, False): Taux(10, 14),
    (True, False): Taux(14, 18),
    (False, True): Taux(8, 12),
    (True, True): Taux(10, 14),
}


def tranche(naissance: date, jour: date) -> str:
    """The age band of a child on that day, for the number of adults: `moins6`, or `plus6` from its sixth
    birthday on.
    """
    return MOINS_DE_6 if is_moins_de_six(naissance, jour) else DE_6


def taux_of(debut: time, fin: time, *, pedt: bool) -> Taux:
    """How many children one adult may look after, by age band, at a créneau of these hours (more than five hours is
    stricter), with or without a PEDT, the town's educational project.
    """
    return TAUX[pedt, (fin.hour - debut.hour) * 60 + fin.minute - debut.minute > LONGUE]


def adultes_requis(moins6: int, plus6: int, taux: Taux) -> int:
    """How many adults are needed for so many children under six and of six or more, rounded up in each age band."""
    return ceil(moins6 / taux.moins6) + ceil(plus6 / taux.plus6)


@dataclass(frozen=True)
class Encadrement:
    """The children who are there, by band, and the `adultes` who are, None until somebody said how many. `declaree`:
    whether the figures are the rule of this garderie, or a mark to go by.
    """

    moins6: int
    plus6: int
    taux: Taux
    adultes: int | None
    declaree: bool

    @property
    def requis(self) -> int:
        """How many adults the children who are there need."""
        return adultes_requis(self.moins6, self.plus6, self.taux)

    @property
    def manque(self) -> int:
        """How many adults are missing; 0 as long as nobody has said how many there are."""
        return 0 if self.adultes is None else max(self.requis - self.adultes, 0)

    @property
    def adultes_dit(self) -> str:
        """The adults who are there, in words: « 2 adultes », « ? adulte » when nobody has said how many."""
        return "?\u00a0adulte" if self.adultes is None else pluriel(self.adultes, "adulte,adultes")

    @property
    def moins(self) -> int:
        """The number of adults that the button « one less » sends; never below 0."""
        return max((self.adultes or 0) - 1, 0)

    @property
    def plus(self) -> int:
        """The number of adults that the button « one more » sends; never above 99."""
        return min((self.adultes or 0) + 1, ADULTES_MAX)

    @property
    def phrase(self) -> str:
        """Whether there are enough adults, in words: « Il manque 1 adulte pour 23 enfants », or that no child is there;
        `static/js/comptes.js` says the same without network.
        """
        enfants = pluriel(self.moins6 + self.plus6, "enfant,enfants")
        if not self.requis:
            return "Aucun enfant à encadrer"
        if self.manque:
            return f"Il manque {pluriel(self.manque, 'adulte,adultes')} pour {enfants}"
        if self.adultes is None:
            return f"Il faut {pluriel(self.requis, 'adulte,adultes')} pour {enfants}"
        return f"Assez d’adultes pour {enfants}"
