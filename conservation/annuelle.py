"""What goes once a year: announced a month before, taken once, begun again where it was cut.

Two rows of `Passage` a year: when it was announced, when it was done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from accounts import journal
from accounts.models import Passage
from portail.durees import Cadence, Duree, erase
from portail.extensions import Extension

PREAVIS = timedelta(days=30)
SURSIS = timedelta(days=30)  # past its day, it waits for the year after: nobody would expect it any more


@dataclass(frozen=True)
class PurgeAnnoncee:
    """The purge of a year, that was announced and is not done; the first day of it."""

    annee: int
    jour: date

    @property
    def faite(self) -> str:
        return f"purge_annuelle/{self.annee}"


def load_annonce(today: date) -> PurgeAnnoncee | None:
    """The one that the town hall is to know of; None when none was announced, or when it is done or held."""
    prevue = _prevue(today)
    if prevue is None:
        return None
    annoncee = Passage.objects.filter(job=_job(prevue)).values_list("done_at", flat=True).first()
    if annoncee is None:
        return None
    annonce = PurgeAnnoncee(prevue.year, max(prevue, timezone.localdate(annoncee) + PREAVIS))
    return None if Passage.objects.filter(job=annonce.faite).exists() else annonce


def passer(*, now: datetime) -> None:
    """Each night: announce the purge of the year a month before its day, do it on its day or on the first night after.
    Announced late, it waits a month all the same. What fails is for the next night.
    """
    prevue = _prevue(timezone.localdate(now))
    if prevue is None:
        return
    if timezone.localdate(now) <= prevue:  # later, a month would lead past the end
        Passage.objects.get_or_create(job=_job(prevue), defaults={"done_at": now})
    annonce = load_annonce(timezone.localdate(now))
    if annonce and annonce.jour <= timezone.localdate(now):
        purger(Extension.installed().durees_of(Cadence.AN), now=now)
        Passage.objects.get_or_create(job=annonce.faite, defaults={"done_at": now})


def purger(
    lesquelles: list[Duree], *, now: datetime, simuler: bool = False, fait: Callable[[], object] = int
) -> list[tuple[Duree, Counter[str]]]:
    """Erase what has passed its time, of these kinds; how many rows of each. A kind that lost some is written to the
    journal as it ends.
    """
    bilans = []
    for duree in lesquelles:
        comptes = erase(duree, now=now, simuler=simuler, fait=fait)
        bilans.append((duree, comptes))
        if comptes and not simuler:
            journal.event("purge", kind=duree.code, rows=comptes.total())
    return bilans


def _prevue(today: date) -> date | None:
    """The day of this year's purge, from a month before it to a month after it; None at other times, or held."""
    if settings.PURGE_ANNUELLE is None:
        return None
    mois, jour = settings.PURGE_ANNUELLE
    jours = (date(annee, mois, jour) for annee in (today.year - 1, today.year, today.year + 1))
    return next((un for un in jours if un - PREAVIS <= today <= un + SURSIS), None)


def _job(prevue: date) -> str:
    return f"purge_annuelle_annonce/{prevue.year}"
