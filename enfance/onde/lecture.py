"""Reads the two files that the head teacher exports from ONDE into plain values. No database.

The layouts differ from a school to another: columns are found by their titles. A file that cannot be trusted is refused
whole, each bad line with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from enfance.models import Niveau
from enfance.onde.bilan import signature
from portail.cles import cle, cle_adresse, telephone
from portail.tables import Fichier, ImportRefuse, LigneRefusee, Role, check_noms, check_signes, read_table

ADRESSE_MAX, TELEPHONE_MAX, TRAVAIL_MAX, CODE_POSTAL_MAX = 200, 20, 30, 10

ELEVES = Role(
    "élèves",
    "Nom élève",
    {
        "nom": ("Nom élève",),
        "nom_usage": ("Nom d’usage élève", "Nom usage élève"),
        "prenom": ("Prénom élève",),
        "date_naissance": ("Date naissance", "Date de naissance"),
        "sexe": ("Sexe",),
        "ine": ("INE",),
        "niveau": ("Niveau",),
        "classe": ("Libellé classe", "Classe"),
    },
    frozenset({"nom_usage", "sexe", "ine"}),
)
RESPONSABLES = Role(
    "responsables",
    "Nom responsable",
    {
        "civilite": ("Civilité responsable",),
        "nom_usage": ("Nom usage responsable", "Nom d’usage responsable"),
        "nom": ("Nom responsable", "Nom de famille responsable"),
        "prenom": ("Prénom responsable",),
        "adresse": ("Adresse responsable",),
        "code_postal": ("CP responsable", "Code postal responsable"),
        "commune": ("Commune responsable",),
        "courriel": ("Courriel", "E-mail"),
        "domicile": ("Téléphone domicile",),
        "travail": ("Téléphone travail",),
        "poste": ("Numéro de poste",),
        "portable": ("Téléphone portable",),
    },
    frozenset({"civilite", "nom_usage", "poste", "domicile", "travail"}),
)
ENFANT = {
    "nom_usage": "Nom d’usage enfant",
    "nom": "Nom de famille enfant",
    "prenom": "Prénom enfant",
    "classe": "Classes enfants",
}


@dataclass(frozen=True)
class Eleve:
    """A line of the pupils' file."""

    ligne: int
    nom: str
    nom_usage: str
    prenom: str
    date_naissance: date
    sexe: str
    ine: str
    niveau: str
    classe: str

    def __str__(self) -> str:
        return f"{self.prenom} {self.nom_usage or self.nom}"

    @property
    def identite(self) -> tuple[str, str, str]:
        """The family name (never that in use), the first name and the birth date (ISO 8601) of the pupil as they are
        compared: case, accents, hyphens and spaces aside.
        """
        return cle(self.nom), cle(self.prenom), self.date_naissance.isoformat()

    @property
    def cle(self) -> str:
        """The key of a question about this pupil: the same wherever its line stands in the file."""
        return signature("élève", *self.identite, self.ine)


@dataclass(frozen=True)
class EnfantCite:
    """A child as a line of the responsables' file names it: without INE nor birth date."""

    nom_usage: str
    nom: str
    prenom: str
    classe: str

    def __str__(self) -> str:
        return f"{self.prenom} {self.nom_usage or self.nom}"

    @property
    def cle(self) -> str:
        """What makes this child, as an adult's line names it, the same from a file to another: a digest of its name,
        first name and class.
        """
        return signature("enfant cité", cle(self.nom or self.nom_usage), cle(self.prenom), cle(self.classe))


@dataclass(frozen=True)
class Adulte:
    """A line of the responsables' file, or several that are one adult."""

    ligne: int
    civilite: str
    nom: str
    nom_usage: str
    prenom: str
    adresse: str
    code_postal: str
    commune: str
    courriel: str
    telephone: str
    telephone_domicile: str
    telephone_travail: str
    enfants: tuple[EnfantCite, ...]

    def __str__(self) -> str:
        return f"{self.prenom} {self.last_name}"

    @property
    def cle(self) -> str:
        """The key of a question about this adult: the same wherever the line stands in the file."""
        enfants = sorted(enfant.cle for enfant in self.enfants)
        portable, courriel = self.telephone, self.courriel.casefold()
        return signature("adulte", cle(self.nom), cle(self.prenom), self.cle_adresse, portable, courriel, *enfants)

    @property
    def last_name(self) -> str:
        """The name in use of the adult (`nom_usage`), else the family name."""
        return self.nom_usage or self.nom

    @property
    def noms(self) -> frozenset[str]:
        """The family name and the name in use of the adult as they are compared: case, accents, hyphens and spaces
        aside; an empty one is left out.
        """
        return frozenset({cle(self.nom), cle(self.nom_usage)} - {""})

    @property
    def cle_adresse(self) -> str:
        """The address of the adult as addresses are compared, however they are written; empty when ONDE gives none."""
        return cle_adresse(self.adresse, self.code_postal, self.commune)


