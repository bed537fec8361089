"""What has changed of the lunch breaks of some days since the association’s list."""

from datetime import date, timedelta

import pytest

from enfance.cantine.changements import load_changements
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Scolarite
from enfance.regles import Acteur, Cle
from tests.enfance.cantine.convives import JEUDI, LISTE_LE, LUNDI, MARDI, NOW, VENDREDI, inscrire
from tests.factories import AnneeFactory, ClasseFactory, ResponsableFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db


@pytest.fixture
def creneaux():
    AnneeFactory()
    return make_creneaux()


@pytest.fixture
def parent(creneaux):
    return ResponsableFactory()


def changes(depuis=LISTE_LE, debut=LUNDI, fin=VENDREDI):
    lignes = load_changements(depuis, debut, fin, today=NOW.date())
    return {str(ligne.eleve): (ligne.inscrits, ligne.annules) for ligne in lignes}


def test_changes_are_those_since_the_list(parent):
    lea, tom = make_enfant(parent), make_enfant(parent, prenom="Tom")
    inscrire(parent, lea, LUNDI, MARDI, now=LISTE_LE - timedelta(days=1))
    inscrire(parent, tom, JEUDI, VENDREDI, now=LISTE_LE + timedelta(hours=1))
    inscrire(parent, lea, MARDI, now=LISTE_LE + timedelta(hours=2), etat="annulee")
    assert changes() == {"MOREL Léa": ("", "mardi 8"), "MOREL Tom": ("jeudi 10 et vendredi 11", "")}
    assert changes(fin=LUNDI) == {}


def test_change_of_the_very_instant_of_the_list_is_in_it(parent):
    inscrire(parent, make_enfant(parent), MARDI, now=LISTE_LE)
    assert changes() == {}


def test_changes_name_the_class_of_these_days_not_that_of_the_prepared_year(parent):
    lea = make_enfant(parent)
    suivante = AnneeFactory(debut=date(2027, 9, 1), fin=date(2028, 7, 4))
    Scolarite.objects.create(enfant=lea, annee=suivante, niveau="CE2", classe=ClasseFactory(annee=suivante, nom="CE2"))
    inscrire(parent, lea, MARDI, now=NOW)
    (ligne,) = load_changements(LISTE_LE, LUNDI, VENDREDI, today=NOW.date())
    assert ligne.eleve.classe == "CE1-CE2 Mme Sorbier"


def test_what_was_undone_is_no_change(parent):
    lea = make_enfant(parent)
    inscrire(parent, lea, MARDI, now=LISTE_LE + timedelta(hours=1))
    inscrire(parent, lea, MARDI, now=LISTE_LE + timedelta(hours=2), etat="annulee")
    assert changes() == {}


def test_changes_of_the_evening_are_not_the_canteens(parent):
    lea = make_enfant(parent)
    enregistrer([Changement(Cle(lea.pk, MARDI, "soir"), "inscrit")], Acteur.parent(parent), now=NOW)
    assert changes() == {}
