"""Saving and reading boxes of the planning, as the tests of the writer do, on a Thursday evening of December 2026."""

from datetime import date, datetime

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Inscription
from enfance.regles import Acteur, Cle
from portail.dates import PARIS

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
LUNDI_7, MARDI_8 = date(2026, 12, 7), date(2026, 12, 8)


def box(enfant, creneau="soir", jour=LUNDI_7):
    return Cle(enfant.pk, jour, creneau)


def save(acteur, voulus, now=NOW):
    """Save `{box: state}` for a parent or an actor."""
    acteur = acteur if isinstance(acteur, Acteur) else Acteur.parent(acteur)
    return enregistrer([Changement(cle, voulu) for cle, voulu in voulus.items()], acteur, now=now)


def etats():
    """Every inscription as {(first name, day, créneau): state}."""
    lignes = Inscription.objects.values_list("enfant__prenom", "jour", "creneau__code", "etat")
    return {(prenom, jour, creneau): etat for prenom, jour, creneau, etat in lignes}


def set_places(n, code="soir"):
    Creneau.objects.filter(code=code).update(places=n)
