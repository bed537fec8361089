"""A CSV file cut into named columns, or refused with a reason: exports of ONDE, and lists kept by hand.

A spreadsheet may have saved the file again: encoding and separator are recognised, never assumed. Nothing of a school
is known here but the titles that `lecture` asks for.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from portail.cles import mots
from portail.signes import invisibles

# A file is bounded before it is cut, and as it is (VAL-15): a few megabytes of separators would be millions of cells.
TAILLE_MAX = 5_000_000  # bytes; a school of 220 pupils weighs about 60,000
LIGNES_MAX = 20_000  # under the titles: the meals of a whole school for most of a year
COLONNES_MAX = 200  # four a child in a file of ONDE
CASES_MAX = 500_000  # blank lines counted for one
NOM_MAX = 100  # signs of what is read as a name, or as less
TROP_DE_LIGNES = f"plus de {LIGNES_MAX // 1000}\u202f000 lignes\u00a0: envoyez la liste en plusieurs fois."
TROP_DE_COLONNES = f"plus de {COLONNES_MAX} colonnes\u00a0: ce n’est pas une liste."
TROP_DE_CASES = f"plus de {CASES_MAX // 1000}\u202f000 cases, vides comprises\u00a0: ce n’est pas une liste."
CLASSEURS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")
MONTRE = 40  # characters of a bad value that a sentence quotes
BLANCS = re.compile(r"[^\S\x1c-\x1f\x85\u2028\u2029]+")  # those that a keyboard or a spreadsheet makes
ILLISIBLE = re.compile(r"[^\x00-\x7fÀÂÇÉÈÊËÎÏÔÙÛÜàâçéèêëîïôùûüœ’°\xa0\ufeff]|\ufffd")


@dataclass(frozen=True)
class LigneRefusee:
    """What was refused: the file, the line (None for the whole file) and why, for a secretary."""

    fichier: str
    ligne: int | None
    raison: str

    def __str__(self) -> str:
        lieu = self.fichier if self.ligne is None else f"{self.fichier}, ligne {self.ligne}"
        return f"{lieu} : {self.raison}"


class ImportRefuse(Exception):
    """The import is refused; nothing is written."""

    def __init__(self, *refus: LigneRefusee) -> None:
        super().__init__("\n".join(map(str, refus)))
        self.refus = refus


@dataclass(frozen=True)
class Fichier:
    """A file as it was given: its name for the reader, its bytes."""

    nom: str
    contenu: bytes

    @classmethod
    def open(cls, chemin: Path) -> Fichier:
        """Read a file of the disk; its size is checked first, so that a huge one is never read. Raises ImportRefuse
        when it cannot be read or is too large."""
        try:
            if chemin.is_file():
                check_taille(chemin.name, chemin.stat().st_size)
                return cls(chemin.name, chemin.read_bytes())
            raison = "c’est un dossier, pas un fichier." if chemin.is_dir() else "ce fichier n’existe pas."
        except OSError as error:
            raison = f"ce fichier ne peut pas être lu ({error.strerror})."
        raise ImportRefuse(LigneRefusee(str(chemin), None, raison))

    @classmethod
    def received(cls, envoi: UploadedFile[Any]) -> Fichier:
        """The file that a form has sent; its size is checked first. Raises ImportRefuse when it is too large."""
        nom = str(envoi.name)[-200:]
        check_taille(nom, envoi.size or 0)
        return cls(nom, envoi.read())

    def refuse(self, raison: str, ligne: int | None = None) -> ImportRefuse:
        """The exception, to be raised, that refuses this file for this reason, at this line if it is given."""
        return ImportRefuse(LigneRefusee(self.nom, ligne, raison))

    def decode(self) -> str:
        """The text of the file: UTF-8 with or without BOM, else cp1252, the encoding of ONDE. Raises ImportRefuse when
        it is too large, is no text, or has titles that cannot be read."""
        check_taille(self.nom, len(self.contenu))
        if self.contenu.startswith(CLASSEURS):
            raise self.refuse(
                "c’est une archive ou un classeur, pas un fichier CSV. Prenez le fichier tel qu’il vous est donné."
            )
        for encodage in ("utf-8-sig", "cp1252"):
            try:
                texte = self.contenu.decode(encodage)
            except UnicodeDecodeError:
                continue
            if "\0" in texte or ILLISIBLE.search(titres(texte)):
                break
            return texte
        raise self.refuse(
            "les accents sont illisibles : le fichier a été enregistré dans un autre encodage. "
            "Reprenez le fichier d’origine, ou enregistrez-le au format « CSV UTF-8 »."
        )


def check_taille(nom: str, taille: int) -> None:
    """Raise ImportRefuse when the size of the file of this name, in bytes, is more than a list can have (5 MB)."""
    if taille > TAILLE_MAX:
        raison = f"{taille / 1e6:.0f} Mo, c’est trop pour une école (5 Mo au plus) : ce n’est pas le bon fichier."
        raise ImportRefuse(LigneRefusee(nom, None, raison))


def check_signes(*valeurs: str) -> None:
    """Raise ValueError when one of these values has a sign that shows nothing: a name that holds one passes for
    another."""
    for valeur in valeurs:
        signes = set(invisibles(valeur))
        if signes:
            vu = "".join(signe for signe in valeur if signe not in signes)[:MONTRE]
            codes = ", ".join(sorted(f"U+{ord(signe):04X}" for signe in signes))
            raise ValueError(f"un signe invisible ({codes}) dans «\u00a0{vu}\u00a0»\u00a0: retapez cette case.")


def check_noms(*valeurs: str) -> None:
    """Raise ValueError when one of these values has more than 100 characters, or a sign that shows nothing."""
    for valeur in valeurs:
        if len(valeur) > NOM_MAX:
            raise ValueError(f"une case de plus de {NOM_MAX} caractères\u00a0: «\u00a0{valeur[:MONTRE]}…\u00a0».")
    check_signes(*valeurs)


def titres(texte: str) -> str:
    """The line of titles of a CSV text: the first line that holds something; empty when none does."""
    return next((ligne for ligne in io.StringIO(texte, None) if ligne.strip(";, \t\r\n\ufeff")), "").strip("\n")


@dataclass(frozen=True)
class Role:
    """What a file is for: its name, a title that the other file never has, its columns, those that it may lack."""

    nom: str
    marque: str
    colonnes: Mapping[str, tuple[str, ...]]
    facultatives: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Liste[L]:
    """A list kept by hand, read: its good lines. `refus`: those that are left out."""

    fichier: str
    lignes: tuple[L, ...]
    refus: tuple[LigneRefusee, ...] = ()

    def refuse(self, ligne: int, raison: str) -> LigneRefusee:
        """What says that the line of this number is refused for this reason."""
        return LigneRefusee(self.fichier, ligne, raison)


@dataclass(frozen=True)
class Table:
    """A file cut into cells. `lignes` are (line number, cells); blank lines are gone."""

    fichier: Fichier
    entetes: list[str]
    lignes: list[tuple[int, list[str]]]

    def colonnes(self, role: Role, autre: Role) -> dict[str, int]:
        """The place of each column of a file of ONDE, by its name in `role`; one that the file may lack, and lacks, has
        no key. Raises ImportRefuse when a required column is missing, or when the file is the other one of the pair,
        which `autre` describes."""
        if mots(role.marque) not in self.entetes and mots(autre.marque) in self.entetes:
            raise self.fichier.refuse(
                f"c’est le fichier des {autre.nom}, pas celui des {role.nom} : les deux fichiers sont inversés."
            )
        places = {}
        for nom, libelles in role.colonnes.items():
            rangs = [self.entetes.index(mots(libelle)) for libelle in libelles if mots(libelle) in self.entetes]
            if rangs:
                places[nom] = rangs[0]
        manques = [nom for nom in role.colonnes if nom not in places and nom not in role.facultatives]
        if len(manques) > 3:
            raise self.fichier.refuse(
                f"ce n’est pas le fichier des {role.nom} d’ONDE : les titres des colonnes n’y sont pas."
            )
        if manques:
            noms = ", ".join(f"« {role.colonnes[nom][0]} »" for nom in manques)
            raise self.fichier.refuse(f"il manque la colonne {noms}.")
        return places

    def places(
        self, titres: Mapping[str, tuple[str, ...]], quoi: str, facultatives: Collection[str] = ()
    ) -> dict[str, int]:
        """The place of each column of a list kept by hand, by its name in `titres`, which gives the titles that it may
        have; one of `facultatives` that is missing has no key. Raises ImportRefuse when one that is not in
        `facultatives` is missing; `quoi` says what the list should be."""
        places = {}
        for nom, libelles in titres.items():
            rangs = [self.entetes.index(mots(libelle)) for libelle in libelles if mots(libelle) in self.entetes]
            if rangs:
                places[nom] = rangs[0]
        manques = [libelles[0] for nom, libelles in titres.items() if nom not in places and nom not in facultatives]
        if manques:
            noms = ", ".join(f"«\u00a0{titre}\u00a0»" for titre in manques)
            raison = f"ce n’est pas {quoi}\u00a0: il y faut une première ligne de titres, et il manque {noms}."
            raise self.fichier.refuse(raison)
        return places

    def cellules(self, cellules: list[str], places: Mapping[str, int]) -> dict[str, str]:
        """The values of a line of a list kept by hand, by name of their column, blank where the line is short. Raises
        ValueError, with a French sentence, when the line has too many cells or a bad value."""
        largeur = len(self.entetes)
        if any(cellules[largeur:]):
            raise ValueError(f"{len(cellules)} colonnes au lieu de {largeur}\u00a0: un séparateur de trop, sans doute.")
        valeurs = {nom: (cellules + [""] * largeur)[place] for nom, place in places.items()}
        check_noms(*valeurs.values())
        return valeurs

    def liste[L](self, places: Mapping[str, int], lire: Callable[[int, Mapping[str, str]], L], vide: str) -> Liste[L]:
        """The list that `lire` makes of the lines, from the number and the values of each; a line for which it raises
        ValueError is left out with that reason. Raises ImportRefuse, for the reason `vide`, when there is no line."""
        lignes: list[L] = []
        refus: list[LigneRefusee] = []
        for numero, cellules in self.lignes:
            try:
                lignes.append(lire(numero, self.cellules(cellules, places)))
            except ValueError as error:
                refus.append(LigneRefusee(self.fichier.nom, numero, str(error)))
        if not (lignes or refus):
            raise self.fichier.refuse(vide)
        return Liste(self.fichier.nom, tuple(lignes), tuple(refus))

    def groupes(self, libelles: Mapping[str, str]) -> list[dict[str, int]]:
        """The groups of columns that repeat under the same titles (a spreadsheet may have numbered them): for each
        group, the place of each column by its name. Raises ImportRefuse when a title is missing or not repeated as
        often as the others."""
        titres = [entete.rstrip("0123456789 ") for entete in self.entetes]
        rangs = {nom: [i for i, titre in enumerate(titres) if titre == mots(texte)] for nom, texte in libelles.items()}
        nombres = {len(places) for places in rangs.values()}
        if nombres == {0} or len(nombres) > 1:
            noms = ", ".join(f"« {texte} »" for texte in libelles.values())
            raise self.fichier.refuse(f"les colonnes des enfants sont incomplètes : il faut {noms}, autant de fois.")
        return [dict(zip(rangs, places, strict=True)) for places in zip(*rangs.values(), strict=True)]

    def check_longueurs(self, entieres: Collection[int], minimum: int) -> None:
        """Raise ImportRefuse for the lines that are cut or shifted, all of them at once.

        A spreadsheet leaves out the empty cells at the end of a line. So a short line is good when what it holds is
        whole: at least `minimum` cells, or a number of them that is one of `entieres`.
        """
        attendu = len(self.entetes)
        if self.lignes:  # every line may end with a separator that the titles lack
            attendu = max(attendu, min(len(cellules) for _, cellules in self.lignes))
        refus = []
        for ligne, cellules in self.lignes:
            n = len(cellules)
            if n > attendu:
                raison = f"{n} colonnes au lieu de {attendu} : un « ; » de trop, sans doute dans une adresse."
            elif n < min(minimum, len(self.entetes)) and n not in entieres:
                raison = f"ligne tronquée, {n} colonnes au lieu de {attendu}."
            else:
                continue
            refus.append(LigneRefusee(self.fichier.nom, ligne, raison))
        if refus:
            raise ImportRefuse(*refus)


def read_table(fichier: Fichier) -> Table:
    """Cut this file into cells at the separator of its titles: `;` in ONDE, `,` or a tab after some spreadsheets.
    Raises ImportRefuse when it is empty, too large or badly quoted."""
    texte = fichier.decode()
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=max(";,\t", key=titres(texte).count), strict=True)
    lignes: list[tuple[int, list[str]]] = []
    cases = 0
    try:
        for cellules in lecteur:
            cases += len(cellules) or 1
            if len(cellules) > COLONNES_MAX:
                raise fichier.refuse(TROP_DE_COLONNES, lecteur.line_num)
            if cases > CASES_MAX:
                raise fichier.refuse(TROP_DE_CASES, lecteur.line_num)
            if len(lignes) > LIGNES_MAX + 1:
                raise fichier.refuse(TROP_DE_LIGNES)
            propres = [BLANCS.sub(" ", cellule).strip(" \ufeff") for cellule in cellules]
            if any(propres):
                lignes.append((lecteur.line_num, propres))
    except csv.Error:
        raison = "un guillemet est mal fermé : la suite du fichier ne peut pas être découpée."
        raise fichier.refuse(raison, lecteur.line_num) from None
    if len(lignes) > LIGNES_MAX + 1:
        raise fichier.refuse(TROP_DE_LIGNES)
    if not lignes:
        raise fichier.refuse("ce fichier est vide.")
    return Table(fichier, [mots(entete[:NOM_MAX]) for entete in lignes[0][1]], lignes[1:])
