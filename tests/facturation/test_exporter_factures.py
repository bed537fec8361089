"""What was issued, as files: an invoice a row, or a line a row; amounts that a spreadsheet adds up."""

import csv
import io
import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from facturation.payeurs.comptes import compte_of
from tests.factories import ResponsableFactory, make_creneaux, make_enfant
from tests.facturation.papiers import ligne, make_facture, make_recu

pytestmark = pytest.mark.django_db
DECEMBRE = ("exporter_factures", "--du", "2026-12-01", "--au", "31/12/2026")


@pytest.fixture(autouse=True)
def emises():
    """One of December, paid in part, and its avoir; one of January."""
    camille = ResponsableFactory(user__identifiant="3816238")
    compte, soir = compte_of(camille.foyer), make_creneaux()["soir"]
    tom = make_enfant(camille, prenom="Tom")
    facture = make_facture(
        compte, [ligne(tom, date(2026, 11, 3), 300, soir, prix=100, quantite=3)], emise=date(2026, 12, 3)
    )
    make_recu(compte, 100, recu=date(2026, 12, 10), sur=[(facture, 100)])
    rendu = ligne(tom, date(2026, 11, 3), -110, soir, nature="correction", motif="excusée")
    make_facture(compte, [rendu], emise=date(2026, 12, 31), origine=facture)
    make_facture(compte, [ligne(tom, date(2026, 12, 1), 50, soir)], emise=date(2027, 1, 1))


def rows(texte):
    return list(csv.DictReader(io.StringIO(texte.removeprefix("\ufeff")), delimiter=";"))


def test_invoices_of_a_period_are_written(capsys):
    call_command(*DECEMBRE)

    assert [
        (
            row["Facture"],
            row["Émise le"],
            row["Payeur"],
            row["Total"],
            row["Payé"],
            row["Reste à payer"],
            row["Corrige"],
        )
        for row in rows(capsys.readouterr().out)
    ] == [
        ("AV-2026-0001", "2026-12-31", "Camille Morel", "-1,10", "0,00", "0,00", "F-2026-0001"),
        ("F-2026-0001", "2026-12-03", "Camille Morel", "3,00", "1,00", "2,00", ""),
    ]


def test_lines_of_a_period_are_written(capsys):
    call_command(*DECEMBRE, "--lignes")

    assert [
        (
            row["Facture"],
            row["Identifiants"],
            row["Enfant"],
            row["Créneau"],
            row["Quantité"],
            row["Prix"],
            row["Montant"],
        )
        for row in rows(capsys.readouterr().out)
    ] == [
        ("AV-2026-0001", "3816238", "Tom Morel", "soir", "1", "-1,10", "-1,10"),
        ("F-2026-0001", "3816238", "Tom Morel", "soir", "3", "1,00", "3,00"),
    ]


def test_program_reads_json(capsys):
    call_command(*DECEMBRE, "--format", "json")

    avoir, facture = json.loads(capsys.readouterr().out)
    assert (avoir["total"], facture["a_payer_avant_le"], facture["reste_a_payer"]) == ("-1.10", "2026-12-03", "2.00")


def test_workbook_holds_numbers(tmp_path, capsys):
    sortie = tmp_path / "lignes.xlsx"

    call_command(*DECEMBRE, "--lignes", "--format", "xlsx", "--sortie", str(sortie))

    feuille = load_workbook(sortie).active
    colonne = [cellule.value for cellule in feuille[1]].index("Montant")
    assert [rangee[colonne].value for rangee in feuille.iter_rows(min_row=2)] == [-1.1, 3]
    assert capsys.readouterr().out == f"2\u00a0lignes dans {sortie}.\n"


@pytest.mark.parametrize(
    ("options", "phrase"),
    [
        (("--du", "2026-12-02", "--au", "2026-12-01"), "avant le premier"),
        (("--du", "2026-12-01", "--au", "2026-12-31", "--format", "xlsx"), "dites où l’écrire"),
    ],
)
def test_what_cannot_be_is_refused(options, phrase):
    with pytest.raises(CommandError, match=phrase):
        call_command("exporter_factures", *options)
