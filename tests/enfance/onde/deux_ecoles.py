"""The files of ONDE of two schools."""

from __future__ import annotations

from dataclasses import replace

from enfance.onde.importation import importer
from tests.enfance.onde.ecole import NOW
from tests.enfance.onde.exemples import (
    ADULTES,
    CAMILLE,
    ECOLE,
    KARIM,
    LEA,
    PETITS,
    TOM,
    A,
    E,
    change,
    extraction,
)
from tests.factories import AnneeFactory

ELEMENTAIRE = [e for e in ECOLE if e is not TOM]
PARENTS = change(change(ADULTES, CAMILLE, enfants=(LEA.cite(),)), KARIM, enfants=(LEA.cite(),))
NOE = E("DUBOIS", "Noé", "17/06/2021", "GS", PETITS, "0600000020P")
MIA = E("BERGER", "Mia", "11/01/2023", "PS", PETITS, "0600000021Q")
MATERNELLE = [TOM, NOE, MIA]
REMI = A("M.", "DUBOIS", "Rémi", "1 impasse du Lavoir", "remi@courriel.example", "0639980006", (NOE.cite(),))
LINA = A("MME", "BERGER", "Lina", "7 rue Basse", "lina@courriel.example", "0639980017", (MIA.cite(),))
PARENTS_MATERNELLE = [
    replace(CAMILLE, enfants=(TOM.cite(),)),
    replace(KARIM, adresse="12 Chemin des Tilleuls", enfants=(TOM.cite(),)),
    REMI,
    LINA,
]


def run_elementaire(ecole, enfants=ELEMENTAIRE, adultes=PARENTS, *, annee=None, **options):
    return importer(extraction(enfants, adultes), annee or AnneeFactory(), ecole, now=NOW, **options)


def run_maternelle(ecole, enfants=MATERNELLE, adultes=PARENTS_MATERNELLE, *, annee=None, **options):
    """In the other layout, without INE."""
    return importer(extraction(enfants, adultes, ine=False), annee or AnneeFactory(), ecole, now=NOW, **options)


LEA_PETITE = replace(LEA, classe=PETITS)  # in the file of the other school as well
AVEC_LEA = [
    *(replace(a, enfants=(*a.enfants, LEA_PETITE.cite())) for a in PARENTS_MATERNELLE[:2]),
    *PARENTS_MATERNELLE[2:],
]
