"""A workbook: read as the CSV that it would be, bounded, and never run."""

import io
import re
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart
from openpyxl.worksheet.formula import ArrayFormula

from enfance.cantine.liste_repas import lire
from portail import archives, classeurs_lus
from portail.archives import TROP
from portail.classeurs import en_csv
from portail.tables import TROP_DE_COLONNES, TROP_DE_LIGNES, Fichier, ImportRefuse
from tests.reading import plain

pytestmark = pytest.mark.une_fois

MARDI_8 = date(2026, 12, 8)
TITRES = ["Nom", "Prénom", "Date"]
SHEET = "xl/worksheets/sheet1.xml"
TEXTES = "xl/sharedStrings.xml"
NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


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
    return plain(erreur.value)


def archive(pieces, compression=zipfile.ZIP_DEFLATED):
    fichier = io.BytesIO()
    with zipfile.ZipFile(fichier, "w", compression) as zipped:
        for nom, contenu in pieces.items():
            zipped.writestr(nom, contenu)
    return fichier.getvalue()


def pieces_of(contenu):
    with zipfile.ZipFile(io.BytesIO(contenu)) as zipped:
        return {nom: zipped.read(nom) for nom in zipped.namelist()}


def with_texts(*textes):
    """The parts of a list of one meal, and texts that cells may name by their rank, as most spreadsheets write them."""
    pieces = pieces_of(xlsx(TITRES, ["MOREL", "Léa", MARDI_8]))
    genre = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    types = "[Content_Types].xml"
    lien = f'<Override PartName="/{TEXTES}" ContentType="{genre}"/></Types>'.encode()
    pieces[types] = pieces[types].replace(b"</Types>", lien)
    return pieces | {TEXTES: f'<sst xmlns="{NS}">{"".join(f"<si>{texte}</si>" for texte in textes)}</sst>'.encode()}


def changed(piece, avant, apres):
    """A list of one meal, of which a part is written otherwise."""
    pieces = pieces_of(xlsx(TITRES, ["MOREL", "Léa", MARDI_8]))
    pieces[piece] = pieces[piece].decode().replace(avant, apres).encode()
    return archive(pieces)


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
    assert "ligne 3 : une case contient une formule" in plain(liste.refus[0])


def test_first_sheet_of_cells_is_read_beside_charts_and_named_areas():
    livre, fichier = Workbook(), io.BytesIO()
    feuille = livre.active
    feuille.append(TITRES)
    feuille.append(["MOREL", "Léa", MARDI_8])
    feuille.append(["MOREL", "Tom", ArrayFormula("C3", "=C2+2")])
    feuille.print_title_rows = "1:1"
    livre.create_chartsheet("Graphique", 0).add_chart(BarChart())
    livre.save(fichier)

    liste = lu(fichier.getvalue())

    assert [ligne.prenom for ligne in liste.lignes] == ["Léa"]
    assert "ligne 3 : une case contient une formule" in plain(liste.refus[0])


def test_workbook_without_the_titles_says_what_it_read():
    assert "première ligne lue : « Nom », « Plat »." in refuse(xlsx(["Nom", "Plat"], ["MOREL", "frites"]))


@pytest.mark.parametrize(
    "contenu",
    [
        b"PK\x03\x04 abime",
        archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}),
        xlsx(TITRES)[:-40],
        archive(pieces_of(xlsx(TITRES)), zipfile.ZIP_BZIP2),
        changed("xl/worksheets/sheet1.xml", "</sheetData>", ""),
    ],
)
def test_what_is_no_workbook_is_refused_with_what_to_do(contenu):
    assert "c’est une archive ou un classeur abîmé, pas un classeur XLSX" in refuse(contenu)


