"""A trip, or a teacher away: who loses a place, who keeps theirs, what gives it back."""

from datetime import date

import pytest

from enfance.mairie.fermetures.ecriture import Portee, fermer, rouvrir
from enfance.models import Enregistrement, Fermeture, Inscription, Scolarite
from enfance.natures import NatureFermeture
from enfance.regles import Acteur, Action, Cle, obstacles_for
from enfance.situation import load_situation
from tests.enfance.mairie.fermetures.ecriture.conftest import JEUDI_17, MARDI_15, NOW, Etat, Origine, etats, save
from tests.factories import ClasseFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.reading import plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def ecole():
    """Two classes of two levels, CM1 in both, one child of each level and class, all at noon and in the evening."""
    classes = {nom: ClasseFactory(nom=nom) for nom in ("CE2-CM1 M. Frêne", "CM1-CM2 Mme Bouleau")}
    eleves = {}
    for prenom, niveau, classe in (
        ("Cléo", "CE2", "CE2-CM1 M. Frêne"),
        ("Anna", "CM1", "CE2-CM1 M. Frêne"),
        ("Oscar", "CM1", "CM1-CM2 Mme Bouleau"),
        ("Zoé", "CM2", "CM1-CM2 Mme Bouleau"),
    ):
        parent = ResponsableFactory()
        eleves[prenom] = make_enfant(parent, prenom=prenom)
        Scolarite.objects.filter(enfant=eleves[prenom]).update(niveau=niveau, classe=classes[classe])
        save(parent, eleves[prenom], "midi", "soir")
    eleves |= classes
    return eleves


def leave(*niveaux, nature=NatureFermeture.SORTIE, jour=MARDI_15, now=NOW, **champs):
    return fermer(Portee(jour, jour, "musée", nature=nature, niveaux=niveaux, **champs), now=now)


def partis():
    return {prenom for (prenom, *_), etat in etats().items() if etat == Etat.ANNULEE}


@pytest.mark.parametrize("nature", [NatureFermeture.SORTIE, NatureFermeture.ENSEIGNANT])
def test_a_trip_of_a_level_takes_its_pupils_of_every_class_and_nobody_else(ecole, nature):
    agent = StaffFactory()
    bilan = fermer(Portee(MARDI_15, MARDI_15, "musée", nature=nature, niveaux=("CM1",)), agent.pk, now=NOW)

    assert partis() == {"Anna", "Oscar"}
    assert (bilan.touches.inscriptions, bilan.touches.enfants) == (4, 2)
    enregistrement = Enregistrement.objects.get(fermeture=bilan.fermeture)
    assert (enregistrement.porte, enregistrement.motif, enregistrement.auteur) == (nature, "musée", agent)
    assert set(Inscription.objects.filter(etat=Etat.ANNULEE).values_list("origine", flat=True)) == {Origine.FERMETURE}


def test_a_child_left_out_of_a_trip_keeps_its_places(ecole):
    leave("CM1", restent=(ecole["Oscar"],))

    assert partis() == {"Anna"}


def test_a_trip_is_of_its_levels_and_of_its_whole_classes(ecole):
    leave("CE2", classes=(ecole["CM1-CM2 Mme Bouleau"],))

    assert partis() == {"Cléo", "Oscar", "Zoé"}


def test_the_rules_lock_the_boxes_of_those_who_leave_alone(ecole):
    leave("CM1", restent=(ecole["Oscar"],))
    eleves = [ecole[prenom].pk for prenom in ("Cléo", "Anna", "Oscar", "Zoé")]
    situation = load_situation(Acteur.mairie(1), MARDI_15, MARDI_15, now=NOW, enfants=eleves)

    obstacles = {
        prenom: [o.message for o in obstacles_for(situation, Cle(ecole[prenom].pk, MARDI_15, "soir"), Action.INSCRIRE)]
        for prenom in ("Cléo", "Anna", "Oscar", "Zoé")
    }

    assert obstacles == {"Cléo": [], "Anna": ["en sortie (musée)."], "Oscar": [], "Zoé": []}


def test_a_level_is_that_of_the_day_of_the_trip(ecole):
    """Next year's CM1 are this year's CE2, who may have their place there already."""
    scolarite = Scolarite.objects.get(enfant=ecole["Cléo"])
    annee = scolarite.annee
    suivante = type(annee).objects.create(debut=date(2027, 9, 1), fin=date(2028, 7, 4))
    Scolarite.objects.create(enfant=ecole["Cléo"], annee=suivante, niveau="CM1")

    leave("CM1")

    assert partis() == {"Anna", "Oscar"}


def test_a_trip_that_is_taken_back_gives_the_places_back(ecole):
    bilan = leave("CM1")

    rendu = rouvrir(bilan.fermeture.pk, now=NOW)

    assert (partis(), rendu.touches.inscriptions, rendu.refus) == (set(), 4, ())
    assert not Fermeture.objects.exists()
    assert (rendu.enregistrement.porte, rendu.enregistrement.motif) == ("sortie", "Sortie annulée")


def test_a_second_trip_of_the_day_takes_those_whom_the_first_left(ecole):
    premiere = leave("CM1")

    seconde = leave("CE2", "CM1")
    rendu = rouvrir(premiere.fermeture.pk, now=NOW)

    assert seconde.touches.enfants == 1  # Cléo: the others have left already
    assert [plain(refus) for refus in rendu.refus] == [
        f"{ecole[prenom]}, {moment}, mardi 15 décembre : en sortie (musée)."
        for prenom in ("Anna", "Oscar")
        for moment in ("midi", "soir")
    ]
    assert rouvrir(seconde.fermeture.pk, now=NOW).touches.enfants == 3  # nothing is lost to those who waited
    assert partis() == set()


def test_a_trip_over_a_closure_touches_nobody_more(ecole):
    fermer(Portee(MARDI_15, MARDI_15, "grève"), now=NOW)

    bilan = leave("CM1")

    assert (bilan.touches.inscriptions, bilan.deja, bilan.fermeture.nature) == (0, False, "sortie")


def test_the_same_trip_again_changes_nothing(ecole):
    leave("CM1", restent=(ecole["Oscar"],))

    bilan = leave("CM1")

    assert (bilan.deja, Fermeture.objects.count(), partis()) == (True, 1, {"Anna"})


def test_a_closure_of_the_same_days_is_not_the_trip(ecole):
    classes = (ecole["CM1-CM2 Mme Bouleau"],)
    leave(classes=classes)

    assert not fermer(Portee(MARDI_15, MARDI_15, "travaux", classes=classes), now=NOW).deja
    assert Fermeture.objects.count() == 2


def test_a_child_who_changes_level_after_gets_its_places_back_when_the_trip_is_taken_back(ecole):
    bilan = leave("CM1")
    Scolarite.objects.filter(enfant=ecole["Anna"]).update(niveau="CM2")

    rouvrir(bilan.fermeture.pk, now=NOW)

    assert partis() == set()


def test_another_day_is_untouched(ecole):
    parent = ecole["Anna"].responsabilites.get().responsable
    save(parent, ecole["Anna"], "soir", jour=JEUDI_17)

    leave("CM1")

    assert etats(jour=JEUDI_17) == {("Anna", 17, "soir"): "inscrit"}
