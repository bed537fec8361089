"""What is read for the rules: nobody else's child, and as many queries whatever the children and the days."""

from datetime import date, datetime, timedelta

import pytest

from enfance.models import Creneau, Fermeture, Inscription, Responsabilite, Scolarite
from enfance.regles import Acteur, Action, Cle, FermetureVue, obstacles_for
from enfance.situation import load_situation, with_occupation
from portail.dates import PARIS
from tests.enfance.annees import ANNEE_2026
from tests.enfance.ecoles import make_ville
from tests.factories import (
    AnneeFactory,
    ClasseFactory,
    EnfantFactory,
    ResponsableFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
LUNDI_7 = date(2026, 12, 7)
DIMANCHE_13 = date(2026, 12, 13)


def load(responsable, debut=LUNDI_7, fin=DIMANCHE_13, **champs):
    return load_situation(Acteur.parent(responsable), debut, fin, now=NOW, **champs)


def inscrire(enfant, creneau, jour=LUNDI_7, etat="inscrit", **champs):
    return Inscription.objects.create(enfant=enfant, creneau=creneau, jour=jour, etat=etat, **champs)


def attendre(enfant, creneau, depuis, jour=LUNDI_7):
    return inscrire(enfant, creneau, jour, "attente", attente_depuis=NOW - timedelta(minutes=depuis))


# --- Whose children --------------------------------------------------------------------------------------------------


def test_a_parent_sees_the_children_for_whom_they_answer_and_no_other():
    parent, other = ResponsableFactory(), ResponsableFactory()
    lea, zoe = make_enfant(parent), make_enfant(other, prenom="Zoé")
    soir = make_creneaux()["soir"]
    mine = inscrire(lea, soir)
    inscrire(zoe, soir)

    situation = load(parent)

    assert situation.enfants == {lea.pk: lea}
    assert situation.scolarites.keys() == {(lea.pk, ANNEE_2026.debut)}
    assert situation.gardes.keys() == {lea.pk}
    assert {cle: ligne.pk for cle, ligne in situation.inscriptions.items()} == {Cle(lea.pk, LUNDI_7, "soir"): mine.pk}


def test_asking_for_another_parents_child_shows_nothing_of_it():
    parent, other = ResponsableFactory(), ResponsableFactory()
    lea, zoe = make_enfant(parent), make_enfant(other, prenom="Zoé")
    make_creneaux()

    situation = load(parent, enfants=[lea.pk, zoe.pk, 123_456])

    assert situation.enfants == {lea.pk: lea}
    (obstacle,) = obstacles_for(situation, Cle(zoe.pk, LUNDI_7, "soir"), Action.INSCRIRE)
    assert obstacle.code == "enfant"
    assert obstacles_for(situation, Cle(123_456, LUNDI_7, "soir"), Action.INSCRIRE) == [obstacle]  # just the same


def test_asking_for_one_child_leaves_the_others_out():
    parent = ResponsableFactory()
    lea, _ = make_enfant(parent), make_enfant(parent, prenom="Tom")

    assert load(parent, enfants=[lea.pk]).enfants == {lea.pk: lea}


def test_a_suspended_responsabilite_shows_nothing():
    parent = ResponsableFactory()
    make_enfant(parent)
    Responsabilite.objects.update(suspendue=True)

    assert load(parent).enfants == {}


def test_a_suspension_is_that_of_one_adult_only():
    mere, pere = ResponsableFactory(), ResponsableFactory()
    lea = make_enfant(mere, pere)
    Responsabilite.objects.filter(responsable=pere).update(suspendue=True)

    assert load(mere).enfants == {lea.pk: lea}
    assert load(pere).enfants == {}


def test_a_step_parent_in_the_same_foyer_sees_nothing():
    parent = ResponsableFactory()
    make_enfant(parent)

    assert load(ResponsableFactory(foyer=parent.foyer)).enfants == {}


def test_each_of_two_separated_parents_sees_the_child_once():
    mere, pere = ResponsableFactory(), ResponsableFactory()
    lea = make_enfant(mere, pere)

    for parent in (mere, pere):
        situation = load(parent)
        assert situation.enfants == {lea.pk: lea}
        assert len(situation.gardes[lea.pk]) == 2


def test_the_town_hall_sees_the_children_that_it_asks_for():
    lea = make_enfant(ResponsableFactory())
    make_enfant(ResponsableFactory(), prenom="Zoé")
    mairie = Acteur.mairie(StaffFactory().pk)

    assert load_situation(mairie, LUNDI_7, DIMANCHE_13, now=NOW, enfants=[lea.pk]).enfants == {lea.pk: lea}
    assert load_situation(mairie, LUNDI_7, DIMANCHE_13, now=NOW).enfants == {}


def test_a_child_in_two_years_comes_once_with_both_scolarites():
    parent = ResponsableFactory()
    lea = make_enfant(parent)
    suivante = AnneeFactory(debut=date(2027, 9, 1), fin=date(2028, 7, 4), ouverture=None)
    Scolarite.objects.create(enfant=lea, annee=suivante, niveau="CE2")

    situation = load(parent)

    assert list(situation.enfants) == [lea.pk]
    assert situation.scolarite(lea.pk, LUNDI_7).niveau == "CE1"
    assert situation.scolarite(lea.pk, date(2027, 9, 2)).niveau == "CE2"
    assert situation.scolarite(lea.pk, date(2027, 8, 2)) is None


def test_children_come_from_the_oldest():
    parent = ResponsableFactory()
    tom = make_enfant(parent, prenom="Tom", date_naissance=date(2017, 5, 2))
    lea = make_enfant(parent, date_naissance=date(2020, 3, 14))

    assert list(load(parent).enfants) == [tom.pk, lea.pk]


# --- Days, closures, places, ranks -----------------------------------------------------------------------------------


def test_inscriptions_are_those_of_the_days_asked_for():
    parent = ResponsableFactory()
    lea, soir = make_enfant(parent), make_creneaux()["soir"]
    for jour in (date(2026, 12, 4), LUNDI_7, date(2026, 12, 11), date(2026, 12, 14)):
        inscrire(lea, soir, jour)

    assert [cle.jour for cle in sorted(load(parent).inscriptions)] == [LUNDI_7, date(2026, 12, 11)]


def test_fermetures_with_several_creneaux_and_classes_stay_one_each():
    parent = ResponsableFactory()
    make_enfant(parent)
    creneaux, (cp, ce1) = make_creneaux(), [ClasseFactory(nom=nom) for nom in ("CP", "CE1")]
    tout = Fermeture.objects.create(debut=date(2026, 12, 1), fin=LUNDI_7, motif="neige")
    partie = Fermeture.objects.create(debut=DIMANCHE_13, fin=date(2026, 12, 15), motif="sortie")
    partie.creneaux.set([creneaux["matin"], creneaux["soir"]])
    partie.classes.set([cp, ce1])
    Fermeture.objects.create(debut=date(2026, 12, 14), fin=date(2026, 12, 14), motif="hors de la semaine")
    Fermeture.objects.create(debut=date(2026, 12, 4), fin=date(2026, 12, 6), motif="hors de la semaine")

    assert load(parent).fermetures == (
        FermetureVue(tout.debut, tout.fin, "neige"),
        FermetureVue(
            partie.debut,
            partie.fin,
            "sortie",
            frozenset({creneaux["matin"].pk, creneaux["soir"].pk}),
            frozenset({cp.pk, ce1.pk}),
        ),
    )


def test_occupation_counts_everybody_who_holds_a_place():
    parent = ResponsableFactory()
    creneaux = make_creneaux()
    soir, matin = creneaux["soir"], creneaux["matin"]
    soir.places = 3
    soir.save()
    make_enfant(parent)
    for etat in ("inscrit", "inscrit", "annulee"):
        inscrire(EnfantFactory(), soir, etat=etat)
    attendre(EnfantFactory(), soir, 1)
    inscrire(EnfantFactory(), matin)  # without a number of places, nothing is counted

    situation = load(parent)

    assert situation.occupation == {(LUNDI_7, soir.pk): 2}
    assert situation.places(LUNDI_7, soir) == 1
    assert situation.places(date(2026, 12, 8), soir) == 3
    assert situation.places(LUNDI_7, matin) is None


def test_ranks_are_dense_and_follow_the_time_of_arrival():
    parent = ResponsableFactory()
    soir = make_creneaux()["soir"]
    lea, tom = make_enfant(parent), make_enfant(parent, prenom="Tom")
    attendre(EnfantFactory(), soir, 50)
    inscrire(EnfantFactory(), soir, etat="annulee")
    second = attendre(lea, soir, 40)
    attendre(EnfantFactory(), soir, 30)
    fourth = attendre(tom, soir, 20)
    attendre(EnfantFactory(), soir, 10)
    first = attendre(lea, soir, 5, date(2026, 12, 8))  # another day, another list
    attendre(EnfantFactory(), soir, 60, date(2026, 12, 10))

    assert load(parent).rangs == {second.pk: 2, fourth.pk: 4, first.pk: 1}


def test_equal_times_of_arrival_are_ranked_in_order_of_writing():
    parent = ResponsableFactory()
    soir = make_creneaux()["soir"]
    premier = attendre(make_enfant(parent), soir, 1)
    second = attendre(make_enfant(parent, prenom="Tom"), soir, 1)

    rangs = load(parent).rangs

    assert (rangs[premier.pk], rangs[second.pk]) == (1, 2)


def test_a_long_year_on_waiting_lists_can_be_read():
    parent = ResponsableFactory()
    soir = make_creneaux()["soir"]
    enfants = [make_enfant(parent, prenom=f"Enfant {n}") for n in range(4)]
    debut = ANNEE_2026.debut
    Inscription.objects.bulk_create(
        Inscription(enfant=enfant, creneau=soir, jour=debut + timedelta(days=n), etat="attente", attente_depuis=NOW)
        for enfant in enfants
        for n in range(300)
    )

    assert len(load(parent, debut, ANNEE_2026.fin).rangs) == 1200


# --- How many queries ------------------------------------------------------------------------------------------------


def fill(parent, enfants, jours, creneaux):
    """Each child on each créneau of each day, every second one waiting."""
    for _ in range(enfants):
        enfant = make_enfant(parent)
        Inscription.objects.bulk_create(
            Inscription(
                enfant=enfant,
                creneau=creneau,
                jour=LUNDI_7 + timedelta(days=n),
                etat="attente" if n % 2 else "inscrit",
                attente_depuis=NOW if n % 2 else None,
            )
            for creneau in creneaux.values()
            for n in range(jours)
        )
    Fermeture.objects.create(debut=LUNDI_7, fin=LUNDI_7, motif="neige").creneaux.set(creneaux.values())


@pytest.mark.parametrize("enfants", [1, 4])
@pytest.mark.parametrize("jours", [2, 40])
@pytest.mark.parametrize("acteur", ["parent", "mairie"])
def test_queries_are_as_many_whatever_the_children_and_the_days(enfants, jours, acteur, django_assert_num_queries):
    parent = ResponsableFactory()
    creneaux = make_creneaux()
    for creneau in creneaux.values():
        creneau.places = 2
        creneau.save()
    fill(parent, enfants, jours, creneaux)
    who = Acteur.parent(parent) if acteur == "parent" else Acteur.mairie(StaffFactory().pk)
    pks = [enfant.pk for enfant in parent.enfants.all()]

    with django_assert_num_queries(12):
        situation = load_situation(who, LUNDI_7, LUNDI_7 + timedelta(days=jours - 1), now=NOW, enfants=pks)

    assert len(situation.inscriptions) == enfants * jours * 3
    with django_assert_num_queries(0):
        for cle in situation.inscriptions:
            for action in Action:
                obstacles_for(situation, cle, action)


def test_queries_are_fewer_without_places(django_assert_num_queries):
    parent = ResponsableFactory()
    make_enfant(parent)
    make_creneaux()

    with django_assert_num_queries(10):
        load(parent)


def test_places_taken_may_be_counted_later(django_assert_num_queries):
    parent = ResponsableFactory()
    creneaux = make_creneaux()
    Creneau.objects.update(places=2)
    fill(parent, 2, 4, creneaux)
    jours = (LUNDI_7, LUNDI_7 + timedelta(days=3))

    with django_assert_num_queries(11):
        situation = load_situation(Acteur.parent(parent), *jours, now=NOW, occupation=False)
    with django_assert_num_queries(1):
        comptee = with_occupation(situation, *jours)

    entiere = load_situation(Acteur.parent(parent), *jours, now=NOW)
    assert (situation.occupation, situation.attendus) == ({}, entiere.attendus)
    assert comptee.occupation == entiere.occupation != {}
    assert not situation.says_all_of([], *jours)


def test_waiting_lists_are_those_of_the_creneaux_of_the_family():
    """Of a town of twenty schools, the query would be longer for rows that no rule of theirs asks about."""
    ville, parent = make_ville(), ResponsableFactory()
    ville.eleve(ville.bourg, parent)
    lea, tom = (ville.eleve(ecole, ResponsableFactory()) for ecole in (ville.bourg, ville.hameau))
    soir, autre = (Creneau.objects.get(code=code) for code in ("soir", "soir-hameau"))
    attendre(lea, soir, 5)
    attendre(tom, autre, 5)

    assert load(parent).attendus == {(LUNDI_7, soir.pk)}
