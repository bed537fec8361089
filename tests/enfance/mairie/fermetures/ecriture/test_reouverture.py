"""Opening again: what comes back, and why the rest does not."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import Changement, annuler_departs, enregistrer
from enfance.mairie.fermetures.ecriture import rouvrir
from enfance.models import Creneau, Enregistrement, Fermeture, Garde, Inscription, Scolarite
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.enfance.mairie.fermetures.ecriture.conftest import (
    JEUDI_17,
    LUNDI_14,
    MARDI_15,
    NOW,
    Etat,
    Origine,
    close,
    etats,
    everything,
    run_tasks,
    save,
)
from tests.factories import (
    ClasseFactory,
    FoyerFactory,
    ResponsableFactory,
    make_enfant,
)

pytestmark = pytest.mark.django_db


def test_reopening_leaves_everything_as_before(camille, lea):
    Creneau.objects.filter(code="soir").update(places=1)
    attend = ResponsableFactory()
    noe = make_enfant(attend, prenom="Noé")
    save(camille, lea, "matin", "soir")
    save(attend, noe, "soir", voulu=Etat.ATTENTE)
    save(camille, lea, "midi")
    save(camille, lea, "midi", voulu=Etat.ANNULEE)
    avant = sorted(Inscription.objects.values_list())
    pk = close().fermeture.pk

    bilan = rouvrir(pk, now=NOW + timedelta(hours=1))

    assert sorted(Inscription.objects.values_list()) == avant
    assert not Fermeture.objects.exists()
    assert (bilan.touches.inscriptions, bilan.refus) == (2, ())
    fermeture, reouverture = Enregistrement.objects.filter(porte="fermeture").order_by("pk")
    assert reouverture.annule == fermeture


def test_reopening_gives_back_the_origin_to_a_weekly_pattern(camille, lea):
    enregistrer([Changement(Cle(lea.pk, MARDI_15, "soir"), Etat.INSCRIT)], Acteur.semaine_type(camille), now=NOW)

    for _ in range(2):
        rouvrir(close().fermeture.pk, now=NOW)

    assert Inscription.objects.get().origine == Origine.SEMAINE_TYPE


def test_reopening_twice_changes_nothing(camille, lea):
    save(camille, lea, "soir")
    pk = close().fermeture.pk
    rouvrir(pk, now=NOW)
    avant = everything()

    assert rouvrir(pk, now=NOW).deja
    assert everything() == avant


def test_trial_reopening_writes_nothing(camille, lea):
    save(camille, lea, "soir")
    pk = close().fermeture.pk
    avant = everything()

    bilan = rouvrir(pk, now=NOW, simuler=True)

    assert (bilan.touches.inscriptions, everything()) == (1, avant)


def test_reopening_after_the_limit_gives_back_all_the_same(camille, lea):
    save(camille, lea, "soir")
    pk = close().fermeture.pk

    rouvrir(pk, now=datetime(2026, 12, 15, 10, 0, tzinfo=PARIS))

    assert etats() == {("Léa", 15, "soir"): "inscrit"}


def gone(camille, lea):
    Scolarite.objects.filter(enfant=lea).update(depart=LUNDI_14)
    annuler_departs([lea.pk], LUNDI_14, Acteur.import_onde(), now=NOW)


def handed_over(camille, lea):
    Garde.objects.filter(enfant=lea).update(fin=LUNDI_14)
    lea.gardes.create(foyer=FoyerFactory(), debut=MARDI_15)


def cut(camille, lea):
    Creneau.objects.filter(code="soir").update(places=0)


def closed_as_well(camille, lea):
    close(fin=JEUDI_17, motif="grève")


@pytest.mark.parametrize(
    ("change", "raison"),
    [
        (gone, "cet enfant n’est pas à l’école ce jour-là."),
        (handed_over, "le foyer qui l’avait inscrit n’a plus la garde ce jour-là."),
        (cut, "il n’y a plus de place."),
        (closed_as_well, "garderie fermée (grève)."),
    ],
)
def test_reopening_says_what_it_cannot_give_back(camille, lea, change, raison):
    save(camille, lea, "soir")
    pk = close().fermeture.pk
    change(camille, lea)
    DBTaskResult.objects.all().delete()

    bilan = rouvrir(pk, now=NOW)
    run_tasks()

    assert bilan.refus == (f"Léa Morel, soir, mardi 15\u00a0décembre\u00a0: {raison}",)
    assert etats() == {("Léa", 15, "soir"): "annulee"}
    (courriel,) = [m for m in mail.outbox if "finalement" in m.subject]
    assert "n’ont pas pu l’être" in courriel.body


def test_place_taken_by_another_class_is_not_given_back(camille, lea):
    Creneau.objects.filter(code="soir").update(places=1)
    autre = ResponsableFactory()
    noe = make_enfant(autre, prenom="Noé")
    Scolarite.objects.filter(enfant=noe).update(classe=ClasseFactory(nom="CM2 M. Frêne"))
    save(camille, lea, "soir")
    pk = close(classes=(lea.scolarites.get().classe,)).fermeture.pk
    save(autre, noe, "soir")

    bilan = rouvrir(pk, now=NOW)

    assert len(bilan.refus) == 1
    assert etats() == {("Léa", 15, "soir"): "annulee", ("Noé", 15, "soir"): "inscrit"}


def test_reopening_gives_back_no_more_than_the_places_of_now(camille, lea):
    save(camille, lea, "soir")
    save(camille, make_enfant(camille, prenom="Tom"), "soir")
    pk = close().fermeture.pk
    Creneau.objects.filter(code="soir").update(places=1)

    bilan = rouvrir(pk, now=NOW)

    assert bilan.refus == ("Tom Morel, soir, mardi 15\u00a0décembre\u00a0: il n’y a plus de place.",)
    assert etats() == {("Léa", 15, "soir"): "inscrit", ("Tom", 15, "soir"): "annulee"}


def test_what_was_given_up_is_not_found_by_a_later_closure(camille, lea):
    save(camille, lea, "soir")
    pk = close().fermeture.pk
    cut(camille, lea)
    rouvrir(pk, now=NOW)
    Creneau.objects.update(places=None)

    rouvrir(close().fermeture.pk, now=NOW)

    assert etats() == {("Léa", 15, "soir"): "annulee"}


def test_the_last_of_two_closures_gives_all_back(camille, lea):
    save(camille, lea, "soir")
    premiere = close().fermeture.pk
    seconde = close(fin=JEUDI_17, motif="grève").fermeture.pk

    rouvrir(premiere, now=NOW)
    assert etats() == {("Léa", 15, "soir"): "annulee"}
    rouvrir(seconde, now=NOW)

    assert etats() == {("Léa", 15, "soir"): "inscrit"}


def test_child_who_changed_class_meanwhile_is_given_back(camille, lea):
    save(camille, lea, "soir")
    pk = close(classes=(lea.scolarites.get().classe,)).fermeture.pk
    Scolarite.objects.filter(enfant=lea).update(classe=ClasseFactory(nom="CM2 M. Frêne"))

    rouvrir(pk, now=NOW)

    assert etats() == {("Léa", 15, "soir"): "inscrit"}


def test_reopening_in_the_middle_keeps_the_days_that_were_closed(camille, lea):
    for jour in (LUNDI_14, MARDI_15, JEUDI_17):
        save(camille, lea, "matin", "soir", jour=jour)
    pk = close(LUNDI_14, JEUDI_17).fermeture.pk

    rouvrir(pk, now=datetime(2026, 12, 15, 10, 0, tzinfo=PARIS))

    fermeture = Fermeture.objects.get()
    assert (fermeture.debut, fermeture.fin) == (LUNDI_14, LUNDI_14)
    assert {cle[1:]: etat for cle, etat in etats().items()} == {
        (14, "matin"): "annulee",
        (14, "soir"): "annulee",
        (15, "matin"): "annulee",
        (15, "soir"): "inscrit",
        (17, "matin"): "inscrit",
        (17, "soir"): "inscrit",
    }


def test_place_of_a_child_gone_meanwhile_goes_to_who_waits(camille, lea):
    Creneau.objects.filter(code="soir").update(places=1)
    autre = ResponsableFactory()
    save(camille, lea, "soir")
    save(autre, make_enfant(autre, prenom="Noé"), "soir", voulu=Etat.ATTENTE)
    pk = close().fermeture.pk
    gone(camille, lea)

    rouvrir(pk, now=NOW)

    assert etats() == {("Léa", 15, "soir"): "annulee", ("Noé", 15, "soir"): "inscrit"}
