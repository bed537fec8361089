"""A workbook (XLSX) of one sheet, as bytes. `portail.tableur.to_xlsx` alone loads this, and openpyxl with it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from portail.tableur import defuse

SOMME = "#,##0.00"  # each spreadsheet draws it in the words of its reader


def ecrire(nom: str, titres: Sequence[str], lignes: Iterable[Iterable[Any]]) -> bytes:
    """A workbook (XLSX), as bytes, of one sheet of the name `nom`: the titles in bold, which stay in sight, then the
    rows. A `Decimal` shows two decimals, and a text that could be a formula is defused."""
    rangees = list(lignes)
    classeur = Workbook(write_only=True)
    classeur.properties.title, classeur.properties.language = nom, "fr-FR"  # what reads aloud asks for them
    classeur.properties.creator = "Portail famille"
    feuille = classeur.create_sheet(nom)
    feuille.freeze_panes = "A2"
    for n, colonne in enumerate(zip(titres, *rangees, strict=True), 1):
        feuille.column_dimensions[get_column_letter(n)].width = 2 + max(len(str(cell or "")) for cell in colonne)
    feuille.append([_titre(feuille, titre) for titre in titres])
    for ligne in rangees:
        feuille.append([_cellule(feuille, cell) for cell in ligne])
    fichier = io.BytesIO()
    classeur.save(fichier)
    return fichier.getvalue()


def _cellule(feuille: Any, cell: Any) -> Any:
    """The value for a cell of XLSX: without the signs that the format refuses, then defused; an amount shows its two
    decimals.
    """
    if isinstance(cell, Decimal):
        somme = WriteOnlyCell(feuille, cell)
        somme.number_format = SOMME
        return somme
    return defuse(ILLEGAL_CHARACTERS_RE.sub("", cell)) or None if isinstance(cell, str) else cell


def _titre(feuille: Any, titre: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(feuille, titre)
    cell.font = Font(bold=True)
    return cell
