"""What becomes of what a phone sends, whatever it tells: a box, a number of adults, who came. Each counts once, however
often it is sent, at the instant when it was made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.db.models import QuerySet

from enfance.equipe.appel import instant_retenu

SUITE = timedelta(microseconds=1)  # between the taps of one sending, so that they keep their order


@dataclass(frozen=True)
class RefusGeste:
    """A tap that was not taken, and why, in words."""

    id: UUID
    phrase: str


@dataclass(frozen=True)
class BilanGestes:
    """What became of a sending: taps kept now or before, taps refused, what the phone should be told."""

    recus: list[UUID] = field(default_factory=list)
    refus: list[RefusGeste] = field(default_factory=list)
    avis: list[str] = field(default_factory=list)

    def __add__(self, other: BilanGestes) -> BilanGestes:
        return BilanGestes(self.recus + other.recus, self.refus + other.refus, self.avis + other.avis)


class Recu(Protocol):
    """Anything that a phone tells: `id` drawn by it, `fait_le` by its own clock (aware)."""

    @property
    def id(self) -> UUID:
        """The identifier that the phone drew: what is sent twice has the same."""

    @property
    def fait_le(self) -> datetime:
        """When it was made, by the phone's own clock (aware)."""


@dataclass(frozen=True)
class Retenu[R: Recu]:
    """What is to be kept of a sending: `fait_le` put right, `recu_le` by the server; aware."""

    recu: R
    fait_le: datetime
    recu_le: datetime


def new_of[R: Recu](recus: Sequence[R], gardes: QuerySet[Any]) -> list[R]:
    """The taps (or other things sent) that are not among the rows `gardes` yet, each once. The caller holds the lock of
    the créneau. One query.
    """
    connus = set(gardes.filter(pk__in=[recu.id for recu in recus]).values_list("pk", flat=True))
    return list({recu.id: recu for recu in recus if recu.id not in connus}.values())


def judge[R: Recu](
    recus: Sequence[R],
    nouveaux: Sequence[R],
    jour: date,
    refus: Callable[[R, datetime | None], str],
    *,
    now: datetime,
    decalage: timedelta,
) -> tuple[BilanGestes, list[Retenu[R]]]:
    """Sort what a phone sent: the report of what was kept before, kept now or refused, and what is to be written, with
    its instants corrected.

    `recus`: all that was sent; `nouveaux`: what is not written yet. `refus` says why one of them is refused, given its
    instant (None when nobody can tell it), and is empty when it is taken. `decalage` is added to the hours, to correct
    the phone's clock.
    """
    restants = {recu.id for recu in nouveaux}
    bilan = BilanGestes(recus=[recu.id for recu in recus if recu.id not in restants])
    retenus = []
    for rang, recu in enumerate(nouveaux):
        recu_le = now + rang * SUITE
        fait_le = instant_retenu(recu.fait_le + decalage, jour, recu_le)
        phrase = refus(recu, fait_le)
        if fait_le is None or phrase:
            bilan.refus.append(RefusGeste(recu.id, phrase))
        else:
            bilan.recus.append(recu.id)
            retenus.append(Retenu(recu, fait_le, recu_le))
    return bilan, retenus
