"""What is read of the two files, and what is refused with which sentence."""

from __future__ import annotations

import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from enfance.onde.lecture import lire, lire_eleves, lire_responsables
from portail.tables import Fichier, ImportRefuse
from tests.enfance.onde.exemples import (
    ANNE,
    AUTRES,
    CAMILLE,
    ECOLE,
    HELENE,
    LEA,
    TOM,
    change,
    extraction,
    fichier_eleves,
    fichier_responsables,
    texte_eleves,
    texte_responsables,
)
from tests.reading import plain


def refusal(eleves: Fichier | None = None, responsables: Fichier | None = None) -> str:
    with pytest.raises(ImportRefuse) as refus:
        lire(eleves or fichier_eleves(), responsables or fichier_responsables())
    return plain(refus.value)


@pytest.mark.parametrize("ine", [True, False])
def test_lire_reads_both_layouts(ine):
    lue = extraction(ine=ine)

    assert len(lue.eleves) == 12
    assert len(lue.adultes) == 6
    assert lue.refus == ()
    lea = lue.eleves[0]
    assert (lea.nom, lea.prenom, lea.date_naissance, lea.niveau, lea.classe, lea.sexe, lea.ine) == (
        "MOREL", "Léa", date(2019, 3, 14), "CE1", "CP-CE1 M. Érable", "f", "0600000001A" if ine else "",
    )  # fmt: skip
    camille = lue.adultes[0]
    assert (camille.civilite, camille.nom, camille.telephone) == ("mme", "MOREL", "06 39 98 00 01")
    assert [str(enfant) for enfant in camille.enfants] == ["Léa MOREL", "Tom MOREL"]


def test_responsable_keeps_the_name_in_use_and_the_extension():
    adultes = change([CAMILLE], CAMILLE, usage="DURAND", travail="0465710010", poste="12")

    lue = extraction([LEA, TOM], adultes, ine=False)

    assert (lue.adultes[0].last_name, lue.adultes[0].telephone_travail) == ("DURAND", "04 65 71 00 10, poste 12")


@pytest.mark.parametrize(
    ("encodage", "separateur"),
    [("cp1252", ";"), ("utf-8", ";"), ("utf-8-sig", ";"), ("utf-8", ","), ("utf-8-sig", "\t")],
)
def test_lire_eleves_reads_what_a_spreadsheet_saved_again(encodage, separateur):
    texte = texte_eleves().replace(";", separateur)

    assert lire_eleves(fichier_eleves(texte, encodage)) == extraction().eleves


def test_lire_eleves_accepts_spaces_and_capitals_in_titles():
    titres, _, reste = texte_eleves().partition("\r\n")
    texte = ";".join(f"  {titre.upper()} " for titre in titres.split(";")) + "\r\n\r\n;;;\r\n" + reste

    assert [eleve.prenom for eleve in lire_eleves(fichier_eleves(texte))] == [enfant.prenom for enfant in ECOLE]


def test_lire_accepts_the_empty_cells_that_a_spreadsheet_left_out():
    eleves = "\r\n".join(ligne.rstrip(";") for ligne in texte_eleves().splitlines())
    responsables = "\r\n".join(ligne.rstrip(";") for ligne in texte_responsables().splitlines())

    lue = lire(fichier_eleves(eleves), fichier_responsables(responsables))

    assert (lue.eleves, lue.adultes) == (extraction().eleves, extraction().adultes)


def test_lire_responsables_accepts_numbered_groups_and_an_eaten_zero():
    texte = texte_responsables([CAMILLE]).replace(
        ";Prénom enfant;Classes enfants\r", ";Prénom enfant2;Classes enfants2\r"
    )
    texte = texte.replace("06 39 98 00 01", "639980001")

    (camille,), _ = lire_responsables(fichier_responsables(texte))

    assert (camille.telephone, len(camille.enfants)) == ("06 39 98 00 01", 2)


def test_lire_responsables_leaves_out_a_bad_line_and_says_why():
    adultes = [
        CAMILLE,
        *change([HELENE], HELENE, prenom=""),
        *change([HELENE], HELENE, enfants=()),
        *change([HELENE], HELENE, courriel="pas une adresse"),
    ]

    lus, refus = lire_responsables(fichier_responsables(texte_responsables(adultes)))

    assert [(adulte.prenom, adulte.courriel) for adulte in lus] == [("Camille", CAMILLE.courriel), ("Hélène", "")]
    assert [(r.ligne, r.raison) for r in refus] == [
        (3, "le nom ou le prénom du responsable manque."),
        (4, "Hélène LEFÈVRE n’a aucun enfant sur cette ligne."),
        (5, "l’e-mail «\u00a0pas une adresse\u00a0» de Hélène LEFÈVRE n’est pas une adresse\u00a0: laissé vide."),
    ]


