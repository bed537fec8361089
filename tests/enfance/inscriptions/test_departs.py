"""Pupils who leave, and those who come back: what an import cancels, and gives back when it is asked to."""

from datetime import date, datetime

import pytest
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import annuler_departs
from enfance.models import Creneau, Enregistrement, Evenement, Garde, Inscription, Scolarite
from enfance.regles import Acteur
from enfance.retours import retablir_departs
from portail.dates import PARIS
from tests.enfance.boxes import LUNDI_7, MARDI_8, NOW, box, etats, save, set_places
from tests.enfance.inscriptions.conftest import fill, traces
from tests.factories import FoyerFactory

pytestmark = pytest.mark.django_db


def test_departure_cancels_what_comes_after_it_without_asking_the_rules(parent, lea, tom):
    jours = [date(2026, 12, 4), LUNDI_7, MARDI_8]
    vendredi_midi = datetime(2026, 12, 3, 11, tzinfo=PARIS)
    save(parent, {box(enfant, jour=jour): "inscrit" for enfant in (lea, tom) for jour in jours}, now=vendredi_midi)
    DBTaskResult.objects.all().delete()
    lea.scolarites.update(depart=LUNDI_7)

    resultat = annuler_departs([lea.pk], LUNDI_7, Acteur.import_onde(), now=NOW)

    assert etats() == {
        ("Léa", jours[0], "soir"): "inscrit",
        ("Léa", LUNDI_7, "soir"): "annulee",
        ("Léa", MARDI_8, "soir"): "annulee",
        **{("Tom", jour, "soir"): "inscrit" for jour in jours},
    }
    assert [trace[:5] for trace in traces()[-2:]] == [
        ("Léa", LUNDI_7, "soir", "inscrit", "annulee"),
        ("Léa", MARDI_8, "soir", "inscrit", "annulee"),
    ]
    assert resultat.enregistrement.porte == "import"
    assert set(Inscription.objects.filter(etat="annulee").values_list("origine", flat=True)) == {"import"}
    assert set(Inscription.objects.filter(enfant=lea).values_list("foyer", flat=True)) == {parent.foyer_id}
    assert not DBTaskResult.objects.exists()


def test_departure_also_leaves_waiting_lists(parent, lea, creneaux):
    set_places(0)
    save(parent, {box(lea): "attente"})

    annuler_departs([lea.pk], NOW.date(), Acteur.import_onde(), now=NOW)

    assert etats() == {("Léa", LUNDI_7, "soir"): "annulee"}


def test_departure_twice_changes_nothing(parent, lea):
    save(parent, {box(lea): "inscrit"})
    annuler_departs([lea.pk], LUNDI_7, Acteur.import_onde(), now=NOW)

    resultat = annuler_departs([lea.pk], LUNDI_7, Acteur.import_onde(), now=NOW)

    assert (resultat.enregistrement, resultat.evenements) == (None, ())
    assert Enregistrement.objects.count() == 2


@pytest.fixture
def partie(parent, lea):
    """Léa had two evenings; she left, and is back."""
    save(parent, {box(lea): "inscrit", box(lea, jour=MARDI_8): "inscrit"})
    annuler_departs([lea.pk], LUNDI_7, Acteur.import_onde(), now=NOW)
    return lea


def give_back(*enfants):
    return retablir_departs([enfant.pk for enfant in enfants], Acteur.import_onde(), now=NOW)


def test_return_gives_back_what_the_departure_cancelled(partie):
    resultat = give_back(partie)

    assert set(etats().values()) == {"inscrit"}
    assert set(Inscription.objects.values_list("origine", flat=True)) == {"portail"}
    assert resultat.enregistrement == Enregistrement.objects.latest("pk")
    assert [(e.avant, e.apres) for e in resultat.evenements] == [("annulee", "inscrit")] * 2
    assert give_back(partie).enregistrement is None


def test_return_takes_no_place_from_anybody(partie, creneaux):
    Creneau.objects.filter(code="soir").update(places=1)
    fill(creneaux["soir"])

    resultat = give_back(partie)

    assert [(refus.cle.jour, refus.obstacles[0].code) for refus in resultat.refus] == [(LUNDI_7, "complet")]
    assert etats()[partie.prenom, MARDI_8, "soir"] == "inscrit"


def test_return_gives_nothing_back_to_a_foyer_without_garde(partie):
    Garde.objects.filter(enfant=partie).update(foyer=FoyerFactory())

    assert [refus.obstacles[0].code for refus in give_back(partie).refus] == ["garde"] * 2
    assert set(etats().values()) == {"annulee"}


def test_what_a_parent_cancelled_stays_cancelled(parent, lea):
    save(parent, {box(lea): "inscrit"})
    save(parent, {box(lea): "annulee"})

    assert give_back(lea).enregistrement is None
    assert set(etats().values()) == {"annulee"}


def test_nothing_comes_back_to_who_is_still_gone(partie):
    Scolarite.objects.filter(enfant=partie).update(depart=LUNDI_7)

    assert [refus.obstacles[0].code for refus in give_back(partie).refus] == ["scolarite"] * 2
    assert not Evenement.objects.filter(apres="inscrit", avant="annulee").exists()
