"""The association's workbook: read as the CSV that it would be, bounded, and never run."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from enfance.cantine import classeur
from enfance.cantine.liste_repas import lire
from portail.tables import Fichier, ImportRefuse

MARDI_8 = date(2026, 12, 8)


def xlsx(*lignes):
    livre, fichier = Workbook(), io.BytesIO()
    for ligne in lignes:
        livre.active.append(ligne)
    livre.create_sheet("Autre").append(["rien"])
    livre.save(fichier)
    return fichier.getvalue()


def lu(contenu):
    return lire(Fichier("repas.xlsx", contenu))


def refuse(contenu):
    with pytest.raises(ImportRefuse) as erreur:
        lu(contenu)
    return str(erreur.value).replace("\u00a0", " ")


def archive(**pieces):
    fichier = io.BytesIO()
    with zipfile.ZipFile(fichier, "w", zipfile.ZIP_DEFLATED) as zipped:
        for nom, contenu in pieces.items():
            zipped.writestr(f"{nom}.xml", contenu)
    return fichier.getvalue()


def test_first_sheet_is_read_with_its_true_dates():
    liste = lu(
        xlsx(
            ["Nom", "Prénom", "Classe", "Date"],
            ["MOREL", "Léa\nMarie", "CE1", MARDI_8],
            [],
            ["MOREL", "Tom", 2.0, datetime(2026, 12, 10, 12, 30)],
            ["MOREL", "Paul", None, "11/12/2026"],
        )
    )

    assert [(n.ligne, n.prenom, n.classe, n.jour.day) for n in liste.lignes] == [
        (2, "Léa Marie", "CE1", 8),
        (4, "Tom", "2", 10),
        (5, "Paul", "", 11),
    ]


def test_formula_is_not_run():
    liste = lu(xlsx(["Nom", "Prénom", "Date"], ["MOREL", "Léa", MARDI_8], ["MOREL", "Tom", "=C2+2"]))

    assert [ligne.prenom for ligne in liste.lignes] == ["Léa"]
    assert "ligne 3 : une case contient une formule" in str(liste.refus[0]).replace("\u00a0", " ")


def test_workbook_without_the_titles_says_what_it_read():
    assert "première ligne lue : « Nom », « Plat »." in refuse(xlsx(["Nom", "Plat"], ["MOREL", "frites"]))


@pytest.mark.parametrize(
    "contenu",
    [
        b"PK\x03\x04 abime",
        archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
        archive(**{"xl/workbook": "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"}),
        xlsx(["Nom", "Prénom", "Date"])[:-40],
    ],
)
def test_what_is_no_workbook_is_refused_with_what_to_do(contenu):
    assert "c’est une archive ou un classeur abîmé, pas un classeur XLSX" in refuse(contenu)


def test_archive_that_swells_is_refused_before_it_is_unpacked():
    assert "bien trop de choses" in refuse(archive(bombe="0" * (classeur.DECOMPRESSE_MAX + 1)))
    assert "bien trop de choses" in refuse(archive(**{f"p{n}": "" for n in range(classeur.PIECES_MAX + 1)}))


def test_sheet_too_long_is_refused(monkeypatch):
    monkeypatch.setattr("enfance.cantine.liste_repas.LIGNES_MAX", 3)
    assert "plus de 3 lignes" in refuse(xlsx(["Nom", "Prénom", "Date"], *[["MOREL", "Léa", MARDI_8]] * 9))


def test_size_that_the_sheet_claims_is_not_believed():
    contenu = xlsx(["Nom", "Prénom", "Date"], ["MOREL", "Léa", MARDI_8])
    faux = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(contenu)) as vrai, zipfile.ZipFile(faux, "w") as zipped:
        for piece in vrai.namelist():
            zipped.writestr(piece, vrai.read(piece).replace(b'ref="A1:C2"', b'ref="A1:XFD1048576"'))
    assert len(lu(faux.getvalue()).lignes) == 1