@pytest.mark.parametrize("piece", ["[Content_Types].xml", "xl/workbook.xml", "xl/styles.xml", SHEET, TEXTES])
@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig", "utf-16", "utf-7", "cp037", "iso-8859-15"])
def test_part_with_a_dtd_is_refused_whatever_its_encoding(piece, encodage):
    pieces = with_texts()
    nom = encodage.removesuffix("-sig")
    dtd = f'<?xml version="1.0" encoding="{nom}"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    contenu = re.sub(r"<\?xml.*?\?>", "", pieces[piece].decode())
    pieces[piece] = (dtd + contenu).encode(encodage)

    assert "classeur abîmé" in refuse(archive(pieces))


def test_numbers_dates_and_texts_are_read_as_their_author_sees_them():
    """Rows and cells without their places, as streams write them, texts in several letters, and the year 1904."""
    texte = "<r><t>MO</t></r><r><t>REL</t></r>"
    lignes = (
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{titre}</t></is></c>' for titre in [*TITRES, "Classe"]) + "</row>"
        f'<row><c t="inlineStr"><is>{texte}</is></c><c t="str"><v>Léa</v></c><c s="1"><v>44902</v></c>'
        "<c><v>2.0</v></c></row>"
        '<row r="7"><c r="A7" t="s"><v>0</v></c><c r="B7" t="str"><v>Tom</v></c><c r="C7" s="1"><v>44903.5</v></c>'
        '<c r="D7"><v>1e9</v></c></row>'
    )
    pieces = with_texts(f'{texte}<rPh sb="0" eb="1"><t>lu</t></rPh>')
    pieces[SHEET] = f"<worksheet xmlns='{NS}'><sheetData>{lignes}</sheetData></worksheet>".encode()
    pieces["xl/workbook.xml"] = pieces["xl/workbook.xml"].replace(b"<workbookPr/>", b'<workbookPr date1904="1"/>')

    liste = lu(archive(pieces))

    assert [(n.ligne, n.nom, n.prenom, n.classe, n.jour) for n in liste.lignes] == [
        (2, "MOREL", "Léa", "2", MARDI_8),
        (7, "MOREL", "Tom", "1000000000", date(2026, 12, 9)),
    ]


def test_last_line_that_is_blank_does_not_count():
    """A spreadsheet that has drawn a border below writes its last row, which is empty."""
    bas = '<row r="1048576"><c r="A1048576" s="1"/></row></sheetData>'
    assert len(lu(changed(SHEET, "</sheetData>", bas)).lignes) == 1


@pytest.mark.parametrize(
    ("borne", "valeur", "raison"),
    [
        ("LIGNES_MAX", 1, TROP_DE_LIGNES),
        ("COLONNES_MAX", 2, TROP_DE_COLONNES),
        ("TAILLE_MAX", 40, TROP),
        ("ENTREES_MAX", 5, TROP),
        ("LEGERS_MAX", 20, TROP),
        ("LOURDS_MAX", 60, TROP),
        ("RANG_MAX", 3, TROP),
        ("NIVEAUX_MAX", 3, TROP),
        ("VALEUR_MAX", 9, TROP),
        ("NOMS_MAX", 10, TROP),
        ("TEXTE_MAX", 3, TROP),
        ("PETITE", 100, TROP),
        ("GRANDE", 100, TROP),
    ],
)
def test_workbook_beyond_a_bound_is_refused_in_words(monkeypatch, borne, valeur, raison):
    contenu = xlsx(TITRES, ["MOREL", "Léa", MARDI_8], ["MOREL", "Tom", MARDI_8])
    monkeypatch.setattr(classeurs_lus if hasattr(classeurs_lus, borne) else archives, borne, valeur)
    with pytest.raises(ImportRefuse, match=re.escape(raison)):
        en_csv(Fichier("repas.xlsx", contenu))


def test_size_that_the_sheet_claims_is_not_believed():
    contenu = changed(SHEET, 'ref="A1:C2"', 'ref="A1:XFD1048576"')
    assert len(lu(contenu).lignes) == 1
