"""Who may come on a sheet: the pupils of the schools that hold its créneau; how they are said. Reads, never writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date

from django.db.models import Exists, OuterRef, Q

from enfance.models import Creneau, Enfant, Inscription, Scolarite
from enfance.models.annee import ScolariteQuerySet


def eleves_of(jour: date, creneau: Creneau) -> ScolariteQuerySet:
    """The pupils who may come to this créneau on that day, as scolarités, one a child: those of the schools that hold
    it, and those who are booked for it, or wait for it, all the same.
    """
    tenues = Creneau.ecoles.through._default_manager.filter(creneau=creneau)
    inscrits = Inscription.objects.active().filter(jour=jour, creneau=creneau, enfant=OuterRef("enfant"))
    eleves: ScolariteQuerySet = Scolarite.objects.on(jour)
    return eleves.filter(Q(ecole__in=tenues.values("ecole")) | ~Exists(tenues) | Exists(inscrits))


def noms_of(jour: date, creneau: Creneau, enfants: Collection[int]) -> dict[int, str]:
    """The names, by primary key, of the children, among these, who may come to this créneau on that day; with the class
    where another pupil of its schools has the same name. Two queries.
    """
    eleves = eleves_of(jour, creneau)
    siens = list(eleves.filter(enfant__in=enfants).select_related("enfant", "classe"))
    tris = eleves.filter(enfant__tri__in={s.enfant.tri for s in siens}).order_by().values_list("enfant__tri", flat=True)
    homonymes = {tri for tri, n in Counter(tris).items() if n > 1}
    return {
        s.enfant_id: f"{s.enfant} ({s.classe or s.get_niveau_display()})"
        if s.enfant.tri in homonymes
        else str(s.enfant)
        for s in siens
    }


def e_of(sexe: str) -> str:
    """The « e » that « parti », « remis » or « inscrit » takes for a girl; empty for any other `sexe`."""
    return "e" if sexe == Enfant.Sexe.FILLE else ""
