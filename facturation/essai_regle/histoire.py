"""What a child's history at one séance would have been under other limits, every act made when it was. Pure.

A parent's tick is judged at the instant when it was saved, a weekly pattern's too. What the town, a closure or a
waiting list did is never late, and is done again only where it still has something to change.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

INSCRIT, ATTENTE, ANNULEE = "inscrit", "attente", "annulee"
RIEN = ""


class Acte(NamedTuple):
    """One change of one inscription: when (aware), whether a parent made it, its state before and after."""

    quand: datetime
    parent: bool
    avant: str
    apres: str


class LimitesEssayees(NamedTuple):
    """The instants (aware) from which an inscription costs more, is refused, a cancellation is refused; None: never."""

    supplement: datetime | None = None
    inscription: datetime | None = None
    annulation: datetime | None = None


class IssueRejouee(NamedTuple):
    """Where a history ends: whether the child has a place, and whether it was taken late."""

    inscrit: bool
    tardive: bool


COMME_C_ETAIT = LimitesEssayees()


def rejouer(actes: Iterable[Acte], limites: LimitesEssayees = COMME_C_ETAIT) -> IssueRejouee:
    """Where these acts of one child at one séance, in their order, would have led under these limits; without limits,
    where they led.
    """
    etat, tardive = RIEN, False
    for rang, acte in enumerate(actes):
        if rang == 0:
            etat = _held(acte.avant)  # what came before may be purged
        if acte.apres == acte.avant or not _is_let(acte, etat, limites):
            continue
        etat = _held(acte.apres)
        tardive = etat == INSCRIT and acte.parent and _is_past(acte.quand, limites.supplement)
    return IssueRejouee(etat == INSCRIT, tardive)


def _is_let(acte: Acte, etat: str, limites: LimitesEssayees) -> bool:
    """Whether this act, where the child has this state, is done and changes it."""
    apres = _held(acte.apres)
    if not acte.parent:
        return etat == _held(acte.avant) and etat != apres
    if etat == apres or (etat == INSCRIT and apres == ATTENTE):
        return False
    if apres == RIEN:
        return not (etat == INSCRIT and _is_past(acte.quand, limites.annulation))
    return not _is_past(acte.quand, limites.inscription)


def _held(etat: str) -> str:
    """A cancelled inscription is none."""
    return RIEN if etat == ANNULEE else etat


def _is_past(quand: datetime, limite: datetime | None) -> bool:
    return limite is not None and quand >= limite
