"""Imports the example school and looks at what came of it."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from enfance.models import (
    Classe,
    Enfant,
    Evenement,
    Foyer,
    Garde,
    Inscription,
    Responsabilite,
    Responsable,
    Scolarite,
)
from enfance.onde.importation import importer
from portail.dates import PARIS
from tests.enfance.onde.exemples import ADULTES, ECOLE, extraction

NOW = datetime(2026, 11, 25, 9, tzinfo=PARIS)


def run(annee, enfants=ECOLE, adultes=ADULTES, *, ine=True, **options):
    return importer(extraction(enfants, adultes, ine=ine), annee, now=NOW, **options)


def comptes(bilan):
    return [(c.crees, len(c.modifies), c.inchanges) for c in (bilan.eleves, bilan.responsables, bilan.foyers)]


def database():
    """Every row that an import may write."""
    modeles = (User, Foyer, Responsable, Enfant, Responsabilite, Garde, Classe, Scolarite, Inscription, Evenement)
    return [list(modele.objects.order_by("pk").values()) for modele in modeles]


def responsable(prenom):
    return Responsable.objects.get(user__first_name=prenom)
