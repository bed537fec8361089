"""Pupils who leave: what they had booked after that day is cancelled, whatever the rules, and can be found again."""

from datetime import date, datetime

import pytest
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import annuler_departs
from enfance.models import Enregistrement, Evenement, Inscription
from enfance.regles import Acteur
from portail.dates import PARIS
from tests.enfance.boxes import LUNDI_7, MARDI_8, NOW, box, etats, save, set_places
from tests.factories import ResponsableFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db


@pytest.fixture
def famille():
    make_creneaux()
    parent = ResponsableFactory()
    return parent, make_enfant(parent), make_enfant(parent, prenom="Tom")


def test_departure_cancels_what_comes_after_it_without_asking_the_rules(famille):
    parent, lea, tom = famille
    jours = [date(2026, 12, 4), LUNDI_7, MARDI_8]
    jeudi_matin = datetime(2026, 12, 3, 11, tzinfo=PARIS)
    save(parent, {box(enfant, jour=jour): "inscrit" for enfant in (lea, tom) for jour in jours}, now=jeudi_matin)
    DBTaskResult.objects.all().delete()
    lea.scolarites.update(depart=LUNDI_7)

    resultat = annuler_departs([lea.pk], LUNDI_7, Acteur.import_onde(), now=NOW)

    assert etats() == {
        ("Léa", jours[0], "soir"): "inscrit",
        ("Léa", LUNDI_7, "soir"): "annulee",
        ("Léa", MARDI_8, "soir"): "annulee",
        **{("Tom", jour, "soir"): "inscrit" for jour in jours},
    }
    traces = Evenement.objects.filter(enregistrement=resultat.enregistrement).order_by("pk")
    assert list(traces.values_list("enfant", "jour", "avant", "apres")) == [
        (lea.pk, LUNDI_7, "inscrit", "annulee"),
        (lea.pk, MARDI_8, "inscrit", "annulee"),
    ]
    assert resultat.enregistrement.porte == "import"
    assert set(Inscription.objects.filter(etat="annulee").values_list("origine", flat=True)) == {"import"}
    assert set(Inscription.objects.filter(enfant=lea).values_list("foyer", flat=True)) == {parent.foyer_id}
    assert not DBTaskResult.objects.exists()


def test_departure_also_leaves_waiting_lists(famille):
    parent, lea, _ = famille
    set_places(0)
    save(parent, {box(lea): "attente"})

    annuler_departs([lea.pk], NOW.date(), Acteur.import_onde(), now=NOW)

    assert etats() == {("Léa", LUNDI_7, "soir"): "annulee"}


def test_departure_twice_changes_nothing(famille):
    parent, lea, _ = famille
    save(parent, {box(lea): "inscrit"})
    annuler_departs([lea.pk], LUNDI_7, Acteur.import_onde(), now=NOW)

    resultat = annuler_departs([lea.pk], LUNDI_7, Acteur.import_onde(), now=NOW)

    assert (resultat.enregistrement, resultat.evenements) == (None, ())
    assert Enregistrement.objects.count() == 2
