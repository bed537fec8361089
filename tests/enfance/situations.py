"""A situation as the rules see it, built by hand: values only, no database."""

from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime, time

from accounts.models import User
from enfance.models import Creneau, Enfant, Foyer, Garde, RegleDelai, Responsable, Scolarite
from enfance.regles import REGLES, Acteur, Action, Cle, FermetureVue, Limites, Situation, obstacles_for
from portail.dates import PARIS
from tests.enfance.annees import ANNEE_2026, CALENDRIER

LUNDI_7 = date(2026, 12, 7)
SOIR_7 = Cle(1, LUNDI_7, "soir")
FOYER_LEA, FOYER_AUTRE = Foyer(pk=10), Foyer(pk=20)
PARENT = Acteur.parent(Responsable(pk=1, user=User(pk=100), foyer=FOYER_LEA))
AUTRE_PARENT = Acteur.parent(Responsable(pk=2, user=User(pk=200), foyer=FOYER_AUTRE))
MAIRIE = Acteur.mairie(user_id=300)
MAIRIE_MOTIF = Acteur.mairie(user_id=300, motif="appel de la famille")
IMPORT = Acteur.import_onde()

VEILLE_MIDI = RegleDelai(pk=1, genre="jours_ouvres", nombre=1, heure=time(12))
JOUR_MEME = RegleDelai(pk=2, genre="jours", nombre=0, heure=time(7))
SOIR = Creneau(
    pk=3,
    code="soir",
    moment="soir",
    nom="Soir",
    nom_court="soir",
    debut=time(16, 30),
    fin=time(18, 30),
    delai_inscription=VEILLE_MIDI,
)
MATIN = Creneau(
    pk=1,
    code="matin",
    moment="matin",
    nom="Matin",
    nom_court="matin",
    debut=time(7, 30),
    fin=time(8, 30),
    delai_inscription=VEILLE_MIDI,
)


def paris(*args, fold=0):
    return datetime(*args, tzinfo=PARIS, fold=fold)


def toujours(foyer, **champs):
    return Garde(foyer=foyer, rythme="toujours", **champs)


def alternee(foyer, depuis, passage="lundi"):
    return Garde(foyer=foyer, rythme="alternee", depuis=depuis, passage=passage)


def make_situation(**champs):
    """Léa (1), on Thursday 3 December 2026 at 20 h 41: all may be done but what a test changes."""
    defauts = {
        "now": paris(2026, 12, 3, 20, 41),
        "acteur": PARENT,
        "calendrier": CALENDRIER,
        "creneaux": {"matin": MATIN, "soir": SOIR},
        "regles": REGLES,
        "enfants": {1: Enfant(pk=1, prenom="Léa", nom="Morel")},
        "scolarites": {(1, ANNEE_2026.debut): (Scolarite(enfant_id=1, ecole_id=1, classe_id=5),)},
        "gardes": {1: (toujours(FOYER_LEA),)},
    }
    donnes = defauts | champs
    return Situation(limites=Limites(donnes["calendrier"]), **donnes)


def codes(situation, cle=SOIR_7, action=Action.INSCRIRE):
    return [obstacle.code for obstacle in obstacles_for(situation, cle, action)]


def changed(instance, **champs):
    """The same unsaved row with other values."""
    copie = deepcopy(instance)
    for nom, valeur in champs.items():
        setattr(copie, nom, valeur)
    return copie


PARTIELLE = replace(CALENDRIER, annees=(replace(ANNEE_2026, ouverture=None),))
FUTURE = replace(CALENDRIER, annees=(replace(ANNEE_2026, ouverture=date(2026, 12, 4)),))
FERMEE = (FermetureVue(LUNDI_7, LUNDI_7, "formation de l’équipe"),)
COMPLET = {"creneaux": {"soir": changed(SOIR, places=2)}, "occupation": {(LUNDI_7, 3): 2}}
