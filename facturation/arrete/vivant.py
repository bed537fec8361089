"""A closed month computed again, by the code that closed it, from the data of today. Amounts are centimes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from enfance.calendrier import UN_JOUR
from enfance.models import Creneau, Inscription, Pointage
from facturation.arrete.contextes import load_contexte
from facturation.arrete.figees import cle_of
from facturation.arrete.lecture import Case, load_faits
from facturation.arrete.propositions import CleLigne
from facturation.prix.mois import Charge, NaturePrestation, facturer


def _by_key(charges: Iterable[Charge], premier: date) -> dict[CleLigne, Charge]:
    """By what each is about. What a cap takes off a child, on a day or in a month, is one: the first line, with the sum
    of all.
    """
    lues: dict[CleLigne, Charge] = {}
    for charge in charges:
        cle = cle_of(charge.foyer, charge.enfant, charge, premier)
        deja = lues.get(cle) if charge.nature == NaturePrestation.PLAFOND else None
        lues[cle] = deja._replace(montant=deja.montant + charge.montant) if deja else charge
    return lues


class MoisVivant:
    """What the month from `premier` to `fin` would be, and the data that says so, each table read once."""

    def __init__(self, premier: date, fin: date) -> None:
        lendemain = fin + UN_JOUR
        self._jours = {"jour__gte": premier, "jour__lte": fin}
        self._faits = load_faits(premier, fin, today=lendemain)
        self._contexte = load_contexte(premier, today=lendemain)
        facturation = facturer(self._faits, self._contexte)
        self.bloquantes = facturation.bloquantes
        self.charges: Mapping[CleLigne, Charge] = _by_key(facturation.charges, premier)

    @property
    def defaut(self) -> str:
        """The code of the residence that a payer of whom nothing is said is priced as."""
        return self._contexte.lieu_defaut

    def is_matin(self, creneau: int) -> bool:
        """Whether this créneau (primary key) is a morning one."""
        horaire = self._contexte.creneaux.get(creneau)
        return horaire is not None and horaire.moment == Creneau.Moment.MATIN

    @cached_property
    def dus_par(self) -> Mapping[Case, int | None]:
        """The foyer (primary key) that owes each séance, by child, day and créneau; None where it is not known."""
        return {(fait.enfant, fait.jour, fait.creneau): fait.foyer for fait in self._faits}

    @cached_property
    def reponses(self) -> Mapping[Case, Mapping[str, Any]]:
        """What the town hall answers today for each séance where the child was absent, by child, day and créneau, as
        JSON; an empty value where it has not answered.
        """
        absents = (fait for fait in self._faits if "presence" not in fait.faits)
        return {(fait.enfant, fait.jour, fait.creneau): fait.faits.get("reponse", {}) for fait in absents}

    @cached_property
    def presents(self) -> set[Case]:
        """The séances (child, day, créneau) where the child came, as the sheets say today."""
        return {(fait.enfant, fait.jour, fait.creneau) for fait in self._faits if "presence" in fait.faits}

    @cached_property
    def pointes(self) -> set[Case]:
        """The séances (child, day, créneau) of which the gate noted something."""
        return set(Pointage.objects.filter(**self._jours).order_by().values_list("enfant", "jour", "creneau"))

    @cached_property
    def inscrits(self) -> set[Case]:
        """The séances (child, day, créneau) that were ever booked, whether or not they were cancelled since."""
        return set(Inscription.objects.filter(**self._jours).order_by().values_list("enfant", "jour", "creneau"))
