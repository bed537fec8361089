"""The models, split by concept: people, the year, the garderie, what is booked there."""

from enfance.models.annee import AnneeScolaire, Classe, Conge, Niveau, Scolarite, load_calendrier
from enfance.models.garderie import Creneau, Fermeture, RegleDelai
from enfance.models.inscriptions import Enregistrement, Evenement, Inscription
from enfance.models.personnes import Enfant, Foyer, Garde, PersonneAutorisee, Responsabilite, Responsable

__all__ = [
    "AnneeScolaire",
    "Classe",
    "Conge",
    "Creneau",
    "Enfant",
    "Enregistrement",
    "Evenement",
    "Fermeture",
    "Foyer",
    "Garde",
    "Inscription",
    "Niveau",
    "PersonneAutorisee",
    "RegleDelai",
    "Responsabilite",
    "Responsable",
    "Scolarite",
    "load_calendrier",
]
