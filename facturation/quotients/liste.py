"""Reads a list of quotients, a CSV, into plain values. No database.

A payer is named by the identifiant of an adult, or by the family name and the first name of a child. A bad line is left
out with its reason; a file without its columns is refused whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from accounts.identifiants import canonical
from facturation.models import Quotient
from portail.cles import cle, mots
from portail.tables import MONTRE, Fichier, Liste, read_table

TITRES = {
    "quotient": ("Quotient", "Quotient familial", "QF", "Valeur"),
    "identifiant": ("Identifiant", "Identifiant portail", "Login"),
    "nom": ("Nom", "Nom de famille", "Nom de l’enfant", "Nom enfant"),
    "prenom": ("Prénom", "Prénom de l’enfant", "Prénom enfant"),
    "debut": ("À partir du", "Date de début", "Début", "Compte du"),
    "source": ("Source", "Organisme"),
    "vu_le": ("Attestation vue le", "Vue le", "Vu le"),
}
FACULTATIVES = TITRES.keys() - {"quotient"}
MAXIMUM = 99_999


@dataclass(frozen=True)
class LigneQuotient:
    """A line: a payer, by an identifiant or by a child's names, and its quotient. None where the list does not say."""

    ligne: int
    identifiant: str
    nom: str
    prenom: str
    valeur: int
    source: str | None
    debut: date | None
    vu_le: date | None

    def __str__(self) -> str:
        return self.identifiant or f"{self.prenom} {self.nom}"

    @property
    def cle(self) -> tuple[str, str]:
        """The name and first name of the child that this line names, without case, accents, hyphens nor spaces, to
        compare them.
        """
        return cle(self.nom), cle(self.prenom)


ListeQuotients = Liste[LigneQuotient]


def lire(fichier: Fichier) -> ListeQuotients:
    """The lines of this list of quotients (CSV), with the refused ones. Raises ImportRefuse when the file is no such
    list, or holds nothing.
    """
    table = read_table(fichier)
    places = table.places(TITRES, "une liste de quotients", FACULTATIVES)
    if "identifiant" not in places and not {"nom", "prenom"} <= places.keys():
        raise fichier.refuse("il y faut l’identifiant d’un adulte, ou le nom et le prénom d’un enfant.")
    return table.liste(places, _ligne, "cette liste ne contient aucun quotient.")


def _ligne(numero: int, valeurs: Mapping[str, str]) -> LigneQuotient:
    dit = valeurs.get("identifiant", "")
    identifiant = canonical(dit) if dit else ""
    if identifiant is None:
        raise ValueError(f"«\u00a0{dit[:MONTRE]}\u00a0» n’est pas un identifiant\u00a0: des chiffres, 12 au plus.")
    nom, prenom = valeurs.get("nom", ""), valeurs.get("prenom", "")
    if not identifiant and not (cle(nom) and cle(prenom)):
        raise ValueError("ni identifiant, ni nom et prénom d’un enfant.")
    return LigneQuotient(
        numero,
        identifiant,
        nom,
        prenom,
        _valeur(valeurs["quotient"]),
        _source(valeurs.get("source", "")),
        _debut(valeurs.get("debut", "")),
        _jour(valeurs.get("vu_le", "")),
    )


def _valeur(text: str) -> int:
    if not text:
        raise ValueError("le quotient manque\u00a0: inconnu n’est pas 0.")
    digits = re.sub(r"[\s\u00a0\u202f]", "", text)
    if not re.fullmatch(r"[0-9]{1,9}(?:[.,]0{1,2})?", digits) or int(re.split(r"[.,]", digits)[0]) > MAXIMUM:
        raise ValueError(
            f"«\u00a0{text[:MONTRE]}\u00a0» n’est pas un quotient\u00a0: un nombre entier, de 0 à 99\u202f999."
        )
    return int(re.split(r"[.,]", digits)[0])


def _source(text: str) -> str | None:
    if not text:
        return None
    dit = mots(text)
    trouvees = [code for code, mot in (("caf", "caf"), ("msa", "msa"), ("impot", "impot")) if mot in dit]
    if len(trouvees) != 1:
        noms = ", ".join(nom for code, nom in Quotient.Source.choices if code != Quotient.Source.API)
        raise ValueError(f"«\u00a0{text[:MONTRE]}\u00a0» n’est pas une source\u00a0: {noms}.")
    return trouvees[0]


def _debut(text: str) -> date | None:
    jour = _jour(text)
    if jour and jour.day != 1:
        raise ValueError(f"un quotient compte à partir du premier d’un mois, pas du {jour:%d/%m/%Y}.")
    return jour


def _jour(text: str) -> date | None:
    if not text:
        return None
    for forme in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, forme).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise ValueError(f"«\u00a0{text[:MONTRE]}\u00a0» n’est pas une date\u00a0: écrivez 01/12/2026.")
