"""`manage.py importer_repas`, as IT or a secretary runs it."""

from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from enfance.models import ListeRepas, Repas
from tests.enfance.cantine.listes import NOW
from tests.factories import EcoleFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.reading import plain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ecole():
    make_creneaux()
    make_enfant(ResponsableFactory(), prenom="Tom")


@pytest.fixture
def fichier(tmp_path):
    chemin = tmp_path / "repas.csv"
    chemin.write_bytes("NOM;PRÉNOM;DATE\nMOREL;Tom;08/12/2026\nINCONNU;Zoé;08/12/2026\n".encode("cp1252"))
    return chemin


def run(*arguments):
    said = StringIO()
    with time_machine.travel(NOW, tick=False):
        call_command("importer_repas", *map(str, arguments), stdout=said)
    return plain(said.getvalue()).splitlines()


def test_importer_repas_says_what_it_did(fichier):
    assert run(fichier) == [
        "Liste de repas du mardi 8 décembre 2026",
        "Repas : 1 ajouté, 0 retiré, 0 inchangé.",
        "Repas sans inscription à la pause méridienne, à partir d’aujourd’hui : 1.",
        "",
        "Lignes refusées (1) :",
        "  - repas.csv, ligne 3 : Zoé INCONNU n’est pas un enfant connu de l’école.",
    ]
    assert Repas.objects.count() == 1


def test_importer_repas_simulates(fichier):
    assert run(fichier, "--simuler")[1] == "Simulation : rien n’est écrit."
    assert not Repas.objects.exists()


def test_importer_repas_takes_the_days_of_the_list(fichier):
    titre = run(fichier, "--du", "2026-12-07", "--au", "2026-12-11")[0]
    assert titre == "Liste de repas du lundi 7 décembre au vendredi 11 décembre 2026"


@pytest.mark.parametrize(
    ("arguments", "raison"),
    [
        (["--du", "2026-12-11", "--au", "2026-12-07"], "Le dernier jour"),
        (["--du", "11/12/2026"], "n’est pas une date"),
        (["--du", "2027-01-11"], "hors de la période"),
    ],
)
def test_importer_repas_refuses_days_that_mean_nothing(fichier, arguments, raison):
    with pytest.raises(CommandError, match=raison):
        run(fichier, *arguments)
    assert not Repas.objects.exists()


@pytest.mark.parametrize("nom", ["absent.csv", "."])
def test_importer_repas_refuses_what_is_no_file(tmp_path, nom):
    with pytest.raises(CommandError, match="Import refusé, rien n’a été changé"):
        run(tmp_path / nom)


def test_importer_repas_asks_before_it_takes_meals_away(fichier, tmp_path):
    run(fichier)
    autre = tmp_path / "autre.csv"
    autre.write_text("Nom;Prénom;Date\nMOREL;Tom;10/12/2026\n")
    jours = ["--du", "2026-12-08", "--au", "2026-12-10"]
    question = (
        "1 repas serait retiré (mardi 8 décembre), sur 1 connu à ces dates, "
        "et il n’en resterait aucun mardi 8 décembre."
    )

    assert run(autre, *jours, "--simuler")[-1].startswith(question)
    with pytest.raises(CommandError) as refus:
        run(autre, *jours)
    assert plain(refus.value) == (f"Rien n’a été changé. {question} Est-ce voulu ? Si oui, ajoutez --retirer.")
    assert Repas.objects.get().jour.day == 8
    run(autre, *jours, "--retirer")
    assert Repas.objects.get().jour.day == 10


def test_importer_repas_says_who_may_be_meant(fichier, tmp_path):
    proche = tmp_path / "proche.csv"
    proche.write_text("Nom;Prénom;Date\nMOREL;Tom;10/12/2026\nMORELL;Tom;11/12/2026\n")
    assert run(proche, "--simuler")[-1] == (
        "« Tom MORELL », vouliez-vous dire Tom Morel, CE1-CE2 Mme Sorbier ? Corrigez la liste."
    )


# --- Several schools --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "raison"),
    [
        ([], "De quelles écoles est cette liste"),
        (["--ecole", "bourg"], "École inconnue : bourg. Les codes sont ecole, hameau."),
    ],
)
def test_importer_repas_asks_of_which_schools_where_there_are_several(fichier, arguments, raison):
    EcoleFactory()
    with pytest.raises(CommandError) as refus:
        run(fichier, *arguments)
    assert raison in plain(refus.value)
    assert not Repas.objects.exists()


def test_importer_repas_takes_the_schools_of_the_list(fichier):
    EcoleFactory()
    assert run(fichier, "--ecole", "hameau", "--ecole", "ecole")[0].endswith("2026 (École et École du Hameau)")
    assert [ecole.code for ecole in ListeRepas.objects.get().ecoles.all()] == ["ecole", "hameau"]


def test_importer_repas_takes_the_code_of_the_only_school(fichier):
    with pytest.raises(CommandError) as refus:
        run(fichier, "--ecole", "bourg")
    assert str(refus.value) == "École inconnue\u00a0: bourg. Le seul code est ecole."
    assert not Repas.objects.exists()

    dites = run(fichier, "--ecole", "ecole")
    assert Repas.objects.exists()
    assert not ListeRepas.objects.get().ecoles.exists()
    assert not any("École" in ligne for ligne in dites)
