"""The schools of the commune for whoever asks: those of an agent, the one that nobody has to name."""

from __future__ import annotations

from typing import Any

from django.apps import apps as here
from django.apps.registry import Apps
from django.core.management.color import no_style
from django.db import connections

from enfance.models.ecoles import PREMIERE


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
