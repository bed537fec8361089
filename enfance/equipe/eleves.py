"""Who may come on a sheet: the pupils of the schools that hold its créneau. Reads, never writes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Exists, OuterRef, Q

from enfance.models import Creneau, Inscription, Scolarite
from enfance.models.annee import ScolariteQuerySet


def eleves_of(jour: date, creneau: Creneau) -> ScolariteQuerySet:
    """The scolarités, one a child, of the pupils of that day whose school holds this créneau, and of those who have a
    place there all the same.
    """
    tenues = Creneau.ecoles.through._default_manager.filter(creneau=creneau)
    inscrits = Inscription.objects.active().filter(jour=jour, creneau=creneau, enfant=OuterRef("enfant"))
    eleves: ScolariteQuerySet = Scolarite.objects.on(jour)
    return eleves.filter(Q(ecole__in=tenues.values("ecole")) | ~Exists(tenues) | Exists(inscrits))


def noms_of(jour: date, creneau: Creneau, enfants: Collection[int]) -> dict[int, str]:
    """The names of those of these children who may come on this sheet, by primary key; of no other."""
    siens = eleves_of(jour, creneau).filter(enfant__in=enfants).select_related("enfant")
    return {scolarite.enfant_id: str(scolarite.enfant) for scolarite in siens}
