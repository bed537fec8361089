"""Families that save at once."""

from __future__ import annotations

from datetime import date, datetime

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Inscription
from enfance.regles import Acteur, Cle
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.factories import (
    ResponsableFactory,
    make_enfant,
)

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
LUNDI_7 = date(2026, 12, 7)


def box(enfant, creneau="soir", jour=LUNDI_7):
    return Cle(enfant.pk, jour, creneau)


def save(responsable, voulus, now=NOW):
    acteur = Acteur.parent(responsable)
    return lambda: enregistrer([Changement(cle, voulu) for cle, voulu in voulus.items()], acteur, now=now)


def set_places(n):
    Creneau.objects.update(places=n)


def counts():
    lignes = Inscription.objects.values_list("etat", flat=True)
    return {etat: list(lignes).count(etat) for etat in set(lignes)}


def make_families(n):
    families = []
    for _ in range(n):
        parent = ResponsableFactory()
        families.append((parent, make_enfant(parent)))
    return families


def ranks(enfants, jour=LUNDI_7):
    situation = load_situation(Acteur.mairie(0), jour, jour, now=NOW, enfants=[enfant.pk for enfant in enfants])
    return sorted(situation.rangs.values())
