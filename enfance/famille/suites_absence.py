"""What else is asked, done and said when a parent tells an absence or takes it back: each part that has something to do
with it adds itself when it starts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django import forms

from enfance.models import Absence, Creneau, Responsable


@dataclass(frozen=True)
class SectionAbsence:
    """What the page that says who knows adds: words beside the absence (« Raison : maladie. »), a part of its own."""

    mots: str
    titre: str
    phrases: list[str]


@dataclass(frozen=True)
class PrevenuAbsence:
    """Who was told of absences, how, and at what hour."""

    qui: str
    comment: str
    quand: str


class SuiteAbsence:
    """What one part does. Nothing, but for what it says itself; `nom`: of its field in the form, if it has one."""

    nom = ""

    def champ(self, responsable: Responsable, jour: date) -> forms.Field | None:
        """What it asks this parent of an absence of that day, never required; None for nothing."""
        return None

    def dire(self, absences: Collection[Absence], responsable: Responsable, valeur: str, *, now: datetime) -> None:
        """They are told, with this answer to its field, in the transaction that writes them."""

    def retirer(self, absences: Collection[Absence], *, now: datetime) -> None:
        """They are taken back, in the transaction that writes it."""

    def lire(
        self, responsable: Responsable, enfants: Collection[int], jours: Collection[date], *, now: datetime
    ) -> SectionAbsence | None:
        """What this parent reads of the absences of these children (primary keys) on these days; None for nothing."""
        return None

    def prevenir(
        self, moments: Mapping[int, Collection[Creneau]], jour: date, *, now: datetime
    ) -> Iterable[tuple[str, str]]:
        """Who else learns of these absences of that day, by child (primary key) and créneau, and how."""
        return ()


_suites: list[tuple[int, SuiteAbsence]] = []


def add_suite(ordre: int, suite: SuiteAbsence) -> None:
    """Have this part follow each absence, in this rank. For `AppConfig.ready`."""
    _suites.append((ordre, suite))


def suites() -> list[SuiteAbsence]:
    """Those of all the parts, in order."""
    return [suite for _, suite in sorted(_suites, key=lambda une: une[0])]
