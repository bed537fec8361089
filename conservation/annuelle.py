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
    """The yearly purge of the year `annee`, which was announced and is not done; `jour` is the first day on which it is
    done.
    """

    annee: int
    jour: date

    @property
    def job_faite(self) -> str:
        """The name of the row of `Passage` that is written once this purge is done, as « purge_annuelle/2026 »."""
        return f"purge_annuelle/{self.annee}"


def load_annonce(today: date) -> PurgeAnnoncee | None:
    """The yearly purge that the town hall must know of: one that was announced and is not done yet. None when none was
    announced around this day, when it is done, or when the town holds it back (no PURGE_ANNUELLE).
    """
    prevue = _prevue(today)
    if prevue is None:
        return None
    annoncee = Passage.objects.filter(job=_job(prevue)).values_list("done_at", flat=True).first()
    if annoncee is None:
        return None
    annonce = PurgeAnnoncee(prevue.year, max(prevue, timezone.localdate(annoncee) + PREAVIS))
    return None if Passage.objects.filter(job=annonce.job_faite).exists() else annonce


def passer(*, now: datetime) -> None:
    """Run each night: announce the yearly purge 30 days before its day (PURGE_ANNUELLE), and do it on that day or on
    the first night after. A purge announced late still waits for 30 days. A purge that fails is done on the next night;
    one that is not done 30 days after its day waits for the year after. Without PURGE_ANNUELLE, does nothing.
    """
    prevue = _prevue(timezone.localdate(now))
    if prevue is None:
        return
    if timezone.localdate(now) <= prevue:  # later, a month would lead past the end
        Passage.objects.get_or_create(job=_job(prevue), defaults={"done_at": now})
    annonce = load_annonce(timezone.localdate(now))
    if annonce and annonce.jour <= timezone.localdate(now):
        purger(Extension.installed().durees_of(Cadence.AN), now=now)
        Passage.objects.get_or_create(job=annonce.job_faite, defaults={"done_at": now})


def purger(
    lesquelles: list[Duree], *, now: datetime, simuler: bool = False, fait: Callable[[], object] = int
) -> list[tuple[Duree, Counter[str]]]:
    """Erase the rows that have passed their retention time, for each of these kinds of data (`lesquelles`); return how
    many rows of each kind were erased, by model: a kind that lost none is there with an empty count. Each kind that
    lost some is written to the journal as it ends; an error stops the kinds after it, and what was erased stays so.

    With `simuler`, the counts are what would go: nothing stays erased and nothing is written to the journal. `fait` is
    called after each batch.
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
