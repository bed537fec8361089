"""An absence that is told, or taken back, once the canteen's mail of the morning has left: a mail more, one for several
of a few minutes.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone

from accounts import outbox
from enfance.cantine.matin import adresses_a_reprevenir
from enfance.cantine.tasks import send_cantine
from enfance.ecriture import ENSEMBLE
from enfance.famille.suites_absence import SuiteAbsence
from enfance.models import Absence, Responsable


class CantinePrevenue(SuiteAbsence):
    """The canteen reads each absence in its list; this is for who only reads its mail."""

    def dire(self, absences: Collection[Absence], responsable: Responsable, valeur: str, *, now: datetime) -> None:
        _reprevenir(absences, now)

    def retirer(self, absences: Collection[Absence], *, now: datetime) -> None:
        _reprevenir(absences, now)


def _reprevenir(absences: Collection[Absence], now: datetime) -> None:
    """The task itself looks whether anything has changed of a lunch break."""
    today = timezone.localdate(now).isoformat()
    for adresse in adresses_a_reprevenir({absence.jour for absence in absences}, now=now):
        reprise = (today, None, 0, adresse.cle, True)
        if not outbox.join(send_cantine.module_path, *reprise):
            send_cantine.using(run_after=now + ENSEMBLE).enqueue(*reprise)
