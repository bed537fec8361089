"""Reads the association's list of meals, a workbook or a CSV, into plain values. No database.

The list is kept by hand in a spreadsheet: columns are found by their titles, in any order. A bad line is left out with
its reason, and the others are good; a file that is not a list of meals is refused whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from portail.classeurs import en_csv
from portail.cles import cle, mots
from portail.tables import MONTRE, Fichier, ImportRefuse, LigneRefusee, Liste, read_table, titres

TITRES = {
    "nom": ("Nom", "Nom de famille", "Nom enfant", "Nom de l’enfant", "Nom élève", "Nom de l’élève"),
    "prenom": ("Prénom", "Prénom enfant", "Prénom de l’enfant", "Prénom élève", "Prénom de l’élève"),
    "date": ("Date", "Date du repas", "Date repas", "Jour", "Jour du repas"),
    "classe": ("Classe", "Libellé classe", "Classe de l’enfant", "Niveau"),
}
FACULTATIVES = {"classe"}
TITRES_MONTRES = 12
JOUR = re.compile(r"\b(lundi|mardi|mercredi|jeudi|vendredi|lun|mar|mer|jeu|ven|\d{1,2} \d{1,2}( \d{2,4})?)\b")


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
    """Read the association's list of meals from this file. Raises ImportRefuse when it is no such list, or holds no
    meal.
    """
    fichier = en_csv(fichier)
    table = read_table(fichier)
    try:
        places = table.places(TITRES, "une liste de repas", FACULTATIVES)
    except ImportRefuse as error:
        raise ImportRefuse(*error.refus, *(LigneRefusee(fichier.nom, None, aide) for aide in _aides(fichier))) from None
    return table.liste(places, _ligne, "cette liste ne contient aucun repas.")


def _aides(fichier: Fichier) -> Iterator[str]:
    """What the author of a file that is no list of meals can do about it."""
    lus = [titre.strip(' "\ufeff')[:MONTRE] for titre in re.split("[;,\t]", titres(fichier.decode()))]
    cites = [f"«\u00a0{titre}\u00a0»" for titre in lus if titre]
    suite = "…" if len(cites) > TITRES_MONTRES else "."
    yield f"première ligne lue\u00a0: {', '.join(cites[:TITRES_MONTRES])}{suite}"
    yield (
        "il faut une ligne par enfant et par jour, sous des titres. Exemple\u00a0: Nom, Prénom, Date "
        "puis, à la ligne, Morel, Léa, 07/12/2026."
    )
    if any("naissance" in cle(titre) for titre in lus):
        yield "ce fichier ressemble à une liste d’élèves\u00a0: il ne dit pas quels jours ils mangent."
    elif sum(bool(JOUR.search(mots(titre))) for titre in lus) > 1:
        yield "ce fichier a une colonne par jour\u00a0: mettez la date sur chaque ligne, dans une colonne à elle."
    yield (
        "dans votre logiciel, exportez les repas commandés (ou les réservations) jour par jour, en XLSX ou en CSV, "
        "et non le tableau de la semaine ni la liste des élèves."
    )


def _ligne(numero: int, valeurs: Mapping[str, str]) -> LigneRepas:
    if not (cle(valeurs["nom"]) and cle(valeurs["prenom"])):
        raise ValueError("le nom ou le prénom manque.")
    if any(valeur.startswith("=") for valeur in valeurs.values()):
        raise ValueError("une case contient une formule\u00a0: collez-y sa valeur.")
    jour = _jour(valeurs["date"])
    return LigneRepas(numero, valeurs["nom"], valeurs["prenom"], valeurs.get("classe", ""), jour)


def _jour(texte: str) -> date:
    for modele in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(texte, modele).date()  # noqa: DTZ007 (a date has no zone)
        except ValueError:
            continue
    raise ValueError(f"«\u00a0{texte[:MONTRE]}\u00a0» n’est pas une date (JJ/MM/AAAA).")
