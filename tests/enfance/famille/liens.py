"""The tables that hold something of somebody."""

from __future__ import annotations

from django.apps import apps

from accounts.models import User
from enfance.models import (
    Enfant,
    Foyer,
    Responsable,
)


def linked_to_people():
    """Every model that leads to a person, directly or by another one."""
    linked = {User, Responsable, Enfant, Foyer}
    while found := {
        model
        for model in set(apps.get_models()) - linked
        if any(
            field.related_model in linked
            for field in [*model._meta.fields, *model._meta.many_to_many]
            if field.remote_field
        )
    }:
        linked |= found
    return linked
