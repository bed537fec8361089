"""The sheet of an evening, and a line of it."""

from __future__ import annotations

from enfance.equipe.feuille import load_feuille
from enfance.equipe.pointages import enregistrer
from enfance.models import Enfant
from tests.enfance.gate import JEUDI, NOW, inscrire
from tests.factories import (
    StaffFactory,
    make_enfant,
)


def venu(prenom="Léa", creneau="soir", etat="inscrit", **fields) -> Enfant:
    enfant = make_enfant(prenom=prenom, **fields)
    inscrire(enfant, creneau, etat)
    return enfant


def pointer(*gestes, now=NOW):
    enregistrer(gestes, JEUDI, "soir", StaffFactory(first_name="Alix", last_name="Durand"), now=now)


def load(jour=JEUDI, code="soir", now=NOW):
    return load_feuille(jour, code, now=now)


def ligne(feuille=None):
    """The only one."""
    [seule] = (feuille or load()).lignes
    return seule
