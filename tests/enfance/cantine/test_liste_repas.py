"""The association's file, as a spreadsheet may have saved it."""

from datetime import date

import pytest

from enfance.cantine.liste_repas import lire
from portail.tables import LIGNES_MAX, TAILLE_MAX, Fichier, ImportRefuse
from tests.reading import plain

MARDI_8 = date(2026, 12, 8)
EXEMPLE = (
    "repas.csv : il faut une ligne par enfant et par jour, sous des titres. Exemple : Nom, Prénom, Date puis, "
    "à la ligne, Morel, Léa, 07/12/2026.\n"
)
EXPORT = (
    "repas.csv : dans votre logiciel, exportez les repas commandés (ou les réservations) jour par jour, en XLSX ou en "
    "CSV, et non le tableau de la semaine ni la liste des élèves."
)
FRANCAIS = "Nom;Prénom;Classe;Date\nMOREL;Léa;CE1;08/12/2026\n"


def lu(texte, encodage="utf-8"):
    return lire(Fichier("repas.csv", texte.encode(encodage)))


def valeurs(liste):
    return [(ligne.nom, ligne.prenom, ligne.classe, ligne.jour) for ligne in liste.lignes]


def refuse(contenu):
    with pytest.raises(ImportRefuse) as erreur:
        lire(Fichier("repas.csv", contenu))
    return plain(erreur.value)


@pytest.mark.parametrize(
    "texte",
    [
        FRANCAIS,
        "Nom,Prénom,Classe,Date\nMOREL,Léa,CE1,2026-12-08\n",
        "NOM;PRENOM;CLASSE;DATE\nMOREL;Léa;CE1;8/12/2026\n",
        " nom ; prénom;Libellé classe ;date du repas\n MOREL ; Léa ;CE1; 08/12/2026 \n",
        "Date;Classe;Prénom;Nom\n08/12/2026;CE1;Léa;MOREL\n",
        "Nom de l’élève;Prénom de l’élève;Niveau;Jour;Régime\nMOREL;Léa;CE1;08/12/2026;sans porc\n",
        "\ufeff;;;\r\nNom;Prénom;Classe;Date\r\n\r\nMOREL;Léa;CE1;08/12/2026;;\r\n;;;\r\n",
        'Nom,Prénom,Classe,Date\n"MOREL","Léa","CE1","08/12/2026"\n',
        "Nom\tPrénom\tClasse\tDate\nMOREL\tLéa\tCE1\t08/12/2026\n",
    ],
)
def test_lire_finds_the_columns_by_their_titles(texte):
    assert valeurs(lu(texte)) == [("MOREL", "Léa", "CE1", MARDI_8)]


@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig", "cp1252"])
def test_lire_recognises_the_encoding(encodage):
    assert valeurs(lu(FRANCAIS, encodage)) == [("MOREL", "Léa", "CE1", MARDI_8)]


def test_lire_needs_no_class():
    assert valeurs(lu("nom,prénom,date\nMOREL,Léa,08/12/2026")) == [("MOREL", "Léa", "", MARDI_8)]


@pytest.mark.parametrize(
    ("ligne", "raison"),
    [
        ("MOREL;Léa;CE1;30/02/2026", "« 30/02/2026 » n’est pas une date (JJ/MM/AAAA)."),
        ("MOREL;Léa;CE1;08/12/26", "« 08/12/26 » n’est pas une date (JJ/MM/AAAA)."),
        ("MOREL;Léa;CE1;12/31/2026", "« 12/31/2026 » n’est pas une date (JJ/MM/AAAA)."),
        ("MOREL;Léa;CE1;", "«  » n’est pas une date (JJ/MM/AAAA)."),
        ("MOREL;Léa", "«  » n’est pas une date (JJ/MM/AAAA)."),
        (";Léa;CE1;08/12/2026", "le nom ou le prénom manque."),
        ("MOREL;-;CE1;08/12/2026", "le nom ou le prénom manque."),
        ("MOREL;L\u202eéa;CE1;08/12/2026", "un signe invisible (U+202E) dans « Léa » : retapez cette case."),  # VAL-09
        ("MOREL;Léa;CE1;=A2+1", "une case contient une formule : collez-y sa valeur."),
        ("MOREL;Léa;CE1;08/12/2026;oui", "5 colonnes au lieu de 4 : un séparateur de trop, sans doute."),
    ],
)
def test_bad_line_is_left_out_with_its_reason(ligne, raison):
    liste = lu(f"{FRANCAIS}{ligne}\n")
    assert valeurs(liste) == [("MOREL", "Léa", "CE1", MARDI_8)]
    assert [plain(refus) for refus in liste.refus] == [f"repas.csv, ligne 3 : {raison}"]


@pytest.mark.parametrize(
    ("contenu", "raison"),
    [
        (b"", "repas.csv : ce fichier est vide."),
        (b"\n;;;\n", "repas.csv : ce fichier est vide."),
        ("Nom;Prénom;Date\n".encode(), "repas.csv : cette liste ne contient aucun repas."),
        (
            "Nom;Prénom\nMOREL;Léa\n".encode(),
            "repas.csv : ce n’est pas une liste de repas : il y faut une première ligne de titres, "
            "et il manque « Date ».\nrepas.csv : première ligne lue : « Nom », « Prénom ».\n" + EXEMPLE + EXPORT,
        ),
        (
            "Nom élève;Prénom élève;Date naissance;Niveau\nMOREL;Léa;14/03/2019;CE1\n".encode(),
            "repas.csv : ce n’est pas une liste de repas : il y faut une première ligne de titres, "
            "et il manque « Date ».\nrepas.csv : première ligne lue : « Nom élève », « Prénom élève », "
            "« Date naissance », « Niveau ».\n"
            + EXEMPLE
            + "repas.csv : ce fichier ressemble à une liste d’élèves : il ne dit pas quels jours ils mangent.\n"
            + EXPORT,
        ),
        (
            "Nom;Prénom;Lundi 07/12;Mardi 08/12\nMOREL;Léa;1;1\n".encode(),
            "repas.csv : ce n’est pas une liste de repas : il y faut une première ligne de titres, "
            "et il manque « Date ».\nrepas.csv : première ligne lue : « Nom », « Prénom », « Lundi 07/12 », "
            "« Mardi 08/12 ».\n"
            + EXEMPLE
            + "repas.csv : ce fichier a une colonne par jour : mettez la date sur chaque ligne, "
            + "dans une colonne à elle.\n"
            + EXPORT,
        ),
        (b"lundi;frites\n", None),
        (b"PK\x03\x04 un classeur", None),
        (b"Nom;Pr\x82nom;Date\nMOREL;L\x82a;08/12/2026\n", None),  # cp850
        ('Nom;Prénom;Date\n"MOREL;Léa;08/12/2026\n'.encode(), None),
    ],
)
def test_file_that_is_no_list_is_refused_whole(contenu, raison):
    said = refuse(contenu)
    assert said == raison if raison else said.startswith("repas.csv")


def test_huge_file_is_refused_by_its_size():
    assert "c’est trop pour une école" in refuse(b"x" * (TAILLE_MAX + 1))


def test_list_too_long_for_any_school_is_refused_whole():
    texte = "Nom;Prénom;Date\n" + "MOREL;Léa;08/12/2026\n" * (LIGNES_MAX + 1)
    assert "plus de 20 000 lignes : envoyez la liste en plusieurs fois." in refuse(texte.encode())
