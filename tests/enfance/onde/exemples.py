"""A small fictional school in the two layouts that ONDE has in the wild, to be changed by each test."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace

from enfance.onde.lecture import Extraction, lire
from portail.tables import Fichier

ELEVES_INE = (
    "Nom élève;Nom d'usage élève;Prénom élève;Date naissance;Sexe;INE;Adresse1;Cp1;Commune1;Pays1;Adresse2;Cp2;"
    "Commune2;Pays2; Cycle;Niveau;Libellé classe;Identifiant classe;Attestation fournie;Autorisation associations;"
    "Autorisation photo;Décision de passage"
)
ELEVES_CLASSE = (
    "Nom Elève;Nom d'usage Elève;Prénom Elève;Date naissance;Sexe;Adresse1;Cp1;Commune1;Pays1;Adresse2;Cp2;Commune2;"
    "Pays2;Cycle;Niveau;Classe;Attestation fournie;Autorisations associations;Autorisations photos;Décision de passage"
)
RESPONSABLES = (
    "Civilité Responsable;Nom usage responsable;Nom responsable;Prénom responsable;Adresse responsable;CP responsable;"
    "Commune responsable;Pays;Courriel;Téléphone domicile;Téléphone travail;{poste}Téléphone portable"
)
GROUPE = ";Nom d'usage enfant;Nom de famille enfant;Prénom enfant;Classes enfants"
PETITS, MOYENS, GRANDS = "PS-MS Mme Sorbier", "CP-CE1 M. Érable", "CM1-CM2 Mme Saule"


@dataclass(frozen=True)
class E:
    """A line of the pupils' file."""

    nom: str
    prenom: str
    naissance: str
    niveau: str
    classe: str
    ine: str = ""
    usage: str = ""

    def cite(self) -> tuple[str, str, str, str]:
        return self.usage, self.nom, self.prenom, self.classe


@dataclass(frozen=True)
class A:
    """A line of the responsables' file."""

    civilite: str
    nom: str
    prenom: str
    adresse: str
    courriel: str
    portable: str
    enfants: tuple[tuple[str, str, str, str], ...]
    usage: str = ""
    poste: str = ""
    travail: str = ""


LEA = E("MOREL", "Léa", "14/03/2019", "CE1", MOYENS, "0600000001A")
TOM = E("MOREL", "Tom", "02/10/2022", "MS", PETITS, "0600000002B")
ANNE = E("LEFÈVRE", "Anne-Sophie", "27/11/2017", "CM1", GRANDS, "0600000003C")
JULES = E("LEFORT", "Jules", "08/06/2016", "CM2", GRANDS, "0600000004D")
AUTRES = [
    E("DUBOIS", f"Prénom{lettre}", f"0{rang}/05/2020", "CP", MOYENS, f"060000010{rang}E")
    for rang, lettre in enumerate("ABCDEFGH", start=1)
]
ECOLE = [LEA, TOM, ANNE, JULES, *AUTRES]

CAMILLE = A(
    "MME", "MOREL", "Camille", "12 chemin des Tilleuls", "camille@courriel.example", "06 39 98 00 01",
    (LEA.cite(), TOM.cite()),
)  # fmt: skip
KARIM = A(
    "M.", "MOREL", "Karim", "12 ch. des tilleuls", "karim@courriel.example", "0639980002", (LEA.cite(), TOM.cite())
)
HELENE = A(
    "MME", "CHARRIER", "Hélène", "3 place de l’Église", "", "06.39.98.00.03",
    (("", "LEFEVRE", "ANNE SOPHIE", GRANDS),), usage="LEFÈVRE",
)  # fmt: skip
NADIA = A("MME", "BERGER", "Nadia", "5 rue du Moulin", "nadia@courriel.example", "0639980004", (JULES.cite(),))
PAUL = A("M.", "LEFORT", "Paul", "8 route d’Izeron", "paul@courriel.example", "0639980005", (JULES.cite(),))
DUBOIS = A(
    "M.", "DUBOIS", "Rémi", "1 impasse du Lavoir", "remi@courriel.example", "0639980006",
    tuple(enfant.cite() for enfant in AUTRES),
)  # fmt: skip
ADULTES = [CAMILLE, KARIM, HELENE, NADIA, PAUL, DUBOIS]


def change(liste: list, ancien: object, **champs: object) -> list:
    """The same list with one of its lines changed."""
    return [replace(ligne, **champs) if ligne == ancien else ligne for ligne in liste]


def texte_eleves(enfants: Iterable[E] = ECOLE, *, ine: bool = True) -> str:
    lieu = ["12 chemin des Tilleuls", "38160", "SAINT SAUVEUR", "FRANCE", "", "", "", ""]
    lignes = [(ELEVES_INE if ine else ELEVES_CLASSE).split(";")]
    for e in enfants:
        debut = [e.nom, e.usage, e.prenom, e.naissance, "F", *([e.ine] if ine else []), *lieu]
        fin = ["CYCLE II", e.niveau, e.classe, *(["10001"] if ine else []), "Oui", "Non", "Oui", ""]
        lignes.append(debut + fin)
    return _texte(lignes)


def texte_responsables(adultes: Iterable[A] = ADULTES, *, poste: bool = False) -> str:
    adultes = list(adultes)
    largeur = max((len(a.enfants) for a in adultes), default=1)
    lignes = [(RESPONSABLES.format(poste="Numéro de poste;" if poste else "") + GROUPE * largeur).split(";")]
    for a in adultes:
        cites = [cellule for enfant in a.enfants for cellule in enfant]
        lieu = ["38160", "SAINT SAUVEUR", "FRANCE"]
        telephones = ["", a.travail, *([a.poste] if poste else []), a.portable]
        ligne = [a.civilite, a.usage, a.nom, a.prenom, a.adresse, *lieu, a.courriel, *telephones, *cites]
        lignes.append(ligne + [""] * (len(lignes[0]) - len(ligne)))
    return _texte(lignes)


def _texte(lignes: list[list[str]]) -> str:
    texte = io.StringIO()
    csv.writer(texte, delimiter=";", lineterminator="\r\n").writerows([*lignes, [""] * len(lignes[0])])
    return f"{texte.getvalue()}\r\n"


def fichier_eleves(texte: str | bytes | None = None, encodage: str = "cp1252") -> Fichier:
    return _fichier("eleves.csv", texte_eleves() if texte is None else texte, encodage)


def fichier_responsables(texte: str | bytes | None = None, encodage: str = "cp1252") -> Fichier:
    return _fichier("responsables.csv", texte_responsables() if texte is None else texte, encodage)


def _fichier(nom: str, texte: str | bytes, encodage: str) -> Fichier:
    return Fichier(nom, texte if isinstance(texte, bytes) else texte.encode(encodage))


def extraction(enfants: Iterable[E] = ECOLE, adultes: Iterable[A] = ADULTES, *, ine: bool = True) -> Extraction:
    """Both files, read: cp1252 with INE, or UTF-8 with BOM without."""
    encodage = "cp1252" if ine else "utf-8-sig"
    return lire(
        fichier_eleves(texte_eleves(enfants, ine=ine), encodage),
        fichier_responsables(texte_responsables(adultes, poste=not ine), encodage),
    )
