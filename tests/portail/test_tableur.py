"""Tables for spreadsheets: no text of theirs becomes a formula (VAL-07)."""

import csv
import io
import re
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings

from portail.tableur import to_csv, to_xlsx

FORMULES = [
    *(f"{start}1+1" for start in "=+-@\t\r\n\0＝＋－＠"),
    *(f"{blanks}=1+1" for blanks in [" ", "   ", "\u00a0", "\u3000", " \t ", "\x0b", "\u2028"]),
]


@pytest.mark.parametrize("texte", FORMULES)
def test_what_begins_a_formula_gets_an_apostrophe(texte):  # VAL-07
    ligne = to_csv(["Nom"], [[texte]])[len("\ufeffNom\r\n") :]

    assert next(csv.reader(io.StringIO(ligne, newline=""), delimiter=";")) == [f"'{texte}"]


@pytest.mark.parametrize("texte", [*FORMULES, "\x01=1+1", "\0=1+1"])
def test_no_cell_of_a_workbook_is_a_formula(texte):  # VAL-07
    (cell,) = openpyxl.load_workbook(io.BytesIO(to_xlsx("Noms", ["Nom"], [[texte]]))).active[2]

    assert cell.data_type == "s"
    assert cell.value.startswith("'") or "=" not in cell.value


@pytest.mark.parametrize("texte", ["Léa", " Léa", "", " ", "Saint-Martin", "l’école", "a=b", "5 rue de l’Été"])
def test_ordinary_text_goes_out_as_it_is(texte):  # VAL-07
    assert to_csv(["Nom"], [[texte, 3]]).splitlines()[1] == f"{texte};3"


def test_files_from_elsewhere_are_opened_by_their_readers_alone():  # VAL-15
    """What cuts a workbook, a table or XML stands where it is bounded: the last two speak with PayFiP."""
    readers = re.compile(
        r"csv\.(reader|DictReader)|load_workbook|ExcelReader|zipfile|expat|ElementTree|lxml|minidom|xml\.sax|zeep"
    )
    apps = [Path(settings.BASE_DIR, app) for app in ["accounts", "conservation", "enfance", "facturation", "portail"]]

    found = {path.name for app in apps for path in app.rglob("*.py") if readers.search(path.read_text("utf-8"))}
    assert found == {"archives.py", "classeurs_lus.py", "tables.py", "soap.py", "echange.py"}


def test_every_table_of_the_portal_is_written_here():  # VAL-07
    writers = re.compile(r"csv\.(writer|DictWriter)|openpyxl|\.export\(\"(csv|xlsx)")
    apps = [Path(settings.BASE_DIR, app) for app in ["accounts", "conservation", "enfance", "facturation", "portail"]]

    found = {path.name for app in apps for path in app.rglob("*.py") if writers.search(path.read_text("utf-8"))}
    assert found == {"tableur.py", "classeurs_ecrits.py", "classeurs_lus.py"}  # the last one only reads


def test_xlsx_says_its_title_and_its_language():  # RGAA 13.3
    properties = openpyxl.load_workbook(io.BytesIO(to_xlsx("Année", ["Mois"], [["septembre"]]))).properties

    assert (properties.title, properties.language, properties.creator) == ("Année", "fr-FR", "Portail famille")


def test_amounts_are_numbers_that_a_spreadsheet_adds_up():
    lignes = [["Berthet", Decimal("50.65")], ["Giraud", Decimal("-24.30")], ["Roche", Decimal("0.00")]]

    feuille = openpyxl.load_workbook(io.BytesIO(to_xlsx("Journal", ["Payeur", "Montant"], lignes))).active

    assert to_csv(["Payeur", "Montant"], lignes).splitlines()[1:] == ["Berthet;50,65", "Giraud;-24,30", "Roche;0,00"]
    assert [(cell.value, cell.data_type, cell.number_format) for cell in feuille["B"][1:]] == [
        (50.65, "n", "#,##0.00"),
        (-24.3, "n", "#,##0.00"),
        (0, "n", "#,##0.00"),
    ]