@dataclass(frozen=True)
class Extraction:
    """Both files, read. `refus`: lines of the responsables’ file that are left out, values that are left empty."""

    eleves: tuple[Eleve, ...]
    adultes: tuple[Adulte, ...]
    fichier_eleves: str
    fichier_responsables: str
    refus: tuple[LigneRefusee, ...] = ()


def lire(eleves: Fichier, responsables: Fichier) -> Extraction:
    """Read the two files of ONDE, that of the pupils and that of the adults. Raises ImportRefuse with every reason
    found in both.
    """
    lus: list[Any] = []
    refus: list[LigneRefusee] = []
    for lire_fichier, fichier in ((lire_eleves, eleves), (lire_responsables, responsables)):
        try:
            lus.append(lire_fichier(fichier))
        except ImportRefuse as error:
            refus += error.refus
    if refus:
        raise ImportRefuse(*refus)
    (adultes, ecartes) = lus[1]
    return Extraction(lus[0], adultes, eleves.nom, responsables.nom, ecartes)


# --- Pupils ---------------------------------------------------------------------------------------------------------


def lire_eleves(fichier: Fichier) -> tuple[Eleve, ...]:
    """The pupils of ONDE's file. Raises ImportRefuse, with every bad line, when a single one is bad: were it left out,
    its pupil would be taken for gone; also when there is no pupil.
    """
    table = read_table(fichier)
    places = table.colonnes(ELEVES, RESPONSABLES)
    table.check_longueurs((), max(places.values()) + 2)
    eleves: list[Eleve] = []
    refus: list[LigneRefusee] = []
    for ligne, cellules in table.lignes:
        valeurs = {nom: cellules[place] for nom, place in places.items()}
        try:
            eleves.append(_eleve(ligne, valeurs))
        except ValueError as error:
            refus.append(LigneRefusee(fichier.nom, ligne, str(error)))
    refus += _doublons(fichier.nom, eleves)
    if not (eleves or refus):
        refus.append(LigneRefusee(fichier.nom, None, "ce fichier ne contient aucun élève."))
    if refus:
        raise ImportRefuse(*refus)
    return tuple(eleves)


def _eleve(ligne: int, valeurs: Mapping[str, str]) -> Eleve:
    check_noms(*valeurs.values())
    nom, prenom, nom_usage = valeurs["nom"], valeurs["prenom"], valeurs.get("nom_usage", "")
    if not (cle(nom) and cle(prenom)):
        raise ValueError("le nom ou le prénom de l’élève manque.")
    ine = valeurs.get("ine", "").replace(" ", "").upper()
    if ine and not re.fullmatch(r"[0-9]{9}[0-9A-Z][A-Z]", ine):
        raise ValueError(f"l’INE « {ine[:20]} » n’en est pas un.")
    niveaux = {cle(texte): code for code, libelle in Niveau.choices for texte in (code, libelle)}
    niveau = niveaux.get(cle(valeurs["niveau"]))
    if niveau is None:
        raise ValueError(f"le niveau « {valeurs['niveau'][:20]} » n’est pas un niveau de l’école (de PS à CM2).")
    sexe = {"f": "f", "m": "m"}.get(valeurs.get("sexe", "").casefold(), "")
    return Eleve(ligne, nom, nom_usage, prenom, _date(valeurs["date_naissance"]), sexe, ine, niveau, valeurs["classe"])


def _date(texte: str) -> date:
    for modele in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            lue = datetime.strptime(texte, modele).date()  # noqa: DTZ007 (a date has no zone)
        except ValueError:
            continue
        if lue.year >= 1990:
            return lue
    raise ValueError(f"la date de naissance « {texte[:20]} » n’est pas une date (JJ/MM/AAAA).")


