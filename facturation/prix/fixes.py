"""What a tick costs where nothing else that is ticked changes it: the price that a planning may write. Pure.

It is the unit price of the invoice's line, from the same tariff, grid and quotient; or nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from facturation.prix.dus import AU_MOIS, Contexte, Tarification
from facturation.prix.tarifs import AxeTarif, BaseTarif, GrilleTarif, UniteTarif, ligne_of, prix_of


@dataclass(frozen=True, slots=True)
class PrixFixe:
    """Centimes of a séance, or of a tranche of `minutes` begun. `presence`: due only if the child comes."""

    centimes: int
    minutes: int | None = None
    presence: bool = False


class PrixFixes:
    """The prices of one month for what one foyer pays.

    `enfants`: all those that it may be billed; `surs`: those of them that it will be, whatever is ticked. The rank of a
    child depends on the ticks of its elders, but for those.
    """

    def __init__(self, contexte: Contexte, foyer: int, enfants: Collection[int], surs: Collection[int] = ()) -> None:
        self._contexte = contexte
        self._foyer = foyer
        self._enfants = sorted(enfants, key=lambda enfant: (contexte.naissances.get(enfant, date.max), enfant))
        self._surs = set(surs)
        self._tarification = Tarification(contexte)

    def of(self, enfant: int, jour: date, creneau: int) -> PrixFixe | None:
        """The fixed price of this child (primary key) on this day at this créneau (primary key); None where it depends
        on another tick, a cap or a share, is a price of the month, where the first duration has a price of its own, or
        where no tariff or no line of its grid says it.
        """
        regle = self._tarification.regle(creneau, jour)
        if regle is None or regle.tarif.unite in AU_MOIS or self._is_shared(enfant, jour):
            return None
        if any(plafond.caps(creneau, regle.moment) for plafond in self._contexte.plafonds):
            return None
        tarif = regle.tarif
        if tarif.fratrie and len(self._enfants) > 1:
            return None
        if tarif.unite == UniteTarif.SEANCE and tarif.par_jour and self._prices_another(tarif, creneau, jour):
            return None
        prix = {self._prix(tarif, rang) for rang in self._columns(tarif, enfant)}
        if len(prix) > 1 or (centimes := prix.pop()) is None:
            return None
        minutes = tarif.minutes if tarif.unite == UniteTarif.TRANCHE else None
        return PrixFixe(centimes, minutes, tarif.base == BaseTarif.PRESENCE)

    def _is_shared(self, enfant: int, jour: date) -> bool:
        return any(part.holds(jour) for part in self._contexte.partages.get(enfant, ()))

    def _prices_another(self, tarif: GrilleTarif, creneau: int, jour: date) -> bool:
        """Whether the price of a day takes another créneau with this one."""
        regles = (self._tarification.regle(autre, jour) for autre in self._contexte.creneaux if autre != creneau)
        return any(regle is not None and regle.tarif.cle == tarif.cle for regle in regles)

    def _columns(self, tarif: GrilleTarif, enfant: int) -> Iterable[int]:
        """Those of the grid that may price this child."""
        if tarif.axe == AxeTarif.ENFANTS:
            return [self._contexte.nombres.get(self._foyer, 1)]
        return self._rangs(enfant)

    def _rangs(self, enfant: int) -> range:
        """Those that the child may have, by which of its elders are billed."""
        aines = self._enfants[: self._enfants.index(enfant)] if enfant in self._enfants else self._enfants
        return range(1 + sum(aine in self._surs for aine in aines), 2 + len(aines))

    def _prix(self, tarif: GrilleTarif, rang: int) -> int | None:
        quotient, residence = self._contexte.quotients.get(self._foyer), self._contexte.residences.get(self._foyer, "")
        ligne = ligne_of(tarif.lignes, residence, quotient, rang, self._contexte.lieu_defaut)
        if ligne is None or ligne.premiere is not None:
            return None
        return prix_of(ligne, quotient, tarif.arrondi)
