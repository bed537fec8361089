"""The figures of the town by school, and those of one school; nothing is counted twice, nor lost."""

from datetime import date, datetime

import pytest

from enfance.mairie.chiffres import load_chiffres
from enfance.models import AnneeScolaire, Classe, Decompte, Pointage, Scolarite
from portail.dates import PARIS
from tests.factories import StaffFactory
from tests.ville import make_ville

DECEMBRE, MARDI, JEUDI, LUNDI = date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 10), date(2026, 12, 14)
PAGE = "/admin/enfance/inscription/chiffres/"


@pytest.fixture
def ville(db):
    ville = make_ville()
    ville.inscrire(ville.lea, JEUDI, "matin", "soir")
    ville.inscrire(ville.zoe, JEUDI, "matin-hameau", "soir")
    ville.inscrire(ville.zoe, LUNDI, "soir")
    venue = datetime(2026, 12, 10, 16, 40, tzinfo=PARIS)
    vu = {"present": True, "arrivee": venue, "arrivee_recue": venue}
    Pointage.objects.create(enfant=ville.zoe, jour=JEUDI, creneau=ville.creneaux["soir"], **vu)
    return ville


def load(ecole=None):
    return load_chiffres(AnneeScolaire.objects.get(), DECEMBRE, today=date(2026, 12, 11), ecole=ecole)


def nombres(ligne):
    return [(nombre.inscrits, nombre.venus) for nombre in ligne.nombres]


def test_town_is_counted_by_school_and_moment(ville):
    chiffres = load()

    assert [creneau.code for creneau in chiffres.creneaux] == ["matin", "midi", "soir"]
    assert {ligne.titre: nombres(ligne) for ligne in chiffres.par_classe} == {
        "École du Bourg": [(1, 0), (0, 0), (1, 0)],
        "École du Hameau": [(1, 0), (0, 0), (2, 1)],
    }
    assert nombres(chiffres.total_mois) == [(2, 0), (0, 0), (3, 1)]
    assert chiffres.tableau_classes()[0][0] == "École"


def test_school_is_counted_by_class_and_creneau(ville):
    chiffres = load(ville.hameau)

    assert [creneau.code for creneau in chiffres.creneaux] == ["matin-hameau", "midi", "soir"]
    assert {ligne.titre: nombres(ligne) for ligne in chiffres.par_classe} == {"Classe unique": [(1, 0), (0, 0), (2, 1)]}
    assert nombres(chiffres.total_mois) == [(1, 0), (0, 0), (2, 1)]
    assert chiffres.familles == 1


def test_days_of_a_creneau_say_its_schools(ville):
    assert [r.titre for r in load().remplissages] == [
        "Matin (École du Bourg)",
        "Matin (École du Hameau)",
        "Midi (toutes les écoles)",
        "Soir (École du Bourg et École du Hameau)",
    ]


def test_pupil_who_has_moved_counts_where_it_was(ville):
    place = Scolarite.objects.get(enfant=ville.zoe)
    Scolarite.objects.filter(pk=place.pk).update(depart=LUNDI)
    Scolarite.objects.create(enfant=ville.zoe, annee=place.annee, ecole=ville.bourg, niveau=place.niveau, debut=LUNDI)

    ecoles = {ecole.code: load(ecole) for ecole in (ville.bourg, ville.hameau)}

    assert nombres(ecoles["bourg"].total_mois) == [(1, 0), (0, 0), (2, 0)]
    assert nombres(ecoles["hameau"].total_mois) == [(1, 0), (0, 0), (1, 1)]
    assert {ligne.titre: nombres(ligne) for ligne in load().par_classe} == {
        "École du Bourg": [(1, 0), (0, 0), (2, 0)],
        "École du Hameau": [(1, 0), (0, 0), (1, 1)],
    }


def test_pupil_who_came_back_to_its_school_counts_once(ville):
    place = Scolarite.objects.get(enfant=ville.zoe)
    Scolarite.objects.filter(pk=place.pk).update(depart=MARDI)
    autre = Classe.objects.create(annee=place.annee, ecole=ville.hameau, nom="Petits")
    Scolarite.objects.create(
        enfant=ville.zoe, annee=place.annee, ecole=ville.hameau, niveau=place.niveau, classe=autre, debut=JEUDI
    )

    assert {ligne.titre: nombres(ligne)[-1] for ligne in load(ville.hameau).par_classe} == {
        "Classe unique": (0, 0),
        "Petits": (2, 1),
    }


def test_erased_pupils_are_those_of_their_class(ville):
    Decompte.objects.create(
        jour=JEUDI,
        creneau=ville.creneaux["soir"],
        classe=Classe.objects.get(nom="Classe unique"),
        moins_de_six=False,
        inscrits=2,
    )

    assert [nombres(load(ecole).total_mois)[-1][0] for ecole in (ville.bourg, ville.hameau)] == [1, 4]
    assert {ligne.titre: ligne.nombres[-1].inscrits for ligne in load().par_classe} == {
        "École du Bourg": 1,
        "École du Hameau": 4,
    }


def test_page_offers_the_schools_and_its_tables_follow(ville, client, time_machine):
    time_machine.move_to(datetime(2026, 12, 11, 9, tzinfo=PARIS), tick=False)
    client.force_login(StaffFactory())

    ville_entiere, hameau = client.get(PAGE).text, client.get(PAGE, {"ecole": "hameau"}).text
    tableau = client.get(f"{PAGE}tableau/", {"ecole": "hameau", "tableau": "classes", "format": "csv"})

    assert "Par école, décembre 2026" in ville_entiere
    assert "Par classe, décembre 2026" in hameau
    assert '<option value="hameau" selected>École du Hameau</option>' in hameau
    assert tableau.headers["Content-Disposition"] == 'attachment; filename="chiffres-classes-2026-12-hameau.csv"'
    assert "Classe unique" in tableau.text


@pytest.mark.parametrize("ecole", ["", "lac"])
def test_school_that_is_not_there_is_the_whole_town(ville, client, time_machine, ecole):
    time_machine.move_to(datetime(2026, 12, 11, 9, tzinfo=PARIS), tick=False)
    client.force_login(StaffFactory())

    assert "Par école, décembre 2026" in client.get(PAGE, {"ecole": ecole}).text
