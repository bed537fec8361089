"""Own data in words, for the page that is read and printed: what the file holds, value by value. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from portail.dates import PARIS, heure_texte, jour_annee
from portail.francais import NBSP

RIEN = "non renseigné"
NOMS = {  # of the fields that ONDE gave, where the file has those of the table
    "last_name": "nom",
    "first_name": "prénom",
    "email": "e-mail",
    "civilite": "civilité",
    "telephone": "téléphone portable",
    "telephone_domicile": "téléphone du domicile",
    "telephone_travail": "téléphone du travail",
    "prenom": "prénom",
    "date_naissance": "date de naissance",
}


@dataclass(frozen=True)
class DonneesLues:
    """One table of the file: a single row has a line a field, several have a line each, without what is empty."""

    titre: str
    lignes: list[list[tuple[str, str]]]

    @property
    def seule(self) -> list[tuple[str, str]]:
        return self.lignes[0] if len(self.lignes) == 1 else []


def chapitres(donnees: Mapping[str, Any]) -> tuple[list[DonneesLues], list[str]]:
    """What is kept, and the names of the tables in which nothing is."""
    parties = {nom: lignes for nom, lignes in donnees.items() if isinstance(lignes, list)}
    pleins = [DonneesLues(nom[:1].upper() + nom[1:], _lignes(lignes)) for nom, lignes in parties.items() if lignes]
    return pleins, [nom for nom, lignes in parties.items() if not lignes]


def _lignes(lignes: list[dict[str, Any]]) -> list[list[tuple[str, str]]]:
    if len(lignes) == 1:
        return [[(nom, en_mots(valeur) or RIEN) for nom, valeur in lignes[0].items()]]
    return [[(nom, mots) for nom, valeur in ligne.items() if (mots := en_mots(valeur))] for ligne in lignes]


def en_mots(valeur: Any) -> str:
    """« oui », « mardi 8 décembre 2026 à 20 h 41 » (Paris time); empty for nothing."""
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, datetime):
        local = valeur.astimezone(PARIS)
        return f"{jour_annee(local)} à {heure_texte(local.time())}"
    if isinstance(valeur, date):
        return jour_annee(valeur)
    if isinstance(valeur, time):
        return heure_texte(valeur)
    if isinstance(valeur, Mapping):
        return ", ".join(f"{NOMS.get(nom, nom)}{NBSP}: {mots}" for nom, un in valeur.items() if (mots := en_mots(un)))
    if isinstance(valeur, Iterable) and not isinstance(valeur, str):
        return ", ".join(filter(None, map(en_mots, valeur)))
    return str(valeur)
