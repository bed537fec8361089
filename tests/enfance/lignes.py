"""One row of each model."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.apps import apps
from django.db import IntegrityError
from django.db.models import Model, UniqueConstraint

from accounts.models import TemporaryPassword
from enfance.models import (
    Inscription,
    RegleDelai,
)
from tests import factories

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=UTC)
JOUR, VEILLE = date(2026, 12, 7), date(2026, 12, 6)
MODELES = [model for app in ("enfance", "accounts") for model in apps.get_app_config(app).get_models()]


def une_regle(**champs) -> RegleDelai:
    return RegleDelai(heure=time(12), **champs)


def une_inscription(**champs) -> Inscription:
    return Inscription(enfant=factories.EnfantFactory(), jour=JOUR, creneau=factories.CreneauFactory(), **champs)


def un_mot_de_passe(**champs) -> TemporaryPassword:
    return TemporaryPassword(digest="0" * 64, created_at=NOW, expires_at=NOW, **champs)


def deux(modele: type[Model], **champs) -> list[Model]:
    return [modele(**champs), modele(**champs)]


def named(model: type[Model], error: IntegrityError) -> set[str]:
    """The constraints that an error speaks of: by name, or by columns, as SQLite does for those of uniqueness."""
    message = str(error)
    return {
        contrainte.name
        for contrainte in model._meta.constraints
        if contrainte.name in message
        or (
            isinstance(contrainte, UniqueConstraint)
            and message
            == "UNIQUE constraint failed: "
            + ", ".join(f"{model._meta.db_table}.{model._meta.get_field(f).column}" for f in contrainte.fields)
        )
    }
