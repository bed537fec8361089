"""Reads a workbook (XLSX) as the CSV that its first sheet would be. Nothing in it is run: a formula stays its text."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any

from openpyxl import load_workbook

from portail.tables import Fichier, check_taille

ZIP = b"PK\x03\x04"
DECOMPRESSE_MAX = 40_000_000  # bytes; the longest list that is read weighs about 15 million
PIECES_MAX = 200
COLONNES_MAX = 50


def en_csv(fichier: Fichier, lignes_max: int) -> Fichier:
    """The same list as a CSV, line by line, dates as JJ/MM/AAAA; a file that is no workbook, as it is.

    Raises ImportRefuse for an archive that is none, or that would swell beyond what a list weighs. `lignes_max`: how
    many lines are read at most, and one more.
    """
    if not fichier.contenu.startswith(ZIP):
        return fichier
    check_taille(fichier.nom, len(fichier.contenu))
    _check_archive(fichier)
    texte = io.StringIO()
    try:
        with warnings.catch_warnings(action="ignore"):  # of styles and extensions that are not read
            csv.writer(texte, delimiter=";").writerows(_lignes(fichier.contenu, lignes_max))
    except Exception:  # whatever a broken workbook makes of its reader
        raise fichier.refuse(ABIME) from None
    return Fichier(fichier.nom, texte.getvalue().encode())


ABIME = (
    "c’est une archive ou un classeur abîmé, pas un classeur XLSX\u00a0: ouvrez-le dans votre tableur, puis "
    "«\u00a0Enregistrer sous\u00a0», au format XLSX ou CSV."
)


def _check_archive(fichier: Fichier) -> None:
    """Refuse an archive that holds too much, or declares entities, before anything of it is unpacked in memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(fichier.contenu)) as archive:
            pieces = archive.infolist()
            if len(pieces) > PIECES_MAX or sum(piece.file_size for piece in pieces) > DECOMPRESSE_MAX:
                raise fichier.refuse("ce classeur contient bien trop de choses pour une liste de repas.")
            if any(b"<!DOCTYPE" in archive.read(piece)[:4096] for piece in pieces if piece.filename.endswith(".xml")):
                raise fichier.refuse(ABIME)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        raise fichier.refuse(ABIME) from None


def _lignes(contenu: bytes, lignes_max: int) -> Iterator[list[str]]:
    """The lines of the first sheet, as far as titles and `lignes_max` lines, and one more."""
    classeur = load_workbook(io.BytesIO(contenu), read_only=True, keep_links=False)
    feuille = classeur.worksheets[0]
    feuille.reset_dimensions()  # what the file says of its size is not believed
    for ligne in feuille.iter_rows(max_row=lignes_max + 2, max_col=COLONNES_MAX, values_only=True):
        yield [_texte(valeur) for valeur in ligne]


def _texte(valeur: Any) -> str:
    if valeur is None:
        return ""
    if isinstance(valeur, date):  # a date with an hour too
        return f"{valeur:%d/%m/%Y}"
    if isinstance(valeur, float) and valeur.is_integer():
        valeur = int(valeur)
    return " ".join(str(valeur).split("\n"))
