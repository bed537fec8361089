"""Quotients from a list: by identifiant or by child, refused line by line, seen first, twice the same."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from facturation.models import Quotient
from facturation.payeurs.comptes import compte_of
from facturation.quotients.importation import importer
from facturation.quotients.liste import lire
from portail.tables import Fichier, ImportRefuse
from tests.factories import FoyerFactory, ResponsableFactory, make_enfant
from tests.facturation.mairie.conftest import DECEMBRE, LUNDI
from tests.reading import html_of, plain

PAGE = "/admin/facturation/quotients/importer/"


def fichier(*lignes, titres="Identifiant;Nom;Prénom;Quotient;À partir du;Source;Attestation vue le"):
    return Fichier("quotients.csv", "\r\n".join([titres, *lignes]).encode())


def run(*lignes, **fields):
    return importer(lire(fichier(*lignes)), now=LUNDI, **fields)


def written():
    return {
        (q.compte.foyer_id, q.valeur, q.source, q.debut, q.vu_le) for q in Quotient.objects.select_related("compte")
    }


def test_payer_is_named_by_an_identifiant_or_by_a_child(camille, lea, ines, zoe):
    bilan = run("3816238;;;742;;;", ";MUNOZ;Zoé;1 140;01/12/2026;MSA;15/11/2026")

    assert not bilan.refus
    assert written() == {
        (camille.foyer_id, 742, "caf", DECEMBRE, LUNDI.date()),
        (ines.foyer_id, 1140, "msa", DECEMBRE, date(2026, 11, 15)),
    }


def test_same_list_again_changes_nothing(camille, lea):
    run("3816238;;;742;;;")
    bilan = run("3816238;;;742;;;")

    assert (len(bilan.ecrits), bilan.inchanges, Quotient.objects.count()) == (0, 1, 1)
    plus_tard = importer(lire(fichier("3816238;;;742;;;")), now=LUNDI.replace(month=12, day=7))
    assert (len(plus_tard.ecrits), plus_tard.inchanges) == (0, 1)


def test_list_says_which_values_give_way(camille, lea, ines, zoe):
    run("3816238;;;652;;;")
    Quotient.objects.create(compte=compte_of(ines.foyer_id), valeur=700, source="caf", debut=DECEMBRE)

    bilan = run("3816238;;;812;;;", ";MUNOZ;Zoé;1140;;;")

    assert [importe.valeurs for importe in bilan.ecrits] == ["652 → 812", "700, dit par la famille → 1140"]
    assert plain(" ".join(bilan.phrases())) == (
        "Quotients : 2 écrits, dont 2 à la place d’un autre, 0 inchangé, 0 ligne refusée."
    )


def test_value_that_the_family_said_gives_way_to_nothing_when_it_is_seen(camille, lea):
    Quotient.objects.create(compte=compte_of(camille.foyer_id), valeur=652, source="caf", debut=DECEMBRE)

    [importe] = run("3816238;;;652;;;").ecrits

    assert (importe.valeurs, importe.remplace) == ("652", False)


def test_past_month_of_a_list_says_where_it_comes_from(camille, lea):
    run("3816238;;;742;01/09/2026;;")

    quotient = Quotient.objects.get()
    assert (quotient.debut, quotient.motif) == (date(2026, 9, 1), "importé d’une liste")


@pytest.mark.parametrize(
    ("ligne", "raison"),
    [
        ("999;;;742;;;", "l’identifiant 999 n’est celui d’aucun parent."),
        ("abc;;;742;;;", "« abc » n’est pas un identifiant"),
        (";;;742;;;", "ni identifiant, ni nom et prénom d’un enfant."),
        (";Inconnu;Léa;742;;;", "Léa Inconnu n’est pas un enfant connu."),
        ("3816238;;;;;;", "le quotient manque : inconnu n’est pas 0."),
        ("3816238;;;742,50;;;", "« 742,50 » n’est pas un quotient"),
        ("3816238;;;-1;;;", "« -1 » n’est pas un quotient"),
        ("3816238;;;742;15/12/2026;;", "un quotient compte à partir du premier d’un mois, pas du 15/12/2026."),
        ("3816238;;;742;01/12/2029;;", "le 01/12/2029 est à plus d’un an d’aujourd’hui."),
        ("3816238;;;742;demain;;", "« demain » n’est pas une date"),
        ("3816238;;;742;;la banque;", "« la banque » n’est pas une source"),
        ("3816238;;;742;;;01/12/2026", "une attestation se voit un jour passé, pas le 01/12/2026."),
    ],
)
def test_bad_line_is_refused_with_its_number_and_reason(camille, lea, ines, zoe, ligne, raison):
    bilan = run(";Muñoz;Zoé;500;;;", ligne)

    [refus] = bilan.refus
    assert refus.ligne == 3
    assert raison in plain(refus.raison)
    assert len(bilan.ecrits) == 1


def test_child_of_two_homes_and_homonyms_are_never_guessed(camille, lea):
    autre = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    make_enfant(camille, autre, prenom="Tom")
    make_enfant(autre, prenom="Léa")

    bilan = run(";Morel;Tom;742;;;", ";Morel;Léa;742;;;")

    assert [plain(refus.raison) for refus in bilan.refus] == [
        "Tom Morel vit dans 2 foyers : donnez l’identifiant du parent.",
        "2 enfants s’appellent Léa Morel : donnez l’identifiant d’un parent.",
    ]


def test_two_lines_of_one_payer_are_none(camille, lea):
    bilan = run("3816238;;;742;;;", ";Morel;Léa;500;;;")

    assert [refus.ligne for refus in bilan.refus] == [2]
    assert not Quotient.objects.exists()


@pytest.mark.parametrize("titres", ["Nom;Prénom", "Quotient", "Quotient;Nom"])
def test_file_without_its_columns_is_refused_whole(db, titres):
    with pytest.raises(ImportRefuse):
        lire(fichier("a;b", titres=titres))


def test_page_shows_what_would_change_before_it_does(mairie, secretaire, camille, lea):
    envoye = SimpleUploadedFile("quotients.csv", fichier("3816238;;;742;;;", "999;;;1;;;").contenu)
    response = mairie.post(PAGE, {"fichier": envoye, "apercu": "1"})

    html = html_of(response)
    assert "Quotients : 1 écrit, 0 inchangé, 1 ligne refusée." in html
    assert "quotients.csv, ligne 3 : l’identifiant 999 n’est celui d’aucun parent." in html
    assert not Quotient.objects.exists()
    assert [ligne[:3] for ligne in response.context["apercu"].tableaux[1].lignes] == [
        ("3816238", "Camille Morel", "742")
    ]

    suite = html_of(mairie.confirm_preview(response))
    assert "Quotients : 1 écrit" in suite
    assert Quotient.objects.get().vu_par == secretaire
    assert "742" not in LogEntry.objects.get().change_message


def test_page_shows_the_value_that_gives_way(mairie, camille, lea):
    run("3816238;;;652;;;")

    envoye = SimpleUploadedFile("quotients.csv", fichier("3816238;;;812;;;").contenu)
    assert "652 → 812" in html_of(mairie.post(PAGE, {"fichier": envoye, "apercu": "1"}))


def test_page_refuses_what_is_no_list(mairie):
    envoye = SimpleUploadedFile("photo.csv", b"PK\x03\x04")
    assert "Rien n’est importé" in html_of(mairie.post(PAGE, {"fichier": envoye, "apercu": "1"}))


def test_command_simulates_then_writes(tmp_path, camille, lea):
    chemin = tmp_path / "quotients.csv"
    chemin.write_bytes(fichier("3816238;;;742;;;", "999;;;1;;;").contenu)
    sortie = StringIO()

    call_command("importer_quotients", str(chemin), "--simuler", stdout=sortie)
    assert "rien n’est écrit" in sortie.getvalue()
    assert "742" not in sortie.getvalue()
    assert not Quotient.objects.exists()
    call_command("importer_quotients", str(chemin), stdout=sortie)
    assert Quotient.objects.get().valeur == 742

    chemin.write_bytes(fichier("999;;;1;;;").contenu)
    with pytest.raises(CommandError, match="Aucune ligne"):
        call_command("importer_quotients", str(chemin), stdout=sortie)
