"""Taps of the gate, as a phone sends them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from portail.dates import PARIS

JEUDI = date(2026, 12, 10)
NOW = datetime(2026, 12, 10, 17, 0, tzinfo=PARIS)


@dataclass(frozen=True)
class Tap:
    quoi: str
    coche: bool
    fait_le: datetime
    recu_le: datetime = NOW
    id: UUID = UUID(int=0)
    heure: datetime | None = None
    motif: str = ""
    cible: UUID | None = None


@dataclass(frozen=True)
class Heures:
    debut: time
    fin: time


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, 10, hour, minute, tzinfo=PARIS)


def present(hour, minute=0, coche=True):
    return Tap("present", coche, at(hour, minute))


def parti(hour, minute=0, coche=True):
    return Tap("parti", coche, at(hour, minute))


DEMAIN = at(10, 49) + timedelta(days=1)  # when somebody writes
