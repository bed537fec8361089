"""What is given back to a child who has changed school since: at the same moment of its new school."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from enfance.changement_ecole import changer_place, suivre
from enfance.inscriptions import Changement, annuler_departs, enregistrer
from enfance.mairie.fermetures.ecriture import Portee, fermer, rouvrir
from enfance.models import Creneau, Enregistrement, Fermeture, Inscription
from enfance.planning.annulation import annuler, prevoir
from enfance.regles import Acteur, Cle, cle_suivie
from enfance.retours import retablir_departs
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.enfance.villes import Ville, hold, make_ville
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory
from tests.reading import plain

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
LUNDI, MARDI = date(2026, 12, 7), date(2026, 12, 8)
MAIRIE = Acteur.mairie(1, "Changement d’école")


@pytest.fixture
def ville() -> Ville:
    StaffFactory(pk=1)
    return make_ville()


def book(parent, enfant, *codes, voulu="inscrit", jour=LUNDI):
    changements = [Changement(Cle(enfant.pk, jour, code), voulu) for code in codes]
    resultat = enregistrer(changements, Acteur.parent(parent), now=NOW)
    assert resultat.refus == ()
    return resultat.enregistrement


def move(enfant, ecole, jour=LUNDI):
    _, arrivee = changer_place(enfant.scolarites.get(), ecole, jour)
    suivre([arrivee], MAIRIE, now=NOW)


def etats(enfant):
    lignes = Inscription.objects.filter(enfant=enfant).order_by("jour", "creneau__ordre", "pk")
    return [(ligne.creneau.code, ligne.etat, ligne.origine) for ligne in lignes.select_related("creneau")]


def close(*ecoles, creneaux=()):
    portee = Portee(LUNDI, LUNDI, "grève", ecoles=ecoles, creneaux=tuple(Creneau.objects.filter(code__in=creneaux)))
    return fermer(portee, now=NOW).fermeture


def test_closure_lifted_gives_the_same_moment_of_the_new_school(ville):
    book(ville.camille, ville.lea, "matin", "soir")
    fermeture = close(ville.bourg)
    move(ville.lea, ville.hameau)

    bilan = rouvrir(fermeture.pk, now=NOW)

    assert etats(ville.lea) == [
        ("matin", "inscrit", "portail"),
        ("soir", "annulee", "mairie"),
        ("soir-hameau", "inscrit", "portail"),
    ]
    assert bilan.refus == ()
    assert (bilan.touches.inscriptions, bilan.touches.foyers) == (2, 1)
    assert Inscription.objects.get(creneau__code="soir-hameau").foyer == ville.camille.foyer


def test_closure_lifted_says_what_the_new_school_has_no_place_for(ville):
    book(ville.camille, ville.lea, "soir")
    fermeture = close(ville.bourg)
    move(ville.lea, ville.hameau)
    Creneau.objects.filter(code="soir-hameau").update(places=0)

    (refus,) = rouvrir(fermeture.pk, now=NOW).refus

    assert plain(refus) == "Léa Morel, soir, lundi 7 décembre : il n’y a plus de place."
    assert etats(ville.lea) == [("soir", "annulee", "mairie")]


def test_closure_lifted_adds_nothing_to_what_the_new_school_has_already(ville):
    book(ville.camille, ville.lea, "soir")
    fermeture = close(ville.bourg)
    move(ville.lea, ville.hameau)
    book(ville.camille, ville.lea, "soir-hameau")

    bilan = rouvrir(fermeture.pk, now=NOW)

    assert (bilan.enregistrement, bilan.refus) == (None, ())
    assert etats(ville.lea) == [("soir", "annulee", "mairie"), ("soir-hameau", "inscrit", "portail")]


def test_what_the_new_school_closes_as_well_waits_until_it_opens(ville):
    book(ville.camille, ville.lea, "soir")
    premiere, seconde = close(ville.bourg), close(ville.hameau)
    move(ville.lea, ville.hameau)

    assert len(rouvrir(premiere.pk, now=NOW).refus) == 1
    rouvrir(seconde.pk, now=NOW)

    assert etats(ville.lea) == [("soir", "annulee", "mairie"), ("soir-hameau", "inscrit", "portail")]
    assert not Fermeture.objects.exists()


def test_whoever_paid_pays_what_is_given_back(ville):
    autre = ResponsableFactory(user__first_name="Sacha", foyer=FoyerFactory(adresse="3 rue du Lac"))
    ville.lea.responsabilites.create(responsable=autre)
    ville.lea.gardes.create(foyer=autre.foyer)
    book(autre, ville.lea, "soir")
    fermeture = close(ville.bourg)
    move(ville.lea, ville.hameau)

    rouvrir(fermeture.pk, now=NOW)

    assert Inscription.objects.get(creneau__code="soir-hameau").foyer == autre.foyer


def test_pupil_back_in_another_school_has_its_moments_there(ville):
    book(ville.camille, ville.lea, "matin", "midi", "soir")
    annuler_departs([ville.lea.pk], LUNDI, Acteur.import_onde(), now=NOW)
    move(ville.lea, ville.hameau)

    resultat = retablir_departs([ville.lea.pk], Acteur.import_onde(), now=NOW)

    inscrits = [code for code, etat, _ in etats(ville.lea) if etat == "inscrit"]
    assert inscrits == ["matin", "midi-hameau", "soir-hameau"]
    assert resultat.refus == ()


# --- « Annuler ces changements » --------------------------------------------------------------------------------------


def undo(ville, enregistrement):
    return annuler(enregistrement.pk, ville.camille, now=NOW + timedelta(minutes=5))


def test_undo_of_a_cancellation_books_the_moment_of_the_new_school(ville):
    book(ville.camille, ville.lea, "soir")
    retire = book(ville.camille, ville.lea, "soir", voulu="annulee")
    move(ville.lea, ville.hameau)

    prevision = prevoir([retire], ville.camille, now=NOW)[retire.pk]
    annulation = undo(ville, retire)

    assert (prevision.possible, prevision.perdus) == (True, [])
    assert annulation.refus == ()
    assert etats(ville.lea)[-1] == ("soir-hameau", "inscrit", "portail")


def test_undo_of_a_booking_takes_back_the_place_that_followed(ville):
    ajoute = book(ville.camille, ville.lea, "soir", "matin")
    move(ville.lea, ville.hameau)

    annulation = undo(ville, ajoute)

    assert annulation.refus == ()
    assert {etat for _, etat, _ in etats(ville.lea)} == {"annulee"}
    assert Enregistrement.objects.filter(annule=ajoute).count() == 1


def test_undo_leaves_what_nothing_answers_to(ville):
    hold(ville.bourg, code="etude", moment="soir", debut=time(18), nom="Étude", nom_court="étude", ordre=6)
    ajoute = book(ville.camille, ville.lea, "etude")
    move(ville.lea, ville.hameau)

    annulation = undo(ville, ajoute)

    assert [refus.obstacles[0].code for refus in annulation.refus] == ["change"]


# --- Which box answers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "suivi"),
    [
        ("matin", "matin"),
        ("soir", "soir-hameau"),
        ("midi", "midi-hameau"),
        ("midi-hameau", "midi-hameau"),
        ("etude", "etude"),
        ("gone", "gone"),
    ],
)
def test_box_of_the_school_that_was_left_becomes_one_of_the_new(ville, code, suivi):
    hold(ville.bourg, code="etude", moment="soir", debut=time(18), nom="Étude", nom_court="étude", ordre=6)
    changer_place(ville.lea.scolarites.get(), ville.hameau, MARDI)
    situation = load_situation(Acteur.parent(ville.camille), LUNDI, MARDI, now=NOW)

    assert cle_suivie(situation, Cle(ville.lea.pk, MARDI, code)).creneau == suivi
    assert cle_suivie(situation, Cle(ville.lea.pk, LUNDI, "soir")).creneau == "soir"


def test_box_of_a_school_where_the_child_never_was_answers_too(ville):
    situation = load_situation(Acteur.parent(ville.camille), LUNDI, MARDI, now=NOW)

    assert cle_suivie(situation, Cle(ville.lea.pk, MARDI, "soir-hameau")).creneau == "soir"
