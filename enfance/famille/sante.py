"""What is noted of a child's health: read with a right of its own, and each reading kept (ADM-03)."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest

from accounts import journal
from enfance.models import Enfant

RIGHT = "enfance.view_sante"


def sees_sante(request: HttpRequest) -> bool:
    """Whether this request's account has the right to read what is noted of children's health."""
    return request.user.has_perm(RIGHT)


def with_sante(enfants: Iterable[Enfant]) -> list[int]:
    """The primary keys of the children, among these, of whom a PAI (even one that is over) or a health instruction is
    noted.
    """
    return [enfant.pk for enfant in enfants if enfant.pai or enfant.consigne]


def keep_lecture(request: HttpRequest, enfants: Iterable[int]) -> None:
    """Write to the journal that this agent is being shown the health notes of these children (primary keys): who and of
    whom, never what.
    """
    for enfant in enfants:
        journal.event("health_read", user=request.user.pk, request=request, child=enfant)
