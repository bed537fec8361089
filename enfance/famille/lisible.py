"""Own data in words, for the page that is read and printed: what the file holds, value by value. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from portail.dates import date_heure_annee, heure_texte, jour_annee

LONGUE = 5  # lines: what is longer is folded


@dataclass(frozen=True)
class DonneesLues:
    """One table of the file: a single row has a line a field, several have a line each, without what is empty. `brutes`
    names what is left to the file: values kept as another register or a page gave them, which are no sentences.
    """

    titre: str
    lignes: list[list[tuple[str, str]]]
    brutes: list[str]

    @property
    def seule(self) -> list[tuple[str, str]]:
        """The fields of the row when it is the only one, else an empty list."""
        return self.lignes[0] if len(self.lignes) == 1 else []

    @property
    def longue(self) -> bool:
        """Whether the table has more than five rows, so that the page folds it."""
        return len(self.lignes) > LONGUE


def chapitres(donnees: Mapping[str, Any]) -> tuple[list[DonneesLues], list[str]]:
    """The tables of a person's own data in words, and the names of the tables in which nothing is kept. `donnees`: the
    values of the file, by name of the table. What is no list (the commune, the date) is left out.
    """
    parties = {nom: lignes for nom, lignes in donnees.items() if isinstance(lignes, list)}
    pleins = [
        DonneesLues(nom[:1].upper() + nom[1:], [_ligne(ligne) for ligne in lignes], _brutes(lignes))
        for nom, lignes in parties.items()
        if lignes
    ]
    return pleins, [nom for nom, lignes in parties.items() if not lignes]


def _ligne(ligne: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(nom, mots) for nom, valeur in ligne.items() if not is_brute(valeur) and (mots := en_mots(valeur))]


def _brutes(lignes: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(nom for ligne in lignes for nom, valeur in ligne.items() if valeur and is_brute(valeur)))


def is_brute(valeur: Any) -> bool:
    """Whether this value has names and values of its own (a mapping, or a list of them), written for programs and not
    to be read as a sentence.
    """
    if isinstance(valeur, list | tuple):
        return any(map(is_brute, valeur))
    return isinstance(valeur, Mapping)


def en_mots(valeur: Any) -> str:
    """This value in words: « oui », « mardi 8 décembre 2026 à 20 h 41 » (Paris time); a list is joined by commas, None
    is empty.
    """
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, datetime):
        return date_heure_annee(valeur)
    if isinstance(valeur, date):
        return jour_annee(valeur)
    if isinstance(valeur, time):
        return heure_texte(valeur)
    if isinstance(valeur, Iterable) and not isinstance(valeur, str):
        return ", ".join(filter(None, map(en_mots, valeur)))
    return str(valeur)
