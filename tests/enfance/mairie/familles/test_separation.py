"""An adult goes to another home: custody as it was said, inscriptions left behind asked about, all or nothing."""

from datetime import date, datetime

import pytest
from django.db import OperationalError, connection
from django.db.models import F

from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.familles.separation import Depart, Sort, SuiteSeparation, changer_de_foyer
from enfance.models import Foyer, Inscription
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.enfance.mairie.doubles.fusions.doubles import everything
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.pannes import Fault

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
AUJOURDHUI, LUNDI_7, LUNDI_14 = date(2026, 12, 3), date(2026, 12, 7), date(2026, 12, 14)
MANY = 120


@pytest.fixture
def camille():
    make_creneaux()
    return ResponsableFactory()


@pytest.fixture
def karim(camille):
    return ResponsableFactory(foyer=camille.foyer, user__first_name="Karim")


@pytest.fixture
def lea(camille, karim):
    lea = make_enfant(camille, karim)
    cles = [Cle(lea.pk, jour, "soir") for jour in (LUNDI_7, LUNDI_14)]
    enregistrer([Changement(cle, "inscrit") for cle in cles], Acteur.parent(camille), now=NOW)
    return lea


def go(karim, suites, sort="", vers=None, **depart):
    depart = Depart(karim.pk, AUJOURDHUI, suites, **depart)
    agent = StaffFactory().pk
    return changer_de_foyer(depart, vers or Foyer(adresse="3 rue du Lac"), sort, agent, now=NOW)


def gardes(lea, foyer):
    return [
        (garde.rythme, garde.debut, garde.fin, garde.depuis)
        for garde in lea.gardes.filter(foyer=foyer).order_by(F("debut").asc(nulls_first=True), "pk")
    ]


@pytest.mark.parametrize(
    ("suite", "ici", "la", "laissees"),
    [
        (SuiteSeparation.RESTE, [("toujours", None, None, None)], [], []),
        (SuiteSeparation.DEUX, [("toujours", None, None, None)], [("toujours", AUJOURDHUI, None, None)], []),
        (
            SuiteSeparation.SUIT,
            [("toujours", None, date(2026, 12, 2), None)],
            [("toujours", AUJOURDHUI, None, None)],
            [LUNDI_7, LUNDI_14],
        ),
        (
            SuiteSeparation.ALTERNEE,
            [("toujours", None, date(2026, 12, 2), None), ("alternee", AUJOURDHUI, None, LUNDI_14)],
            [("alternee", AUJOURDHUI, None, LUNDI_7)],
            [LUNDI_7],
        ),
    ],
)
def test_custody_is_as_it_was_said(camille, karim, lea, suite, ici, la, laissees):
    bilan = go(karim, {lea.pk: suite}, semaine=date(2026, 12, 9))

    karim.refresh_from_db()
    assert karim.foyer.adresse == "3 rue du Lac"
    assert (gardes(lea, camille.foyer), gardes(lea, karim.foyer)) == (ici, la)
    assert [ligne.jour for ligne in bilan.laissees] == laissees
    assert set(Inscription.objects.values_list("etat", flat=True)) == {"inscrit"}


def test_inscriptions_left_behind_are_cancelled_when_it_was_said(karim, lea):
    bilan = go(karim, {lea.pk: SuiteSeparation.ALTERNEE}, Sort.ANNULER, semaine=LUNDI_7)

    assert bilan.annulees == 1
    assert dict(Inscription.objects.values_list("jour", "etat")) == {LUNDI_7: "annulee", LUNDI_14: "inscrit"}


def test_alternating_custody_follows_as_it_is(camille, karim, lea):
    lea.gardes.update(rythme="alternee", depuis=LUNDI_7, debut=date(2026, 9, 1))

    go(karim, {lea.pk: SuiteSeparation.SUIT})

    karim.refresh_from_db()
    assert gardes(lea, karim.foyer) == [("alternee", AUJOURDHUI, None, LUNDI_7)]


def test_custody_to_come_moves_whole_and_custody_past_stays(camille, karim, lea):
    lea.gardes.update(fin=date(2026, 11, 30))
    lea.gardes.create(foyer=camille.foyer, debut=LUNDI_14)

    go(karim, {lea.pk: SuiteSeparation.SUIT})

    karim.refresh_from_db()
    assert gardes(lea, camille.foyer) == [("toujours", None, date(2026, 11, 30), None)]
    assert gardes(lea, karim.foyer) == [("toujours", LUNDI_14, None, None)]


