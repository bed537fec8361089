"""The only writer of the silences of the portal: proposed by itself, declared, put aside, taken back.

A declared silence is read with the calendar: from then on every page, mail and rule has the deadlines that it moves.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from enfance.inscriptions import count_in_time
from enfance.mairie.silences.lecture import EffetSilence, load_effet
from enfance.models import Indisponibilite, load_calendrier
from enfance.silences import Silence

MINUTE = timedelta(minutes=1)


def proposer(du: datetime, au: datetime) -> None:
    """Keep that nothing of the portal answered from `du` to `au`, in whole minutes around, for the town hall to say
    whether it was an outage. Nothing is kept of what a declared silence covers.
    """
    du = du.replace(second=0, microsecond=0)
    au = au.replace(second=0, microsecond=0) + (MINUTE if au.second or au.microsecond else timedelta())
    if not Indisponibilite.objects.standing().filter(du__lte=du, au__gte=au).exists():
        Indisponibilite.objects.create(du=du, au=au)


def declarer(
    silence: Silence, proposition: Indisponibilite | None = None, *, par: int, now: datetime
) -> tuple[Indisponibilite, EffetSilence]:
    """Declare that the portal did not answer, for the agent `par` (primary key): the row, of this proposition where it
    says so, with the hours as the agent corrected them; and what that moved. What a parent booked late meanwhile is in
    time.
    """
    avant = load_calendrier()
    ligne = proposition or Indisponibilite()
    ligne.du, ligne.au, ligne.declaree_par_id, ligne.declaree_le = silence.du, silence.au, par, now
    ligne.save()
    effet = load_effet(avant, load_calendrier(), silence)
    return ligne, replace(effet, a_temps=count_in_time(effet.reportees))


def ecarter(pk: int) -> bool:
    """Put aside what the portal proposed (primary key): it was no outage. False when it has its answer already."""
    return bool(Indisponibilite.objects.proposed().filter(pk=pk).update(ecartee=True))


def retirer(indisponibilite: Indisponibilite, *, now: datetime) -> EffetSilence | None:
    """Take back a silence declared by mistake: its deadlines are again what they were, and what was written meanwhile
    stays. What that moves back (`avant`: what it becomes again); None when it was taken back already.
    """
    avant = load_calendrier()
    if not Indisponibilite.objects.standing().filter(pk=indisponibilite.pk).update(retiree_le=now):
        return None
    return load_effet(load_calendrier(), avant, indisponibilite.silence)
