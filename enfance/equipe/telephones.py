"""Whom to call for a child that day: those who answer for it, nobody who may only fetch it. Reads, never writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from enfance.models import Responsabilite, Responsable
from enfance.situation import load_gardes
from portail.francais import NBSP


@dataclass(frozen=True)
class Joignable:
    """Somebody to call, and the number (`numero_of`)."""

    prenom: str
    nom: str
    numero: str

    def __str__(self) -> str:
        """« Isabelle 06 39 98 02 10 », as a list says it."""
        return f"{self.prenom} {self.numero}".replace(" ", NBSP)


def load_parents(enfants: Collection[int]) -> dict[int, list[Responsable]]:
    """The adults who answer for each of these children (responsabilité not suspended), by child (primary key), in the
    order of their names.
    """
    responsabilites = Responsabilite.objects.filter(enfant__in=enfants, suspendue=False)
    parents: dict[int, list[Responsable]] = {}
    for lien in responsabilites.select_related("responsable__user").order_by("responsable__user__tri", "responsable"):
        parents.setdefault(lien.enfant_id, []).append(lien.responsable)
    return parents


def numero_of(parent: Responsable) -> str:
    """The telephone number to call first for this parent: mobile, else home, else work; empty when the town hall has
    none.
    """
    return parent.telephone or parent.telephone_domicile or parent.telephone_travail


def load_joignables(
    parents: Mapping[int, Sequence[Responsable]], jour: date, *, soir: bool
) -> dict[int, list[Joignable]]:
    """Whom to call for each child that day: those of these `parents` (by child) who have a number, first those of the
    home where the child is that day, or in its evening (`soir`).

    A child with nobody to call is left out. One query, none without children.
    """
    foyers: dict[int, set[int]] = {}
    for garde in load_gardes(parents):
        if garde.holds(jour, soir):
            foyers.setdefault(garde.enfant_id, set()).add(garde.foyer_id)
    joignables = {}
    for enfant, siens in parents.items():
        ici = sorted(filter(numero_of, siens), key=lambda parent: parent.foyer_id not in foyers.get(enfant, ()))
        if ici:
            joignables[enfant] = [Joignable(un.user.first_name, str(un), numero_of(un)) for un in ici]
    return joignables
