"""The town hall's pages, split by concept as the models are."""

from enfance.admin import (
    agents,
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
    "agents",
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
