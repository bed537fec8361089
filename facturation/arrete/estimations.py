"""What a month costs a family so far, and what is planned until its end: the same code as the closing. Reads only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from facturation.arrete.contextes import load_contexte
from facturation.arrete.lecture import load_faits, load_perimetre
from facturation.arrete.preparation import fin_de
from facturation.arrete.seances import seances_of
from facturation.prix.mois import Charge, facturer


@dataclass(frozen=True)
class Estimation:
    """One foyer's month. `passees`: what happened, by child, day and créneau; `prevues`: what is booked from now to the
    end. Amounts are centimes.
    """

    passees: tuple[Charge, ...] = ()
    prevues: tuple[Charge, ...] = ()

    @property
    def a_ce_jour(self) -> int:
        return sum(charge.montant for charge in self.passees)

    @property
    def prevu(self) -> int:
        return sum(charge.montant for charge in self.prevues)

    @property
    def total(self) -> int:
        return self.a_ce_jour + self.prevu

    @property
    def seances(self) -> int:
        """How many séances there were so far; those that the town hall excused are none."""
        return seances_of(self.passees)

    @property
    def seances_prevues(self) -> int:
        return seances_of(self.prevues)


def estimer(foyers: Collection[int], premier: date, today: date) -> dict[int, Estimation]:
    """The month that begins on `premier`, for each of these foyers (primary keys), as far as it is known on `today`. A
    fixed number of queries, whatever the children.
    """
    fin = fin_de(premier)
    perimetre = load_perimetre(foyers, premier, fin)
    faits = load_faits(premier, fin, perimetre, today=today)
    contexte = load_contexte(premier, perimetre, today=today, prevu=fin >= today)
    passees: dict[int, list[Charge]] = {foyer: [] for foyer in foyers}
    prevues: dict[int, list[Charge]] = {foyer: [] for foyer in foyers}
    for charge in facturer(faits, contexte).charges:
        cote = prevues if charge.prevue else passees
        if charge.foyer in cote:
            cote[charge.foyer].append(charge)
    return {foyer: Estimation(tuple(passees[foyer]), tuple(prevues[foyer])) for foyer in foyers}