def test_lire_refuses_swapped_files_and_names_both():
    assert refusal(fichier_responsables(), fichier_eleves()).split("\n") == [
        "responsables.csv : c’est le fichier des responsables, pas celui des élèves : les deux fichiers sont inversés.",
        "eleves.csv : c’est le fichier des élèves, pas celui des responsables : les deux fichiers sont inversés.",
    ]


ENCODAGE = (
    "les accents sont illisibles : le fichier a été enregistré dans un autre encodage. Reprenez le fichier d’origine, "
    "ou enregistrez-le au format « CSV UTF-8 »."
)
PAS_UNE_DATE = "n’est pas une date (JJ/MM/AAAA)."
CLASSEUR = "c’est une archive ou un classeur, pas un fichier CSV. Prenez le fichier tel qu’il vous est donné."


def zipped() -> bytes:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as contenu:
        contenu.writestr("eleves.csv", texte_eleves())
    return archive.getvalue()


@pytest.mark.parametrize(
    ("contenu", "raison"),
    [
        (b"", "ce fichier est vide."),
        (b"\xef\xbb\xbf\r\n;;;;\r\n", "ce fichier est vide."),
        (zipped(), CLASSEUR),
        (texte_eleves().encode("utf-16"), ENCODAGE),
        (texte_eleves().encode("utf-16-le"), ENCODAGE),
        (texte_eleves().encode("mac-roman", "replace"), ENCODAGE),
        (texte_eleves().encode("cp850", "replace"), ENCODAGE),
        (texte_eleves().encode("utf-8").decode("cp1252", "replace").encode("utf-8"), ENCODAGE),
        (texte_eleves([]).encode("cp1252"), "ce fichier ne contient aucun élève."),
        (b"a;b;c\r\n1;2;3\r\n", "ce n’est pas le fichier des élèves d’ONDE : les titres des colonnes n’y sont pas."),
        (texte_eleves().replace("Date naissance", "Date").encode("cp1252"), "il manque la colonne « Date naissance »."),
    ],
    ids=range(11),
)  # fmt: skip
def test_lire_refuses_a_file_that_is_not_one(contenu, raison):
    assert refusal(fichier_eleves(contenu)) == f"eleves.csv : {raison}"


@pytest.mark.parametrize(
    ("enfants", "raison"),
    [
        (change(ECOLE, TOM, ine=LEA.ine), "ligne 3 : Tom MOREL a le même INE que la ligne 2."),
        (change(ECOLE, TOM, ine="5,07E+09"), "ligne 3 : l’INE « 5,07E+09 » n’en est pas un."),
        (change(ECOLE, TOM, naissance="31/02/2022"), f"ligne 3 : la date de naissance « 31/02/2022 » {PAS_UNE_DATE}"),
        (change(ECOLE, TOM, naissance="02/10/22"), f"ligne 3 : la date de naissance « 02/10/22 » {PAS_UNE_DATE}"),
        (change(ECOLE, TOM, niveau="6E"), "ligne 3 : le niveau « 6E » n’est pas un niveau de l’école (de PS à CM2)."),
        (change(ECOLE, TOM, prenom=" "), "ligne 3 : le nom ou le prénom de l’élève manque."),
        (change(ECOLE, TOM, nom="M" * 101), f"ligne 3 : une case de plus de 100 caractères : « {'M' * 40}… »."),
        (
            change(ECOLE, TOM, prenom="T\u202eom\u200b"),  # VAL-09
            "ligne 3 : un signe invisible (U+200B, U+202E) dans « Tom » : retapez cette case.",
        ),
        (
            change(ECOLE, TOM, nom="MO\x1fREL"),
            "ligne 3 : un signe invisible (U+001F) dans « MOREL » : retapez cette case.",
        ),
        ([*ECOLE, *change([LEA], LEA, ine="")], "ligne 14 : Léa MOREL est déjà à la ligne 2."),
    ],
)  # fmt: skip
def test_lire_refuses_the_file_for_one_bad_pupil(enfants, raison):
    assert refusal(fichier_eleves(texte_eleves(enfants), "utf-8")) == f"eleves.csv, {raison}"


