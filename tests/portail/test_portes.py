"""Whatever a file is made of, no door of the portal takes more than 300 MB and 5 seconds to refuse it (VAL-15)."""

import io
import itertools
import json
import os
import re
import subprocess
import sys
import zipfile
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from openpyxl import Workbook

from enfance.models import AnneeScolaire
from portail.archives import ENTREE, TROP
from portail.classeurs import ABIME
from tests.factories import AnneeFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.portail.portes import Mesure

pytestmark = [pytest.mark.une_fois, pytest.mark.django_db(transaction=True)]

REPAS, ONDE = "/cantine/importer/", "admin:enfance_importonde_add"
NUMEROS, QUOTIENTS = "admin:enfance_responsable_numeros", "admin:facturation_quotients_importer"
NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LISTE = b"Nom;Pr\xe9nom;Date;Identifiant;Quotient\n"
TEXTE = '<c t="inlineStr"><is><t>{}</t></is></c>'
TITRES = f"<row>{''.join(TEXTE.format(titre) for titre in ['Nom', 'Prénom', 'Date'])}</row>"


def pieces_of(livre):
    fichier = io.BytesIO()
    livre.save(fichier)
    with zipfile.ZipFile(fichier) as archive:
        return {nom: archive.read(nom) for nom in archive.namelist()}


GENRE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
TEXTES = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{GENRE}"/></Types>'.encode()
PIECES = pieces_of(Workbook())
PIECES["[Content_Types].xml"] = PIECES["[Content_Types].xml"].replace(b"</Types>", TEXTES)
SHEET = re.search(rb"<sheet .*?/>", PIECES["xl/workbook.xml"])[0]
PIECES["xl/sharedStrings.xml"] = b"<sst/>"
NOMS = {
    "book": "xl/workbook.xml",
    "sheet": "xl/worksheets/sheet1.xml",
    "styles": "xl/styles.xml",
    "strings": "xl/sharedStrings.xml",
}


def feuille(*lignes, reste=""):
    return f'<worksheet xmlns="{NS}"><sheetData>{TITRES}{"".join(lignes)}</sheetData>{reste}</worksheet>'.encode()


def styled(contenu, racine="styleSheet"):
    return f'<{racine} xmlns="{NS}">{contenu}</{racine}>'.encode()


