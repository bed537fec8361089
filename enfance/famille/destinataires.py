"""To whom a mail about children goes: the adults who may see them, one mail an address."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from enfance.models import Responsabilite


def adultes_of(enfants: Collection[int] | QuerySet[Any, Any]) -> dict[User, set[int]]:
    """The active accounts with an e-mail address that may see some of these children, each with the children (primary
    keys) that it sees.
    """
    liens = Responsabilite.objects.filter(enfant__in=enfants, suspendue=False, responsable__user__is_active=True)
    vus: dict[User, set[int]] = {}
    for lien in liens.exclude(responsable__user__email="").select_related("responsable__user"):
        vus.setdefault(lien.responsable.user, set()).add(lien.enfant_id)
    return vus


def one_an_address(adultes: Mapping[User, set[int]]) -> list[User]:
    """The accounts to write to among these, those who see most children first: one for each address, and a second one
    at the same address only if it sees a child that the first does not.
    """
    retenus: dict[User, set[int]] = {}
    for user, siens in sorted(adultes.items(), key=lambda item: (-len(item[1]), item[0].pk)):
        connus = [retenus[autre] for autre in retenus if autre.email.lower() == user.email.lower()]
        if not siens <= set().union(*connus):
            retenus[user] = siens
    return list(retenus)
