"""Files that the ONDE screen cannot take: refused in words, beside their fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from enfance.models import ImportOnde
from portail.tables import TAILLE_MAX
from tests.enfance.mairie.onde.ecran import AJOUT, LISTE, csv, depose, eleves, erreurs, page_of, responsables
from tests.enfance.onde.ecole import database, run
from tests.enfance.onde.exemples import ECOLE, LEA, texte_eleves, texte_responsables
from tests.factories import AnneeFactory

pytestmark = pytest.mark.ci

UTF16 = texte_eleves().encode("utf-16")
ZIP = b"PK\x03\x04" + b"\0" * 40


@pytest.mark.parametrize(
    ("champ", "contenu", "phrase"),
    [
        ("eleves", texte_responsables(), "c’est le fichier des responsables, pas celui des élèves"),
        ("responsables", texte_eleves(), "c’est le fichier des élèves, pas celui des responsables"),
        ("eleves", b"", "ce fichier est vide."),
        ("responsables", b"\r\n;;;\r\n", "ce fichier est vide."),
        ("eleves", ZIP, "c’est une archive ou un classeur, pas un fichier CSV."),
        ("responsables", UTF16, "les accents sont illisibles"),
        ("eleves", texte_eleves().encode("mac_roman"), "les accents sont illisibles"),
        ("eleves", texte_eleves() + "DURAND;;Zoé", "ligne tronquée, 3 colonnes au lieu de 22."),
        ("responsables", "lundi;frites\r\n", "ce n’est pas le fichier des responsables d’ONDE"),
    ],
)
def test_bad_file_is_refused_beside_its_field_and_the_other_is_kept(mairie, annee, champ, contenu, phrase):
    avant = database()
    bons = {"eleves": eleves(), "responsables": responsables()}
    data = {"annee": annee.pk, **bons, champ: csv(f"{champ}.csv", contenu), "deposer": "1"}

    response = mairie.post(AJOUT, data)

    assert list(erreurs(response)) == [champ]
    assert phrase in erreurs(response)[champ][0]
    assert database() == avant
    depot = ImportOnde.objects.get()  # only the bad one is asked again
    autre = {"eleves": "responsables", "responsables": "eleves"}[champ]
    assert (bool(getattr(depot, champ)), bool(getattr(depot, autre))) == (False, True)
    response = mairie.post(
        f"{LISTE}{depot.pk}/change/", {"annee": annee.pk, champ: bons[champ], "deposer": "1"}, follow=True
    )
    assert response.context["bilan"].eleves.crees == 12


def test_each_bad_line_is_told_up_to_twenty(mairie, annee):
    mauvais = [replace(LEA, nom="", ine=f"06000{n:05}A") for n in range(30)]
    response = mairie.post(AJOUT, {"annee": annee.pk, "eleves": eleves(mauvais), "responsables": responsables()})

    phrases = erreurs(response)["eleves"]
    assert phrases[0] == "eleves.csv, ligne 2 : le nom ou le prénom de l’élève manque."
    assert (len(phrases), phrases[-1]) == (21, "… et 10 autres lignes.")


def test_spreadsheet_saved_as_utf8_is_read(mairie, annee):
    bons = {
        "eleves": csv("e.csv", texte_eleves(), "utf-8-sig"),
        "responsables": csv("r.csv", texte_responsables(), "utf-8"),
    }
    response = mairie.post(AJOUT, {"annee": annee.pk, **bons, "deposer": "1"}, follow=True)

    assert response.context["bilan"].eleves.crees == 12


def test_file_over_five_megabytes_is_refused_in_words(mairie, annee):
    gros = csv("eleves.csv", b"a" * (TAILLE_MAX + 1))
    response = mairie.post(AJOUT, {"annee": annee.pk, "eleves": gros, "responsables": responsables()})

    assert erreurs(response)["eleves"][0].startswith("eleves.csv : 5 Mo, c’est trop pour une école")


def test_two_hundred_megabytes_are_not_read(mairie, annee):
    response = mairie.post(AJOUT, CONTENT_LENGTH=str(200_000_000))

    assert response.status_code == 400


def test_missing_files_are_asked_for(mairie, annee):
    assert list(erreurs(mairie.post(AJOUT, {"annee": annee.pk}))) == ["eleves", "responsables"]
    assert not ImportOnde.objects.exists()


@pytest.mark.parametrize("cran", [1, -1])
def test_file_of_another_year_is_refused_beside_the_year(mairie, annee, cran):
    run(annee)
    suivante = AnneeFactory(debut=datetime(2027, 9, 2).date(), fin=datetime(2028, 7, 3).date())  # noqa: DTZ001
    niveaux = ["PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2"]
    montes = [replace(e, niveau=niveaux[niveaux.index(e.niveau) + 1]) for e in ECOLE if e.niveau != "CM2"]

    response = depose(mairie, annee if cran == 1 else suivante, montes if cran == 1 else ECOLE)

    assert erreurs(response)["annee"] == [
        "D’après leurs niveaux, ces élèves sont ceux de 2027-2028, pas de 2026-2027. "
        "Choisissez l’autre année, ou d’autres fichiers."
        if cran == 1
        else "D’après leurs niveaux, ces élèves sont ceux de 2026-2027, pas de 2027-2028. "
        "Choisissez l’autre année, ou d’autres fichiers."
    ]
    autre = suivante if cran == 1 else annee
    response = mairie.post(page_of(response), {"annee": autre.pk, "deposer": "1"}, follow=True)
    assert response.context["bilan"].annee == str(autre)  # the files were kept


def test_year_that_is_over_is_not_offered(mairie, annee):
    vieille = AnneeFactory(debut=datetime(2025, 9, 1).date(), fin=datetime(2026, 7, 3).date())  # noqa: DTZ001

    assert list(mairie.get(AJOUT).context["form"].fields["annee"].queryset) == [annee]
    assert list(erreurs(depose(mairie, vieille))) == ["annee"]