def _doublons(fichier: str, eleves: list[Eleve]) -> list[LigneRefusee]:
    """The pupils who are twice in the file: same INE, or same identity unless two INE tell them apart."""
    refus = []
    ines: dict[str, Eleve] = {}
    identites: dict[tuple[str, str, str], Eleve] = {}
    for eleve in eleves:
        if eleve.ine and eleve.ine in ines:
            refus.append(
                LigneRefusee(fichier, eleve.ligne, f"{eleve} a le même INE que la ligne {ines[eleve.ine].ligne}.")
            )
            continue
        autre = identites.get(eleve.identite)
        if autre and not (eleve.ine and autre.ine):
            refus.append(LigneRefusee(fichier, eleve.ligne, f"{eleve} est déjà à la ligne {autre.ligne}."))
        ines[eleve.ine] = identites[eleve.identite] = eleve
    return refus


# --- Adults ---------------------------------------------------------------------------------------------------------


def lire_responsables(fichier: Fichier) -> tuple[tuple[Adulte, ...], tuple[LigneRefusee, ...]]:
    """The adults of ONDE's file, then the lines left out and the e-mails left empty, with the reason of each. Raises
    ImportRefuse when the file is no such list, has a line cut short, or has no line; not when each of its lines is left
    out.
    """
    table = read_table(fichier)
    places = table.colonnes(RESPONSABLES, ELEVES)
    groupes = table.groupes(ENFANT)
    table.check_longueurs({max(groupe.values()) + 1 for groupe in groupes}, len(table.entetes))
    adultes: list[Adulte] = []
    refus: list[LigneRefusee] = []
    for ligne, cellules in table.lignes:
        cellules = cellules + [""] * (len(table.entetes) - len(cellules))
        valeurs = {nom: cellules[place] for nom, place in places.items()}
        enfants = [EnfantCite(**{nom: cellules[place] for nom, place in groupe.items()}) for groupe in groupes]
        try:
            adulte = _adulte(ligne, valeurs, tuple(enfant for enfant in enfants if enfant.nom or enfant.prenom))
        except ValueError as error:
            refus.append(LigneRefusee(fichier.nom, ligne, str(error)))
            continue
        adultes.append(adulte)
        if valeurs["courriel"] and not adulte.courriel:
            raison = f"l’e-mail « {valeurs['courriel'][:60]} » de {adulte} n’est pas une adresse : laissé vide."
            refus.append(LigneRefusee(fichier.nom, ligne, raison))
    if not (adultes or refus):
        raise ImportRefuse(LigneRefusee(fichier.nom, None, "ce fichier ne contient aucun responsable."))
    return tuple(adultes), tuple(refus)


def _adulte(ligne: int, valeurs: Mapping[str, str], enfants: tuple[EnfantCite, ...]) -> Adulte:
    nom, nom_usage, prenom = valeurs["nom"], valeurs.get("nom_usage", ""), valeurs["prenom"]
    cites = [texte for enfant in enfants for texte in astuple(enfant)]
    check_noms(nom, nom_usage, prenom, valeurs["commune"], *cites)
    check_signes(*valeurs.values())
    if not (cle(nom or nom_usage) and cle(prenom)):
        raise ValueError("le nom ou le prénom du responsable manque.")
    if not enfants:
        raise ValueError(f"{prenom} {nom_usage or nom} n’a aucun enfant sur cette ligne.")
    if len(valeurs["adresse"]) > ADRESSE_MAX or len(valeurs["code_postal"]) > CODE_POSTAL_MAX:
        raise ValueError("l’adresse est trop longue.")
    travail, poste = telephone(valeurs.get("travail", "")), valeurs.get("poste", "")
    if travail and poste:
        travail = f"{travail}, poste {poste}"
    return Adulte(
        ligne=ligne,
        civilite={"m": "m", "mr": "m", "mme": "mme", "mlle": "mme"}.get(cle(valeurs.get("civilite", "")), ""),
        nom=nom or nom_usage,
        nom_usage=nom_usage,
        prenom=prenom,
        adresse=valeurs["adresse"],
        code_postal=valeurs["code_postal"],
        commune=valeurs["commune"],
        courriel=_courriel(valeurs["courriel"]),
        telephone=telephone(valeurs["portable"])[:TELEPHONE_MAX],
        telephone_domicile=telephone(valeurs.get("domicile", ""))[:TELEPHONE_MAX],
        telephone_travail=travail[:TRAVAIL_MAX],
        enfants=enfants,
    )


def _courriel(texte: str) -> str:
    try:
        validate_email(texte)
    except ValidationError:
        return ""
    return texte if len(texte) <= 254 else ""
