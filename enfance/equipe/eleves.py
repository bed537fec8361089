"""Who may come on a sheet: the pupils of the schools that hold its créneau; how they are said. Reads, never writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date

from django.db.models import Exists, OuterRef, Q

from enfance.models import Creneau, Enfant, Inscription, Scolarite
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
    """The names of those of these children who may come on this sheet, by primary key; of no other. One that another
    pupil of the sheet’s schools has too is said with the class. Two queries.
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
    """What « parti », « remis » or « inscrit » takes to agree with a girl."""
    return "e" if sexe == Enfant.Sexe.FILLE else ""