def test_lire_takes_stray_blanks_away_and_nothing_else():  # VAL-09
    eleves = change(ECOLE, TOM, nom="\ufeff MO\u00a0REL\t", prenom="To\u0301m", classe="  CP\u202f 1 ")

    tom = lire_eleves(fichier_eleves(texte_eleves(eleves), "utf-8"))[1]

    assert (tom.nom, tom.prenom, tom.classe) == ("MO REL", "To\u0301m", "CP 1")


def test_lire_responsables_leaves_out_a_line_with_a_sign_that_shows_nothing():  # VAL-09
    usage, nom, prenom, classe = HELENE.enfants[0]
    adultes = [
        CAMILLE,
        *change([HELENE], HELENE, prenom="Hé\u200blène"),
        *change([HELENE], HELENE, enfants=((usage, nom, f"{prenom}\u2066", classe),)),
        *change([HELENE], HELENE, portable="\u202a06 39 98 00 02\u202c"),
    ]

    lus, refus = lire_responsables(fichier_responsables(texte_responsables(adultes), "utf-8"))

    assert [adulte.prenom for adulte in lus] == ["Camille"]
    assert [(r.ligne, plain(r.raison)) for r in refus] == [
        (3, "un signe invisible (U+200B) dans « Hélène » : retapez cette case."),
        (4, f"un signe invisible (U+2066) dans « {prenom} » : retapez cette case."),
        (5, "un signe invisible (U+202A, U+202C) dans « 06 39 98 00 02 » : retapez cette case."),
    ]


def test_lire_names_every_bad_line_of_both_files():
    enfants = change(change(ECOLE, TOM, niveau="?"), ANNE, niveau="?")
    responsables = texte_responsables().replace("Karim;", "Karim;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;")

    lignes = refusal(fichier_eleves(texte_eleves(enfants)), fichier_responsables(responsables)).split("\n")

    assert [ligne.split(" : ")[0] for ligne in lignes] == [
        "eleves.csv, ligne 3",
        "eleves.csv, ligne 4",
        "responsables.csv, ligne 3",
    ]


@pytest.mark.parametrize("longueur", [20, 60, 110])
def test_lire_refuses_a_truncated_line(longueur):
    lignes = texte_eleves().split("\r\n")
    lignes[3] = lignes[3][:longueur]

    assert refusal(fichier_eleves("\r\n".join(lignes))).startswith("eleves.csv, ligne 4 : ligne tronquée, ")


def test_lire_refuses_a_truncated_line_of_responsables():
    lignes = texte_responsables().split("\r\n")
    lignes[1] = lignes[1][: lignes[1].index("Tom")]

    assert refusal(responsables=fichier_responsables("\r\n".join(lignes))) == (
        "responsables.csv, ligne 2 : ligne tronquée, 19 colonnes au lieu de 44."
    )


def test_lire_refuses_a_semicolon_too_many():
    texte = texte_eleves().replace("12 chemin des Tilleuls", "12; chemin des Tilleuls", 1)

    assert refusal(fichier_eleves(texte)) == (
        "eleves.csv, ligne 2 : 23 colonnes au lieu de 22 : un « ; » de trop, sans doute dans une adresse."
    )


def test_lire_refuses_an_open_quote():
    texte = texte_eleves().replace("Prénom", '"Prénom', 1)

    assert refusal(fichier_eleves(texte)).endswith(
        "un guillemet est mal fermé : la suite du fichier ne peut pas être découpée."
    )


def test_lire_refuses_an_incomplete_group_of_columns():
    texte = texte_responsables().replace(";Classes enfants\r\n", "\r\n", 1)

    assert "les colonnes des enfants sont incomplètes" in refusal(responsables=fichier_responsables(texte))


def test_open_refuses_a_huge_file_before_reading_it(tmp_path, monkeypatch):
    chemin = tmp_path / "eleves.csv"
    with chemin.open("wb") as fichier:
        fichier.truncate(200_000_000)  # sparse: takes no room
    monkeypatch.setattr(Path, "read_bytes", lambda chemin: pytest.fail("the file was read"))

    with pytest.raises(ImportRefuse, match="200 Mo, c’est trop pour une école"):
        Fichier.open(chemin)


def test_open_refuses_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(ImportRefuse, match="ce fichier n’existe pas"):
        Fichier.open(tmp_path / "rien.csv")
    with pytest.raises(ImportRefuse, match="c’est un dossier, pas un fichier"):
        Fichier.open(tmp_path)


def test_lire_eleves_tells_homonyms_apart_by_their_ine():
    homonyme = change([LEA], LEA, ine="0600000009Z")[0]

    assert len(lire_eleves(fichier_eleves(texte_eleves([LEA, homonyme, *AUTRES])))) == 10
