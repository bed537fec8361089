"""Reads a list of the numbers that parents know from the former portal, a CSV, into plain values. No database.

A bad line is left out with its reason; a file without the three columns is refused whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.identifiants import canonical
from portail.cles import cle
from portail.tables import MONTRE, Fichier, Liste, read_table

TITRES = {
    "nom": ("Nom", "Nom de famille", "Nom responsable", "Nom du responsable", "Nom du parent"),
    "prenom": ("Prénom", "Prénom responsable", "Prénom du responsable", "Prénom du parent"),
    "identifiant": ("Identifiant", "Identifiant portail", "Login", "Numéro", "N° identifiant"),
}


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
        """The surname and the first name of the line as they are compared: case, accents, hyphens and spaces aside."""
        return cle(self.nom), cle(self.prenom)


ListeIdentifiants = Liste[LigneIdentifiant]


def lire(fichier: Fichier) -> ListeIdentifiants:
    """Read a CSV list of the numbers that parents know from the former portal. A bad line is left out, with its reason.
    Raises ImportRefuse when the file is no such list, or holds no number.
    """
    table = read_table(fichier)
    places = table.places(TITRES, "une liste d’identifiants")
    return table.liste(places, _ligne, "cette liste ne contient aucun identifiant.")


def _ligne(numero: int, valeurs: Mapping[str, str]) -> LigneIdentifiant:
    if not (cle(valeurs["nom"]) and cle(valeurs["prenom"])):
        raise ValueError("le nom ou le prénom manque.")
    identifiant = canonical(valeurs["identifiant"])
    if identifiant is None:
        vu = valeurs["identifiant"][:MONTRE]
        raison = f"«\u00a0{vu}\u00a0» n’est pas un identifiant\u00a0: des chiffres, 12 au plus." if vu else ""
        raise ValueError(raison or "l’identifiant manque.")
    return LigneIdentifiant(numero, valeurs["nom"], valeurs["prenom"], identifiant)
