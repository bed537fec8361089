"""What a search finds, for a child who came without being registered."""

from __future__ import annotations

import pytest

from enfance.equipe.recherche import chercher
from enfance.models import Creneau
from tests.enfance.gate import JEUDI, inscrire
from tests.factories import AnneeFactory, ClasseFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def school(db):
    AnneeFactory()
    make_creneaux()


def test_chercher_forgives_accents_and_order():
    munoz = make_enfant(prenom="Léa", nom="Muñoz")
    make_enfant(prenom="Tom")
    creneau = Creneau.objects.get(code="soir")
    for texte in ("lea", "MUNOZ", "muñ", "munoz léa", "ea oz"):
        assert [trouve.pk for trouve in chercher(texte, JEUDI, creneau)] == [munoz.pk], texte
    assert chercher("zut", JEUDI, creneau) == []


def test_chercher_tells_homonyms_by_their_class_and_who_is_there_already():
    inscrire(make_enfant())
    autre = make_enfant()
    autre.scolarites.update(classe=ClasseFactory(nom="CE1 M. Frêne"))
    trouves = chercher("léa", JEUDI, Creneau.objects.get(code="soir"))
    assert {(trouve.classe, trouve.deja) for trouve in trouves} == {
        ("CE1, CE1-CE2 Mme Sorbier", True),
        ("CE1 M. Frêne", False),
    }


def test_chercher_finds_pupils_of_the_day_alone():
    make_enfant().scolarites.update(depart=JEUDI)
    assert chercher("léa", JEUDI, Creneau.objects.get(code="soir")) == []
