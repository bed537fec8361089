"""Reads the association's list of meals, a CSV, into plain values. No database.

The list is kept by hand in a spreadsheet: columns are found by their titles, in any order. A bad line is left out with
its reason, and the others are good; a file that is not a list of meals is refused whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from portail.cles import cle
from portail.tables import MONTRE, Fichier, Liste, read_table

TITRES = {
    "nom": ("Nom", "Nom de famille", "Nom enfant", "Nom de l’enfant", "Nom élève", "Nom de l’élève"),
    "prenom": ("Prénom", "Prénom enfant", "Prénom de l’enfant", "Prénom élève", "Prénom de l’élève"),
    "date": ("Date", "Date du repas", "Date repas", "Jour", "Jour du repas"),
    "classe": ("Classe", "Libellé classe", "Classe de l’enfant", "Niveau"),
}
FACULTATIVES = {"classe"}
LIGNES_MAX = 20_000  # a whole school for most of a year


@dataclass(frozen=True)
class LigneRepas:
    """A line of the list: the child as the association names it, and the day of its meal."""

    ligne: int
    nom: str
    prenom: str
    classe: str
    jour: date

    def __str__(self) -> str:
        return f"{self.prenom} {self.nom}"


ListeLue = Liste[LigneRepas]


def lire(fichier: Fichier) -> ListeLue:
    """Read the list. Raises ImportRefuse when the file is none, or holds no meal."""
    table = read_table(fichier)
    if len(table.lignes) > LIGNES_MAX:
        raise fichier.refuse(f"plus de {LIGNES_MAX} lignes\u00a0: envoyez la liste en plusieurs périodes.")
    places = table.places(TITRES, "une liste de repas", FACULTATIVES)
    return table.liste(places, _ligne, "cette liste ne contient aucun repas.")


def _ligne(numero: int, valeurs: Mapping[str, str]) -> LigneRepas:
    if not (cle(valeurs["nom"]) and cle(valeurs["prenom"])):
        raise ValueError("le nom ou le prénom manque.")
    jour = _jour(valeurs["date"])
    return LigneRepas(numero, valeurs["nom"], valeurs["prenom"], valeurs.get("classe", ""), jour)


def _jour(texte: str) -> date:
    for modele in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(texte, modele).date()  # noqa: DTZ007 (a date has no zone)
        except ValueError:
            continue
    raise ValueError(f"«\u00a0{texte[:MONTRE]}\u00a0» n’est pas une date (JJ/MM/AAAA).")
