"""The town hall's pages, split by concept as the models are."""

from enfance.admin import agents, annee, ecoles, garderie, inscriptions, personnes, pointages, repas, traces
from enfance.mairie.absences import admin as absences
from enfance.mairie.envois import admin as mairie
from enfance.mairie.fermetures import admin as fermetures
from enfance.mairie.onde import admin as onde

__all__ = [
    "absences",
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
]
