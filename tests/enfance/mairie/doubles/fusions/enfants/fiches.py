"""The days of these tests, and what a family books."""

from __future__ import annotations

from datetime import date

from enfance.inscriptions import Changement, enregistrer
from enfance.models import (
    Creneau,
    Inscription,
)
from enfance.regles import Acteur, Cle
from tests.enfance.mairie.doubles.fusions.doubles import NOW

LUNDI_7, MARDI_8, LUNDI_14 = date(2026, 12, 7), date(2026, 12, 8), date(2026, 12, 14)
HIER = date(2026, 12, 2)
NEE = date(2019, 3, 14)
ONDE = {"nom": "MOREL", "nom_usage": "", "prenom": "Léa", "date_naissance": "2019-03-14", "sexe": "f", "ine": ""}


def book(enfant, jour=LUNDI_7, etat="inscrit", creneau="soir", **champs):
    attente = NOW if etat == "attente" else None
    champs = {"attente_depuis": attente} | champs
    creneau = Creneau.objects.get(code=creneau)
    return Inscription.objects.create(enfant=enfant, jour=jour, creneau=creneau, etat=etat, **champs)


def save(parent, enfant, voulu, jour=LUNDI_7, now=NOW):
    return enregistrer([Changement(Cle(enfant.pk, jour, "soir"), voulu)], Acteur.parent(parent), now=now)
