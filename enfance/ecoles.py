"""The schools of the commune for whoever asks: those of an agent, the one that nobody has to name."""

from __future__ import annotations

from typing import Any

from django.apps import apps as here
from django.apps.registry import Apps
from django.contrib.auth.models import Group
from django.core.management.color import no_style
from django.db import connections
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from enfance.models.ecoles import PREMIERE, Ecole, EcoleQuerySet
from portail.groupes import CANTINE, EQUIPE

SUR_PLACE = (EQUIPE, CANTINE)  # the groups whose agents work in some schools; the others see the town


def plusieurs() -> bool:
    """Whether the town has more than one school: only then does a page, a mail or a command say a word of them."""
    return Ecole.objects.count() > 1


def ecoles_of(agent: User) -> EcoleQuerySet:
    """The schools whose children this agent sees, in their order; one query, when it is read.

    All of them for the town hall, and for everybody while there is one school. Where there are several, an agent of the
    team or of the canteen alone, or of no group, sees those where an `Affectation` says that they work: else none.
    """
    ecoles: EcoleQuerySet = Ecole.objects.all()
    if agent.is_superuser:
        return ecoles
    mairie = Exists(Group.objects.filter(user=agent.pk).exclude(name__in=SUR_PLACE))
    seule = ~Exists(Ecole.objects.exclude(pk=OuterRef("pk")))
    return ecoles.filter(Q(mairie) | Q(seule) | Q(pk__in=Ecole.objects.of_agent(agent).order_by().values("pk")))


def make_first_school(*, using: str, apps: Apps = here, **kwargs: Any) -> None:
    """Make the school that every database has, in one that was just emptied. After `migrate` and `flush`."""
    try:
        Ecole = apps.get_model("enfance", "Ecole")  # noqa: N806 (of the migration that was just reached)
    except LookupError:
        return
    ecoles = Ecole._default_manager.using(using)
    if not ecoles.exists():
        ecoles.create(pk=PREMIERE, nom="École", code="ecole")
        ops = connections[using].ops
        ops.execute_sql_flush(ops.sequence_reset_sql(no_style(), [Ecole]))
