"""The rollover school by school: the top niveau of a school is proposed to the one that takes the next."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from enfance.mairie.annee import is_confirmed
from enfance.mairie.rentree import load_rentree, preparer
from enfance.models import AnneeScolaire, Ecole, Scolarite
from portail.dates import PARIS
from tests.factories import AnneeFactory, ClasseFactory, EcoleFactory, EnfantFactory, StaffFactory, make_creneaux
from tests.reading import plain

pytestmark = pytest.mark.django_db

MARS = datetime(2027, 3, 15, 9, tzinfo=PARIS)


@pytest.fixture
def elementaire():
    AnneeFactory()
    make_creneaux()
    Ecole.objects.update(nom="École élémentaire", premier_niveau="CP")
    return Ecole.objects.get()


@pytest.fixture
def maternelle(elementaire):
    return EcoleFactory(code="maternelle", nom="École maternelle", dernier_niveau="GS")


def make_eleve(prenom, niveau, ecole, **champs):
    enfant, annee = EnfantFactory(prenom=prenom), AnneeFactory()
    return Scolarite.objects.create(enfant=enfant, annee=annee, ecole=ecole, niveau=niveau, **champs)


def supposees():
    annee = AnneeScolaire.objects.get(debut__year=2027)
    lignes = annee.scolarites.order_by("enfant__prenom").select_related("enfant", "ecole")
    return [(s.enfant.prenom, s.niveau, s.ecole.code, s.depart) for s in lignes]


@pytest.fixture
def eleves(elementaire, maternelle):
    for prenom, niveau, ecole in [
        ("Alix", "MS", maternelle),
        ("Basile", "GS", maternelle),
        ("Célia", "CP", elementaire),
        ("Denis", "CM2", elementaire),
    ]:
        make_eleve(prenom, niveau, ecole)


def test_pupils_stay_in_their_school_and_its_top_niveau_goes_on(eleves):
    preparer(2027, "A", now=MARS)

    assert supposees() == [
        ("Alix", "GS", "maternelle", None),
        ("Basile", "CP", "ecole", None),
        ("Célia", "CE1", "ecole", None),
    ]
    assert [nom.split(",")[0] for nom in load_rentree(2027, "A", now=MARS).sortants] == ["Denis Morel"]


def test_pupil_whom_two_schools_may_take_is_the_town_halls_to_place(eleves):
    EcoleFactory()  # the hamlet's, of all niveaux

    preparer(2027, "A", now=MARS)

    assert [ligne[0] for ligne in supposees()] == ["Alix", "Célia"]
    a_placer = load_rentree(2027, "A", now=MARS).a_placer
    assert [plain(dit) for dit in a_placer] == [
        "Basile Morel, Grande section : CP à École élémentaire ou École du Hameau"
    ]


def test_pupil_whom_no_school_takes_leaves(eleves, elementaire):
    Ecole.objects.filter(pk=elementaire.pk).update(premier_niveau="CE1")

    preparer(2027, "A", now=MARS)

    assert "Basile" not in [ligne[0] for ligne in supposees()]
    rentree = load_rentree(2027, "A", now=MARS)
    assert [nom.split(",")[0] for nom in rentree.sortants] == ["Denis Morel"]
    assert [plain(dit) for dit in rentree.sans_ecole] == ["Basile Morel, Grande section : CP"]


def test_page_tells_apart_those_whom_no_school_takes(client, eleves, elementaire, time_machine):
    time_machine.move_to(MARS, tick=False)
    page = "/admin/enfance/anneescolaire/rentree/2027/"
    client.force_login(StaffFactory())
    assert "aucune n’a leur niveau" not in client.get(page).text
    Ecole.objects.filter(pk=elementaire.pk).update(premier_niveau="CE1")

    html = client.get(page).text

    assert "Quittent l’école après le CM2 (1)" in html
    assert "Quittent les écoles de la commune\u00a0: aucune n’a leur niveau suivant (1)" in html


def test_school_whose_classes_are_known_is_left_alone_and_the_other_is_not(eleves, elementaire, maternelle):
    preparer(2027, "A", now=MARS)
    suivante = AnneeScolaire.objects.get(debut__year=2027)
    classe = ClasseFactory(annee=suivante, ecole=elementaire)
    suivante.scolarites.filter(enfant__prenom="Célia").update(classe=classe)
    suivante.scolarites.filter(enfant__prenom="Basile").delete()
    assert not is_confirmed(suivante)
    make_eleve("Elsa", "PS", maternelle)
    AnneeFactory().scolarites.filter(enfant__prenom="Alix").update(depart=date(2027, 3, 1))

    preparer(2027, "A", now=MARS)

    assert supposees() == [
        ("Alix", "GS", "maternelle", suivante.debut),
        ("Célia", "CE1", "ecole", None),
        ("Elsa", "MS", "maternelle", None),
    ]


def test_pupil_who_changed_school_is_supposed_once_from_the_last(eleves, elementaire, maternelle):
    premiere = Scolarite.objects.get(enfant__prenom="Célia")
    hameau = EcoleFactory()
    premiere.depart = date(2027, 1, 11)
    premiere.save()
    Scolarite.objects.create(
        enfant=premiere.enfant, annee=premiere.annee, ecole=hameau, niveau="CP", debut=date(2027, 1, 11)
    )

    preparer(2027, "A", now=MARS)

    assert ("Célia", "CE1", "hameau", None) in supposees()
    assert preparer(2027, "A", now=MARS).is_empty
