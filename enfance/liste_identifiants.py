"""Reads a list of the numbers that parents know from the former portal, a CSV, into plain values. No database.

A bad line is left out with its reason; a file without the three columns is refused whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.identifiants import canonical
from enfance.onde.cles import cle
from enfance.onde.table import Fichier, Refus, read_table

TITRES = {
    "nom": ("Nom", "Nom de famille", "Nom responsable", "Nom du responsable", "Nom du parent"),
    "prenom": ("Prénom", "Prénom responsable", "Prénom du responsable", "Prénom du parent"),
    "identifiant": ("Identifiant", "Identifiant portail", "Login", "Numéro", "N° identifiant"),
}
MONTRE = 40  # characters of a bad value that a sentence quotes


@dataclass(frozen=True)
class LigneIdentifiant:
    """A line of the list: an adult, and the number that they know."""

    ligne: int
    nom: str
    prenom: str
    identifiant: str

    def __str__(self) -> str:
        return f"{self.prenom} {self.nom}"

    @property
    def cle(self) -> tuple[str, str]:
        """Whom it names, case, accents, hyphens and spaces aside."""
        return cle(self.nom), cle(self.prenom)


@dataclass(frozen=True)
class ListeIdentifiants:
    """A list, read. `refus`: the lines that are left out."""

    fichier: str
    lignes: tuple[LigneIdentifiant, ...]
    refus: tuple[Refus, ...] = ()

    def refuse(self, ligne: int, raison: str) -> Refus:
        return Refus(self.fichier, ligne, raison)


def lire(fichier: Fichier) -> ListeIdentifiants:
    """Read the list. Raises ImportRefuse when the file is none, or holds nothing."""
    table = read_table(fichier)
    places = table.places(TITRES, "une liste d’identifiants")
    lignes: list[LigneIdentifiant] = []
    refus: list[Refus] = []
    for numero, cellules in table.lignes:
        try:
            lignes.append(_ligne(numero, table.cellules(cellules, places)))
        except ValueError as error:
            refus.append(Refus(fichier.nom, numero, str(error)))
    if not (lignes or refus):
        raise fichier.refuse("cette liste ne contient aucun identifiant.")
    return ListeIdentifiants(fichier.nom, tuple(lignes), tuple(refus))


def _ligne(numero: int, valeurs: Mapping[str, str]) -> LigneIdentifiant:
    if not (cle(valeurs["nom"]) and cle(valeurs["prenom"])):
        raise ValueError("le nom ou le prénom manque.")
    identifiant = canonical(valeurs["identifiant"])
    if identifiant is None:
        vu = valeurs["identifiant"][:MONTRE]
        raison = f"«\u00a0{vu}\u00a0» n’est pas un identifiant\u00a0: des chiffres, 12 au plus." if vu else ""
        raise ValueError(raison or "l’identifiant manque.")
    return LigneIdentifiant(numero, valeurs["nom"], valeurs["prenom"], identifiant)
