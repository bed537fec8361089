"""The rules of an inscription: who acts, what is known, what stands in the way. Pure.

A `Situation` is all that the rules may know, read once by `enfance.situation.load_situation`: nothing here asks the
database or the clock. Rules return values and sentences for the reader; not booleans, not exceptions.
"""

from enfance.regles import cles
from enfance.regles.acteur import MOTIF_REPAS, Acteur
from enfance.regles.cles import REPAS, Cle
from enfance.regles.ecarts import Ecart, desaccord, ecart
from enfance.regles.lignes import FermetureVue, InscriptionLue, ListeVue
from enfance.regles.obstacles import (
    CODES_JOUR,
    REGLES,
    obstacles_depart,
    obstacles_for,
    obstacles_jour,
    ouverture_phrase,
    planning_ouverture_phrase,
    tardif_of,
)
from enfance.regles.payeurs import Payeur, SansPayeur, foyers_with_garde, payeur, payeur_of_booking
from enfance.regles.pendants import cle_suivie, pendant, pendant_type
from enfance.regles.situation import (
    Action,
    Limites,
    Obstacle,
    Regle,
    Situation,
    SupplementTardif,
    Tardive,
    limite_of,
    regle,
    report_of,
)

__all__ = [
    "CODES_JOUR",
    "MOTIF_REPAS",
    "REGLES",
    "REPAS",
    "Acteur",
    "Action",
    "Cle",
    "Ecart",
    "FermetureVue",
    "InscriptionLue",
    "Limites",
    "ListeVue",
    "Obstacle",
    "Payeur",
    "Regle",
    "SansPayeur",
    "Situation",
    "SupplementTardif",
    "Tardive",
    "cle_suivie",
    "cles",
    "desaccord",
    "ecart",
    "foyers_with_garde",
    "limite_of",
    "obstacles_depart",
    "obstacles_for",
    "obstacles_jour",
    "ouverture_phrase",
    "payeur",
    "payeur_of_booking",
    "pendant",
    "pendant_type",
    "planning_ouverture_phrase",
    "regle",
    "tardif_of",
    "report_of",
]
