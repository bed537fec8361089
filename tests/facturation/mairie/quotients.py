"""Quotients that are known."""

from __future__ import annotations

from facturation.quotients.ecriture import SaisieQuotient, enregistrer
from tests.facturation.mairie.conftest import LUNDI


def known(responsable, valeur=742, **fields):
    agent = responsable.user_id
    saisie = SaisieQuotient(responsable.foyer_id, valeur, "caf", LUNDI.date(), **fields)
    return enregistrer([saisie], par=agent, now=LUNDI).ecrits[0]