def workbook(poids=0, **changees):
    """A workbook, some of whose parts are these; `poids`: bytes that do not pack, so that the ratio is honest."""
    hasard = b"<!--" + b"--><!--".join(os.urandom(1_000).hex().encode() for _ in range(poids // 2_000)) + b"-->"
    pieces = PIECES | {NOMS[nom]: contenu for nom, contenu in changees.items()}
    pieces |= {NOMS[nom]: pieces[NOMS[nom]] + hasard for nom in changees if poids}
    fichier = io.BytesIO()
    with zipfile.ZipFile(fichier, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, contenu in pieces.items():
            archive.writestr(nom, contenu)
    return fichier.getvalue()


def overlapping():
    """Two entries that are the same bytes of the archive."""
    contenu = bytearray(workbook())
    premiere, seconde = (contenu.index(nom, contenu.index(ENTREE)) for nom in (b"xl/worksheets", b"xl/styles"))
    contenu[seconde - 4 : seconde] = contenu[premiere - 4 : premiere]
    return bytes(contenu)


def entries(nombre):
    fichier = io.BytesIO()
    with zipfile.ZipFile(fichier, "w") as archive:
        for n in range(nombre):
            archive.writestr(str(n), "")
    return fichier.getvalue()


CELLULES = f"<row>{'<c t="s"><v>0</v></c>' * 50}</row>"
LOURDS = 39_000  # under the bound
LONG = f"<si><t>{'a' * 32_000}\U0001f600</t></si>"  # one sign makes each of the others four bytes
PARTAGEE = f'<row><c r="A1"><f t="shared" si="0">{"A1+" * 33}</f></c></row>'
CLASSEURS = {
    "cinq millions de lignes": (workbook(sheet=feuille("<row/>" * 5_000_000)), TROP),
    "lignes au ratio honnête": (workbook(400_000, sheet=feuille("<row/>" * 2_000_000)), TROP),
    "lignes sous la borne": (workbook(100_000, sheet=feuille("<row/>" * 590_000)), "aucun repas"),
    "textes sans fin": (workbook(strings=styled("<si/>" * 2_900_000, "sst")), TROP),
    "textes sous la borne, formules": (
        workbook(
            60_000,
            strings=styled("<si/>" * 500_000, "sst"),
            styles=styled('<cellXfs><xf numFmtId="2"/>' + "<xf/>" * (LOURDS - 2000) + "</cellXfs>"),
            sheet=feuille(PARTAGEE, '<row r="2"><c r="A2"><f t="shared" si="0"/></c></row>' * 9000),
        ),
        "le nom ou le prénom manque",
    ),
    "textes en quatre octets, cases sans ligne": (
        workbook(
            320_000,
            strings=styled(LONG * 430, "sst"),
            styles=styled(f"<fonts>{'<font/>' * (LOURDS - 2000)}</fonts>"),
            sheet=feuille(("<c s='1'/>" * 20_000 + "<row/>") * 14),
        ),
        "aucun repas",
    ),
    "la même feuille trois mille fois": (
        workbook(
            book=PIECES["xl/workbook.xml"].replace(b"</sheets>", SHEET * 3_000 + b"</sheets>"),
            sheet=feuille("<row/>" * 70_000),
        ),
        "aucun repas",
    ),
    "millions de polices": (workbook(styles=styled(f"<fonts>{'<font/>' * 3_000_000}</fonts>")), TROP),
    "polices d’un mégaoctet": (workbook(styles=styled(f"<fonts>{'<font/>' * 140_000}</fonts>")), TROP),
    "format sans fin": (workbook(styles=styled(f'<numFmts><numFmt formatCode="{"[" * 9_000}"/></numFmts>')), TROP),
    "plages sans fin": (workbook(sheet=feuille(reste=f'<conditionalFormatting sqref="{"A1 " * 90_000}"/>')), TROP),
    "formule récrite partout": (
        workbook(sheet=feuille(f'<row><c r="A1"><f t="shared" si="0">{"A1+" * 9_000}</f></c></row>', "<f/>" * 50)),
        TROP,
    ),
    "une ligne sans fin": (workbook(sheet=feuille(f"<row>{'<c/>' * 500_000}</row>")), TROP),
    "un texte sans fin": (workbook(strings=styled(f"<si><t>{'a' * 900_000}</t></si>", "sst")), TROP),
    "un texte dans chaque case": (
        workbook(sheet=feuille(CELLULES * 2000), strings=styled(f"<si><t>{'A' * 30_000}</t></si>", "sst")),
        TROP,
    ),
    "un million de niveaux": (workbook(sheet=b"<a>" * 300_000), TROP),
    "vingt mille colonnes": (
        workbook(sheet=feuille(f"<row>{'<c><v>1</v></c>' * 9_000}</row>")),
        "plus de 200 colonnes",
    ),
    "un million d’attributs": (
        workbook(sheet=b"<a " + b" ".join(b'a%d=""' % n for n in range(1_000_000)) + b"/>"),
        TROP,
    ),
    "pièces par milliers": (entries(20_000), TROP),
    "pièces l’une sur l’autre": (overlapping(), ABIME),
    "DTD en UTF-16": (
        workbook(sheet='<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><x/>'.encode("utf-16")),
        ABIME,
    ),
    "entité du dehors": (workbook(sheet=b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'), ABIME),
}
NOM = "Zo" * 7_500
TABLES = {
    "noms de 15 000 lettres": (LISTE + f"{NOM};{NOM};07/12/2026;1;1\n".encode() * 40, "plus de 100 caractères"),
    "une ligne de 10 Mo": (LISTE + b"a" * 10_000_000, "10 Mo, c’est trop"),
    "une ligne de 4 Mo": (LISTE + b"a" * 4_000_000, "guillemet est mal fermé"),
    "des NUL": (LISTE + b"\0" * 4_000_000, "accents sont illisibles"),
    "guillemet jamais fermé": (LISTE + b'"' + b"a\n" * 2_000_000, "guillemet est mal fermé"),
    "cent mille colonnes": (b"a;" * 100_000, "plus de 200 colonnes"),
    "millions de lignes": (LISTE + b"ab\n" * 1_600_000, "lignes"),
    "millions de vides": (LISTE + b"\n" * 4_900_000, "000 cases"),
}


@pytest.fixture
def agent():
    make_creneaux()
    AnneeFactory()
    return StaffFactory()


def measured(portes):
    """What each door took, by a process that knows of nothing but the portal, not even of coverage, which takes as
    much as the door.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")} | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
    }
    fait = subprocess.run(
        [sys.executable, "-m", "tests.portail.portes"],
        cwd=settings.BASE_DIR,
        env=env,
        input=json.dumps(portes),
        capture_output=True,
        text=True,
        check=False,
    )
    assert fait.returncode == 0, fait.stderr
    return [Mesure(*mesure) for mesure in json.loads(fait.stdout)]


def refused(portes, raisons):
    """The doors that do not refuse in these words, or that took too much."""
    return [
        (porte, mesure.reponse[-300:], mesure.secondes, mesure.megaoctets)
        for porte, raison, mesure in zip(portes, raisons, measured(portes), strict=True)
        if mesure.secondes > 5
        or mesure.megaoctets > 300
        or not mesure.reponse.startswith(("refus", "200"))
        or " ".join(raison.split()) not in " ".join(mesure.reponse.split())
    ]


@pytest.mark.ci
def test_hostile_workbook_costs_little(agent, tmp_path):
    portes, raisons = [], []
    for n, (contenu, raison) in enumerate(CLASSEURS.values()):
        chemin = tmp_path / f"{n}.xlsx"
        chemin.write_bytes(contenu)
        portes.append({"adresse": REPAS, "agent": agent.pk, "fichiers": {"fichier": str(chemin)}})
        raisons.append(raison)
    portes.append({"commande": ["importer_repas", str(tmp_path / "0.xlsx")]})

    assert refused(portes, [*raisons, TROP]) == []


@pytest.mark.ci
def test_hostile_table_costs_little_at_every_door(agent, tmp_path):
    """The meals take all of them, each other door one in its turn."""
    autres = itertools.cycle(
        [
            lambda chemin: {"commande": ["importer_identifiants", chemin]},
            lambda chemin: {"commande": ["importer_quotients", chemin]},
            lambda chemin: {"commande": ["importer_onde", chemin, chemin]},
            lambda chemin: {"adresse": reverse(NUMEROS), "fichiers": {"fichier": chemin}},
            lambda chemin: {"adresse": reverse(QUOTIENTS), "fichiers": {"fichier": chemin}},
            lambda chemin: {"adresse": reverse(ONDE), "fichiers": {"eleves": chemin, "responsables": chemin}},
        ]
    )
    annee = AnneeScolaire.objects.get()
    portes, raisons = [], []
    for n, (contenu, raison) in enumerate(TABLES.values()):
        chemin = tmp_path / f"{n}.csv"
        chemin.write_bytes(contenu)
        siennes = [{"adresse": REPAS, "fichiers": {"fichier": str(chemin)}}, next(autres)(str(chemin))]
        portes += [porte | {"agent": agent.pk, "champs": {"annee": annee.pk}} for porte in siennes]
        raisons += [raison, raison if n else ""]

    assert refused(portes, raisons) == []


@pytest.mark.ci
def test_longest_list_is_looked_at_in_five_seconds(agent, tmp_path):
    """Fifty children on a hundred days, and forty names that nobody has."""
    parent = ResponsableFactory()
    for n in range(50):
        make_enfant(parent, prenom=f"Prénom{n:02}")
    livre, chemin = Workbook(), tmp_path / "repas.xlsx"
    livre.active.append(["Nom", "Prénom", "Classe", "Date", "Menu"])
    for n in range(5000):
        prenom = f"Prenom{n % 50:02}" if n >= 40 else f"Prénon{n:02}"
        livre.active.append(["MOREL", prenom, "", date(2026, 9, 1) + timedelta(days=n // 50), "sans porc"])
    livre.save(chemin)

    (mesure,) = measured([{"adresse": REPAS, "agent": agent.pk, "fichiers": {"fichier": str(chemin)}}])

    assert "vouliez-vous dire" in mesure.reponse
    assert (mesure.secondes < 5, mesure.megaoctets < 300) == (True, True), mesure
