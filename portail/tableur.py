"""Tables that a spreadsheet in French opens as they are, and takes no text of for a formula (VAL-07)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from itertools import batched, chain
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

# What begins a formula, East Asian signs included; blanks may stand before, as LibreOffice trims them when it is told
# to (« Ajuster les espaces ») and others of their own accord. Some blanks alone begin another cell or line.
FORMULE = re.compile(r"[\t\r\n\0]|\s*[=+\-@＝＋－＠]")

LOT = 1000  # rows of a piece
LONG = 5_000  # rows of a table that is held whole before it leaves
XLSX_MAX = 50_000  # rows of a workbook: each is held whole, to know how wide its columns are

FORMATS = ("csv", "xlsx")
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def defuse(cell: Any) -> Any:
    """This cell of a table, with an apostrophe before a text that a spreadsheet would take for a formula. A letter or a
    figure begins no formula: nearly every cell of a long table is told by its first sign."""
    return f"'{cell}" if isinstance(cell, str) and not cell[:1].isalnum() and FORMULE.match(cell) else cell


def _written(cell: Any) -> Any:
    """The cell as a CSV has it: a `Decimal` is a number with a comma, even below 0, that a spreadsheet adds up."""
    return f"{cell:f}".replace(".", ",") if isinstance(cell, Decimal) else defuse(cell)


def to_csv(titres: Sequence[str], lignes: Iterable[Iterable[Any]]) -> str:
    """This table as a CSV for a French spreadsheet: semicolons, CRLF, and a mark that says UTF-8; dates as ISO 8601,
    `Decimal` as numbers with a comma."""
    return "".join(csv_blocks(titres, lignes))


def csv_blocks(titres: Sequence[str], lignes: Iterable[Iterable[Any]]) -> Iterator[str]:
    """This table as a CSV for a French spreadsheet, in pieces of 1000 rows, so that a table of any length is never held
    whole."""
    yield "\ufeff"
    for lot in chain([[titres]], batched(([_written(cell) for cell in ligne] for ligne in lignes), LOT)):
        texte = io.StringIO()
        csv.writer(texte, delimiter=";").writerows(lot)
        yield texte.getvalue()


@dataclass(frozen=True)
class TableSortante:
    """A table that goes out as a file of this name. Its rows, so many, may come one by one."""

    nom: str  # of the file, without its format
    feuille: str  # the one sheet of a workbook
    titres: Sequence[str]
    lignes: Iterable[Iterable[Any]]
    nombre: int

    @classmethod
    def of(cls, nom: str, feuille: str, titres: Sequence[str], lignes: Collection[Iterable[Any]]) -> TableSortante:
        """The table to export, from rows that are already in memory."""
        return cls(nom, feuille, titres, lignes, len(lignes))

    def to_file(self, forme: str) -> HttpResponseBase:
        """The answer that downloads this table as a file, `forme` being one of `FORMATS`. A long CSV is sent while it
        is read; a workbook may have `XLSX_MAX` rows: the caller has checked it."""
        response: HttpResponseBase
        if forme == "xlsx":
            response = HttpResponse(to_xlsx(self.feuille, self.titres, self.lignes), content_type=XLSX)
        elif self.nombre > LONG:
            response = StreamingHttpResponse(csv_blocks(self.titres, self.lignes), content_type=CSV)
        else:
            response = HttpResponse(to_csv(self.titres, self.lignes), content_type=CSV)
        response["Content-Disposition"] = f'attachment; filename="{self.nom}.{forme}"'
        return response


def to_xlsx(nom: str, titres: Sequence[str], lignes: Iterable[Iterable[Any]]) -> bytes:
    """This table as a workbook (XLSX) of one sheet of the name `nom`, whose titles stay in sight; dates and times are
    true ones, that a spreadsheet sorts, and `Decimal` are numbers that it adds up.

    The library that writes it is loaded with the first workbook: ten mebibytes, which a process that makes none does
    without.
    """
    contenu: bytes = import_module("portail.classeurs_ecrits").ecrire(nom, titres, lignes)
    return contenu