def test_custody_that_ends_on_the_day_of_the_departure_moves_for_that_day(camille, karim, lea):
    lea.gardes.update(fin=AUJOURDHUI)

    go(karim, {lea.pk: SuiteSeparation.SUIT})

    karim.refresh_from_db()
    assert gardes(lea, camille.foyer) == [("toujours", None, date(2026, 12, 2), None)]
    assert gardes(lea, karim.foyer) == [("toujours", AUJOURDHUI, AUJOURDHUI, None)]


def test_custody_that_begins_on_the_day_of_the_departure_moves_whole(camille, karim, lea):
    lea.gardes.update(debut=AUJOURDHUI)

    go(karim, {lea.pk: SuiteSeparation.SUIT})

    karim.refresh_from_db()
    assert (gardes(lea, camille.foyer), len(gardes(lea, karim.foyer))) == ([], 1)


def test_child_from_whom_a_judge_removed_the_adult_is_not_asked_about(camille, karim, lea):
    lea.responsabilites.filter(responsable=karim).update(suspendue=True)

    assert go(karim, {}).refus == ()
    assert gardes(lea, camille.foyer) == [("toujours", None, None, None)]


def test_child_of_the_other_adult_alone_is_not_asked_about(camille, karim, lea):
    tom = make_enfant(camille, prenom="Tom")

    assert go(karim, {lea.pk: SuiteSeparation.RESTE}).refus == ()
    assert gardes(tom, camille.foyer) == [("toujours", None, None, None)]


def test_home_that_is_known_receives(camille, karim, lea):
    sacha = ResponsableFactory(foyer=FoyerFactory(adresse="5 rue du Pont"))

    go(karim, {lea.pk: SuiteSeparation.DEUX}, vers=sacha.foyer)

    karim.refresh_from_db()
    assert karim.foyer == sacha.foyer


def test_words_tell_both_homes(karim, lea):
    bilan = go(karim, {lea.pk: SuiteSeparation.ALTERNEE}, semaine=LUNDI_7)

    assert bilan.gardes == (
        "Léa Morel\u00a0: dans ce foyer, toujours, jusqu’au 2\u00a0décembre 2026 et une semaine sur deux "
        "à partir du lundi 14\u00a0décembre 2026, depuis le 3\u00a0décembre 2026\u202f; dans l’autre, une "
        "semaine sur deux à partir du lundi 7\u00a0décembre 2026, depuis le 3\u00a0décembre 2026",
    )


def test_refusals_are_told_and_nothing_is_written(camille, karim, lea):
    sacha = ResponsableFactory(foyer=FoyerFactory(adresse="5 rue du Pont"))
    avant = everything()

    refus = [
        go(karim, {}).refus,
        go(karim, {lea.pk: SuiteSeparation.ALTERNEE}).refus,
        go(karim, {lea.pk: SuiteSeparation.RESTE}, vers=karim.foyer).refus,
        go(sacha, {}).refus,
        go(sacha, {}, vers=camille.foyer).refus,
    ]

    assert refus == [
        ("Dites où vivra Léa Morel.",),
        ("Indiquez un jour de la première semaine dans l’autre foyer.",),
        ("Karim Morel vit déjà dans ce foyer.",),
        ("Il ne resterait personne dans ce foyer\u202f: changez plutôt son adresse.",),
        ("Il ne resterait personne dans ce foyer\u202f: réunissez plutôt les deux foyers.",),
    ]
    apres = everything()
    assert {nom: lignes for nom, lignes in apres.items() if nom != "User"} == {
        nom: lignes for nom, lignes in avant.items() if nom != "User"
    }


def test_child_who_alternates_already_is_settled_on_its_file(karim, lea):
    lea.gardes.update(rythme="alternee", depuis=LUNDI_7)

    assert go(karim, {lea.pk: SuiteSeparation.DEUX}).refus == (
        "Léa Morel est déjà en garde alternée\u202f: réglez d’abord sa garde sur sa fiche.",
    )


@pytest.mark.ci
@pytest.mark.django_db(transaction=True)
def test_a_fault_at_any_query_leaves_all_or_nothing(karim, lea):
    agent = StaffFactory().pk
    avant = everything()
    depart = Depart(karim.pk, AUJOURDHUI, {lea.pk: SuiteSeparation.ALTERNEE}, LUNDI_7)

    for n in range(1, MANY):
        try:
            with connection.execute_wrapper(Fault(n, done=True)):
                changer_de_foyer(depart, Foyer(adresse="3 rue du Lac"), Sort.ANNULER, agent, now=NOW)
        except OperationalError:
            assert everything() == avant, f"query {n}"
        else:
            break

    assert 20 < n < MANY - 1
    assert Foyer.objects.count() == 2
