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
    """The band of a child on that day: the second from its sixth birthday on."""
    return MOINS_DE_6 if is_moins_de_six(naissance, jour) else DE_6


def taux_of(debut: time, fin: time, *, pedt: bool) -> Taux:
    """Those of a créneau of these hours."""
    return TAUX[pedt, (fin.hour - debut.hour) * 60 + fin.minute - debut.minute > LONGUE]


def adultes_requis(moins6: int, plus6: int, taux: Taux) -> int:
    """Adults needed for so many children of each band, rounded up in each."""
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
        return adultes_requis(self.moins6, self.plus6, self.taux)

    @property
    def manque(self) -> int:
        """Adults who are missing; 0 while nobody has said how many there are."""
        return 0 if self.adultes is None else max(self.requis - self.adultes, 0)

    @property
    def adultes_dit(self) -> str:
        return "?\u00a0adulte" if self.adultes is None else pluriel(self.adultes, "adulte,adultes")

    @property
    def moins(self) -> int:
        """What its button says: one adult less."""
        return max((self.adultes or 0) - 1, 0)

    @property
    def plus(self) -> int:
        return min((self.adultes or 0) + 1, ADULTES_MAX)

    @property
    def phrase(self) -> str:
        """« Il manque 1 adulte pour 23 enfants »; `static/js/comptes.js` says the same without network."""
        enfants = pluriel(self.moins6 + self.plus6, "enfant,enfants")
        if not self.requis:
            return "Aucun enfant à encadrer"
        if self.manque:
            return f"Il manque {pluriel(self.manque, 'adulte,adultes')} pour {enfants}"
        if self.adultes is None:
            return f"Il faut {pluriel(self.requis, 'adulte,adultes')} pour {enfants}"
        return f"Assez d’adultes pour {enfants}"
