"""The first sheet of a workbook (XLSX), as text. `portail.classeurs` alone loads this, and openpyxl with it.

Forty kilobytes may unfold into gigabytes (VAL-15). It is openpyxl that reads, but it opens no part of the archive that
was not measured first: so its trees are no larger than a list makes them.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet.formula import ArrayFormula

from portail.archives import TROP, ArchiveMesuree, Demesure
from portail.tables import COLONNES_MAX, LIGNES_MAX, TAILLE_MAX, TROP_DE_COLONNES, TROP_DE_LIGNES

VIDE = (None,) * (COLONNES_MAX + 1)
RANGS = 1_048_576  # rows of a sheet, in every spreadsheet


def texte_of(contenu: bytes) -> bytes:
    """The first sheet of this workbook (XLSX) as a CSV in UTF-8; blank lines are kept so that each line has the number
    that its author sees. Raises Demesure when it holds more than a list; other errors for what is no workbook."""
    archive = ArchiveMesuree(contenu)
    lecteur = _Lecteur(io.BytesIO(contenu), read_only=True, keep_links=False)
    lecteur.archive = archive
    lecteur.read()
    feuille = lecteur.wb.worksheets[0]
    feuille.reset_dimensions()  # what the file says of its size is not believed
    texte = io.StringIO()
    table = csv.writer(texte, delimiter=";")
    ecrites = 0
    for numero, ligne in enumerate(feuille.iter_rows(max_row=RANGS, max_col=len(VIDE), values_only=True), 1):
        if ligne == VIDE or not (cellules := _cellules(ligne)):
            continue
        if numero > LIGNES_MAX + 1:
            raise Demesure(TROP_DE_LIGNES)
        texte.write("\r\n" * (numero - ecrites - 1))
        table.writerow(cellules)
        ecrites = numero
        if texte.tell() > TAILLE_MAX:  # one text, said once, may stand in every cell
            raise Demesure(TROP)
    return texte.getvalue().encode()


def _cellules(ligne: tuple[Any, ...]) -> list[str]:
    cellules = [_cellule(valeur) for valeur in ligne]
    while cellules and not cellules[-1]:
        cellules.pop()
    if len(cellules) > COLONNES_MAX:
        raise Demesure(TROP_DE_COLONNES)
    return cellules


def _cellule(valeur: Any) -> str:
    """What its author reads in a cell; of a number that is no date, the number."""
    if valeur is None:
        return ""
    if isinstance(valeur, date):  # a date with an hour too
        return f"{valeur:%d/%m/%Y}"
    if isinstance(valeur, ArrayFormula):
        valeur = valeur.text
    elif isinstance(valeur, float) and valeur.is_integer():
        valeur = int(valeur)
    return str(valeur).replace("\n", " ")


class _Lecteur(ExcelReader):  # type: ignore[misc]  # openpyxl has no types
    """The reader of openpyxl, of the first sheet of cells alone: no chart, no other sheet, no name of an area."""

    def read_worksheets(self) -> None:
        """Read the first sheet of cells alone, and no name of an area."""
        feuilles = self.parser.find_sheets()
        self.parser.sheets = [next(feuille for feuille, lien in feuilles if "chartsheet" not in lien.Type)]
        self.parser.defined_names.definedName = []
        super().read_worksheets()
