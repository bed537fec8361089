"""The models, split by concept: people, the year, the garderie, what is booked there."""

from enfance.models.annee import (
    AnneeScolaire,
    Classe,
    Conge,
    Scolarite,
    classe_du_jour,
    ecole_du_jour,
    load_calendrier,
    of_ecoles,
)
from enfance.models.creneaux_passes import HeuresPassees, PlacesPassees
from enfance.models.decomptes import Decompte, FoyerCompte
from enfance.models.ecoles import Affectation, Ecole, Niveau
from enfance.models.garderie import Creneau, EnfantReste, Fermeture, RegleDelai
from enfance.models.indisponibilites import Indisponibilite
from enfance.models.inscriptions import Enregistrement, EtatInscription, Evenement, Inscription
from enfance.models.mairie import Actualite, ImportOnde, Message, ReglageCantine
from enfance.models.personnes import (
    DemandeAutorisation,
    Enfant,
    Foyer,
    Garde,
    PersonneAutorisee,
    Responsabilite,
    Responsable,
    load_responsable,
)
from enfance.models.pointage import AdultesPresents, Appel, EcartVu, Geste, Pointage
from enfance.models.recapitulatifs import Recapitulatif, RecapitulatifEnfant
from enfance.models.remises import RemiseEnfant
from enfance.models.repas import EvenementRepas, ListeRepas, Repas
from enfance.models.semaines import MomentType, SemaineType
from enfance.models.vie import Absence, DemandeRappel, FermetureLue, Rappel

__all__ = [
    "EtatInscription",
    "Absence",
    "Actualite",
    "Affectation",
    "AnneeScolaire",
    "AdultesPresents",
    "Appel",
    "Classe",
    "Conge",
    "Creneau",
    "Decompte",
    "DemandeAutorisation",
    "DemandeRappel",
    "EcartVu",
    "Ecole",
    "Enfant",
    "EnfantReste",
    "Enregistrement",
    "Evenement",
    "EvenementRepas",
    "Fermeture",
    "FermetureLue",
    "Foyer",
    "FoyerCompte",
    "Garde",
    "Geste",
    "HeuresPassees",
    "ImportOnde",
    "Indisponibilite",
    "Inscription",
    "ListeRepas",
    "Message",
    "MomentType",
    "Niveau",
    "PersonneAutorisee",
    "PlacesPassees",
    "Pointage",
    "Rappel",
    "ReglageCantine",
    "Recapitulatif",
    "RecapitulatifEnfant",
    "RegleDelai",
    "RemiseEnfant",
    "Repas",
    "Responsabilite",
    "Responsable",
    "Scolarite",
    "SemaineType",
    "classe_du_jour",
    "ecole_du_jour",
    "load_calendrier",
    "load_responsable",
    "of_ecoles",
]
