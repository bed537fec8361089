"""`manage.py importer_onde`, as the secretary runs it."""

from __future__ import annotations

from io import StringIO
from time import process_time

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command

from enfance.models import Enfant, Responsable
from tests.enfance.onde.ecole import NOW, database
from tests.enfance.onde.exemples import fichier_eleves, fichier_responsables, texte_eleves
from tests.factories import EcoleFactory
from tests.reading import plain_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def fichiers(tmp_path):
    chemins = []
    for fichier in (fichier_eleves(), fichier_responsables()):
        chemins.append(tmp_path / fichier.nom)
        chemins[-1].write_bytes(fichier.contenu)
    return chemins


def run(*arguments: object) -> list[str]:
    said = StringIO()
    with time_machine.travel(NOW, tick=False):
        call_command("importer_onde", *map(str, arguments), stdout=said)
    return plain_all(said.getvalue().splitlines())


def test_importer_onde_says_what_it_did(annee, fichiers):
    assert run(*fichiers) == [
        "Import d’ONDE, année 2026-2027",
        "Élèves : 12 créés, 0 modifié, 0 inchangé, 0 parti.",
        "Responsables : 6 créés, 0 modifié, 0 inchangé.",
        "Foyers : 5 créés, 0 modifié, 0 inchangé.",
        "",
        "Propositions à la mairie (1) :",
        "  - Jules LEFORT a deux foyers : le rythme de garde est à régler ; d’ici là, chacun peut l’inscrire.",
        "",
        "Adultes sans e-mail, à prévenir par lettre (1) :",
        "  - Hélène LEFÈVRE (Anne-Sophie)",
    ]


def test_importer_onde_simulates(annee, fichiers):
    assert run(*fichiers, "--simuler")[1] == "Simulation : rien n’est écrit."
    assert not Enfant.objects.exists()


def test_importer_onde_refuses_a_bad_file_and_changes_nothing(annee, fichiers):
    run(*fichiers)
    avant = database()
    fichiers[0].write_bytes(texte_eleves().replace(";MS;", ";??;").encode("cp1252"))

    with pytest.raises(CommandError) as refus:
        run(*fichiers)

    assert plain_all([refus.value]) == [
        "Import refusé, rien n’a été changé.\n"
        "eleves.csv, ligne 3 : le niveau « ?? » n’est pas un niveau de l’école (de PS à CM2)."
    ]
    assert database() == avant


def test_importer_onde_asks_to_confirm_many_departures(annee, fichiers):
    run(*fichiers)
    fichiers[0].write_bytes(b"\r\n".join(fichiers[0].read_bytes().split(b"\r\n")[:6]))

    assert "recommencez en confirmant les départs (--confirmer-departs)." in run(*fichiers, "--simuler")[-1]
    with pytest.raises(CommandError, match="7.élèves sur 12 ne sont plus dans ce fichier"):
        run(*fichiers)
    assert "7 partis" in run(*fichiers, "--confirmer-departs")[1]


@pytest.mark.parametrize(("arguments", "debut"), [((), 2026), (("--annee", "2027"), 2027)])
def test_importer_onde_says_which_year_to_prepare(fichiers, arguments, debut):
    with pytest.raises(CommandError) as refus:
        run(*fichiers, *arguments)

    assert plain_all([refus.value]) == [
        f"L’année scolaire {debut} n’est pas préparée : lancez d’abord « manage.py preparer_annee {debut} »."
    ]


def test_importer_onde_names_the_school_where_there_are_several(annee, fichiers):
    EcoleFactory()

    with pytest.raises(CommandError) as refus:
        run(*fichiers)
    assert plain_all([refus.value]) == [
        "Import refusé, rien n’a été changé.\nécole : dites de quelle école sont ces fichiers. Les codes : ecole "
        "(École), hameau (École du Hameau)."
    ]
    with pytest.raises(CommandError, match="aucune école n’a le code"):
        run(*fichiers, "--ecole", "autre")

    assert run(*fichiers, "--ecole", "hameau")[0] == "Import d’ONDE, année 2026-2027, École du Hameau"
    with pytest.raises(CommandError, match="recommencez avec --confirmer-ecole"):
        run(*fichiers, "--ecole", "ecole")
    assert run(*fichiers, "--ecole", "ecole", "--confirmer-ecole")[1].startswith(
        "Élèves : 0 créé, 0 modifié, 0 inchangé"
    )


ECOLE = [settings.BASE_DIR / "demo" / f"CSVExtraction-{nom}.csv" for nom in ("eleves", "responsables")]


@pytest.mark.ci
def test_importer_onde_takes_the_demos_school(annee, django_assert_max_num_queries):
    with django_assert_max_num_queries(1500):  # of 220 pupils and 286 adults
        lignes = run(*ECOLE)

    assert lignes[1] == "Élèves : 220 créés, 0 modifié, 0 inchangé, 0 parti."
    assert Responsable.objects.count() == 286
    with django_assert_max_num_queries(200):  # nothing to write
        assert run(*ECOLE)[1] == "Élèves : 0 créé, 0 modifié, 220 inchangés, 0 parti."


@pytest.mark.lent
def test_importer_onde_takes_the_demos_school_in_time(annee):
    """In 3 seconds of this process: a busy machine does not count."""
    debut = process_time()

    run(*ECOLE)

    assert process_time() - debut < 3
