"""The school that a page or a mail names beside a child, where a family has several."""

from __future__ import annotations

from datetime import date

from django.db.models import F

from accounts.models import User
from enfance.models import Scolarite


def ecoles_of(user: User, today: date) -> dict[int, str]:
    """The name of the school of each child of this account, by primary key; empty when all the children go to the same
    one. One query.
    """
    places = Scolarite.objects.not_over(today).filter(
        enfant__responsabilites__responsable__user=user, enfant__responsabilites__suspendue=False
    )
    debuts = ("annee__debut", F("debut").asc(nulls_first=True))
    noms: dict[int, str] = {}
    for enfant, nom in places.order_by(*debuts).values_list("enfant", "ecole__nom"):
        noms.setdefault(enfant, nom)
    return noms if len(set(noms.values())) > 1 else {}
