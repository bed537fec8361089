"""The town hall's pages, split by concept as the models are."""

from enfance.admin import (
    annee,
    ecoles,
    fermetures,
    garderie,
    inscriptions,
    mairie,
    onde,
    personnes,
    pointages,
    repas,
    traces,
    vie,
)

__all__ = [
    "annee",
    "ecoles",
    "fermetures",
    "garderie",
    "inscriptions",
    "mairie",
    "onde",
    "personnes",
    "pointages",
    "repas",
    "traces",
    "vie",
]
