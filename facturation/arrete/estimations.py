"""What a month costs a family so far, and what is planned until its end: the same code as the closing. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date

from facturation.arrete.contextes import load_contexte, load_contextes
from facturation.arrete.lecture import load_faits, load_perimetre
from facturation.arrete.preparation import fin_de
from facturation.arrete.seances import seances_of
from facturation.prix.dus import Contexte, FaitDuMois
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
        """What the month costs this foyer so far, in centimes."""
        return sum(charge.montant for charge in self.passees)

    @property
    def prevu(self) -> int:
        """What the séances still to come of the month would cost this foyer, in centimes."""
        return sum(charge.montant for charge in self.prevues)

    @property
    def total(self) -> int:
        """What the whole month would cost this foyer, in centimes: so far and still to come."""
        return self.a_ce_jour + self.prevu

    @property
    def sur(self) -> int:
        """The part of the month's cost, in centimes, that is certain: what does not depend on an hour of departure to
        come.
        """
        return sum(charge.montant for charge in (*self.passees, *self.prevues) if not charge.estimee)

    @property
    def seances(self) -> int:
        """How many séances of the month were billed so far; the ones that the town hall excused are not counted."""
        return seances_of(self.passees)


def estimer(foyers: Collection[int], premier: date, today: date) -> dict[int, Estimation]:
    """What the month that begins on `premier` costs each of these foyers (primary keys), as far as it is known on
    `today`; by foyer, 0 included. A fixed number of queries, whatever the children.
    """
    return estimer_mois(foyers, [premier], today)[premier]


def estimer_mois(
    foyers: Collection[int], premiers: Collection[date], today: date, *, preuves: bool = True
) -> dict[date, dict[int, Estimation]]:
    """What each of these months (their first days) costs each of these foyers (primary keys), as far as it is known on
    `today`; by month, then by foyer, 0 included. As many queries as for one month; at least one month.

    `preuves`: whether each line also says who registered, and what was told of an absence; without it there are fewer
    queries.
    """
    debut, fin = min(premiers), fin_de(max(premiers))
    perimetre = load_perimetre(foyers, debut, fin)
    faits: dict[date, list[FaitDuMois]] = {premier: [] for premier in premiers}
    for fait in load_faits(debut, fin, perimetre, today=today, preuves=preuves):
        if fait.jour.replace(day=1) in faits:
            faits[fait.jour.replace(day=1)].append(fait)
    contextes = load_contextes(premiers, perimetre, today=today, prevu=fin >= today)
    return {premier: _estimer(foyers, faits[premier], contextes[premier]) for premier in premiers}


def comparer(
    foyer: int, premier: date, today: date, avant: Callable[[Sequence[FaitDuMois]], Sequence[FaitDuMois]]
) -> tuple[Estimation, Estimation, Contexte]:
    """The cost of the month that begins on `premier` for this foyer (primary key): first from the facts as they were
    before a change, then from the facts of today; last, the context that both were computed from.

    `avant` is given the facts of today and returns those of before. The database is read once for both.
    """
    perimetre = load_perimetre([foyer], premier, fin_de(premier))
    faits = load_faits(premier, fin_de(premier), perimetre, today=today, preuves=False)
    contexte = load_contexte(premier, perimetre, today=today, prevu=True)
    alors, maintenant = (_estimer([foyer], lus, contexte)[foyer] for lus in (avant(faits), faits))
    return alors, maintenant, contexte


def _estimer(foyers: Collection[int], faits: Sequence[FaitDuMois], contexte: Contexte) -> dict[int, Estimation]:
    passees: dict[int, list[Charge]] = {foyer: [] for foyer in foyers}
    prevues: dict[int, list[Charge]] = {foyer: [] for foyer in foyers}
    for charge in facturer(faits, contexte).charges:
        cote = prevues if charge.prevue else passees
        if charge.foyer in cote:
            cote[charge.foyer].append(charge)
    return {foyer: Estimation(tuple(passees[foyer]), tuple(prevues[foyer])) for foyer in foyers}
