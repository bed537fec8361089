"""Look for a child who came without being registered, to put it on a sheet. Reads, never writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from accounts.search import fold
from enfance.ecoles import nom_ecole
from enfance.equipe.eleves import eleves_of
from enfance.equipe.enfants import load_enfants
from enfance.equipe.fiche import classe_of
from enfance.models import Creneau

TROUVES = 20


@dataclass(frozen=True)
class Trouve:
    """A pupil that a search found; `deja` on the sheet."""

    pk: int
    nom: str
    classe: str
    deja: bool


def chercher(texte: str, jour: date, creneau: Creneau) -> list[Trouve]:
    """The pupils who may come to this créneau on that day and whose name holds each word of `texte`, accents and case
    set aside; the first twenty by name.
    """
    eleves: QuerySet[Any] = eleves_of(jour, creneau).select_related("enfant", "classe").annotate(lieu=nom_ecole())
    for mot in fold(texte).split():
        eleves = eleves.filter(enfant__tri__icontains=mot)
    deja = {enfant.pk for enfant in load_enfants(jour, creneau)}
    trouves = eleves.order_by("enfant__tri", "enfant")[:TROUVES]
    return [Trouve(s.enfant_id, str(s.enfant), classe_of(s), s.enfant_id in deja) for s in trouves]
