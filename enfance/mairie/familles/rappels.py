"""The parents who asked for a call: who waits, since when, at which number; answered with the day of the call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User
from enfance.mairie.bureau import rappels_demandes
from enfance.mairie.touches import numeros_of
from enfance.models import DemandeRappel
from portail.dates import PARIS


@dataclass(frozen=True)
class ARappeler:
    """A parent who waits for a call, and their numbers, the mobile first."""

    demande: DemandeRappel
    numeros: list[str]


def load_rappels() -> list[ARappeler]:
    """The parents who wait for a call of the town hall, each with their phone numbers, the oldest request first. One
    query.
    """
    demandes = rappels_demandes().select_related("enfant", "demandee_par__responsable")
    return [ARappeler(demande, numeros_of(demande.demandee_par.responsable)) for demande in demandes]


def repondre(pk: int, agent: User, jour: date | None, *, now: datetime) -> DemandeRappel | None:
    """Note that the parent of this request (primary key) was called on the day `jour`, or today when it is None, in
    Paris time; the request answered. None, and nothing noted, when the request does not wait any more, or when that day
    is before the request or to come. To be called inside a transaction.
    """
    demande = DemandeRappel.objects.waiting().select_for_update(of=("self",)).filter(pk=pk)
    lue = demande.select_related("enfant", "demandee_par").first()
    today = now.astimezone(PARIS).date()
    if lue is None or not lue.demandee_le.astimezone(PARIS).date() <= (jour or today) <= today:
        return None
    lue.rappele_le, lue.repondue_par = jour or today, agent
    lue.save(update_fields=["rappele_le", "repondue_par"])
    return lue
