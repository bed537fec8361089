"""Whom to call for a child that day: those who answer for it, nobody who may only fetch it. Reads, never writes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Q, QuerySet

from enfance.models import Garde, Responsabilite
from portail.francais import NBSP
from portail.requetes import Requete, liste, places


@dataclass(frozen=True)
class Joignable:
    """Somebody to call, and the number: the mobile one, else that of the home."""

    prenom: str
    nom: str
    numero: str

    def __str__(self) -> str:
        """« Isabelle 06 39 98 02 10 », as a list says it."""
        return f"{self.prenom} {self.numero}".replace(" ", NBSP)


def load_joignables(enfants: Collection[int], jour: date, *, soir: bool) -> dict[int, list[Joignable]]:
    """Those who answer for these children and have a number: first those of the home where the child is that day, or
    in its evening (`soir`); a suspended one never. Two queries, none without children.
    """
    eux = list(enfants)
    if not eux:
        return {}
    foyers: dict[int, set[int]] = {}
    for garde in GARDES({"enfants": eux}, places(eux)):
        if garde.holds(jour, soir):
            foyers.setdefault(garde.enfant_id, set()).add(garde.foyer_id)
    ici: dict[int, list[Joignable]] = {}
    ailleurs: dict[int, list[Joignable]] = {}
    for enfant, foyer, prenom, nom, portable, domicile in RESPONSABLES({"enfants": eux}, places(eux)):
        if numero := portable or domicile:
            cote = ici if foyer in foyers.get(enfant, ()) else ailleurs
            cote.setdefault(enfant, []).append(Joignable(prenom, f"{prenom} {nom}".strip(), numero))
    return {enfant: [*ici.get(enfant, ()), *ailleurs.get(enfant, ())] for enfant in ici.keys() | ailleurs.keys()}


def _build_gardes(enfants: int) -> QuerySet[Garde]:
    eux = liste("enfants", BigIntegerField(), enfants)
    return Garde.objects.filter(enfant__pk__in=eux)


def _build_responsables(enfants: int) -> QuerySet[Any, Any]:
    siens = Q(enfant__pk__in=liste("enfants", BigIntegerField(), enfants), suspendue=False)
    lus = ("foyer", "user__first_name", "user__last_name", "telephone", "telephone_domicile")
    responsabilites = Responsabilite.objects.filter(siens).order_by("responsable__user__tri", "responsable")
    return responsabilites.values_list("enfant", *(f"responsable__{nom}" for nom in lus))


GARDES, RESPONSABLES = Requete(_build_gardes), Requete(_build_responsables)
