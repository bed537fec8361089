"""Whom the town hall writes to: the adults of the pupils that are there, one mail an address."""

from datetime import date

import pytest

from enfance.mairie.destinataires import Courrier, Public
from enfance.models import Inscription, Responsabilite, Scolarite
from tests.factories import (
    AnneeFactory,
    ClasseFactory,
    FoyerFactory,
    ResponsableFactory,
    ScolariteFactory,
    make_creneaux,
    make_enfant,
)

pytestmark = pytest.mark.django_db
TODAY, MARDI = date(2026, 12, 3), date(2026, 12, 8)
Etat = Inscription.Etat


@pytest.fixture
def camille():
    return ResponsableFactory(user__first_name="Camille", user__last_name="Morel")


@pytest.fixture
def lea(camille):
    return make_enfant(camille)


def noms(public, today=TODAY):
    return [adulte.user.first_name for adulte in public.responsables(today=today)]


def test_everybody_is_each_adult_once_by_name(camille, lea):
    make_enfant(camille, prenom="Tom")
    make_enfant(ResponsableFactory(user__first_name="Sacha", user__last_name="Abel"))
    ResponsableFactory()  # answers for nobody

    assert noms(Public()) == ["Sacha", "Camille"]


@pytest.mark.parametrize("account", [{"is_active": False}, {"is_staff": True}], ids=["closed", "agent"])
def test_account_that_is_closed_or_an_agents_is_left_out(camille, lea, account):
    for name, value in account.items():
        setattr(camille.user, name, value)
    camille.user.save()

    assert noms(Public()) == []


def test_suspended_link_is_left_out(camille, lea):
    Responsabilite.objects.update(suspendue=True)

    assert noms(Public()) == []


def test_suspended_link_is_left_out_of_those_of_a_day_as_well(camille, lea):
    soir = make_creneaux()["soir"]
    Inscription.objects.create(enfant=lea, creneau=soir, jour=MARDI)
    assert noms(Public(creneau=soir, jour=MARDI)) == ["Camille"]

    Responsabilite.objects.update(suspendue=True)

    assert noms(Public(creneau=soir, jour=MARDI)) == []


@pytest.mark.parametrize(("depart", "found"), [(date(2026, 12, 3), []), (date(2026, 12, 4), ["Camille"])])
def test_pupil_who_has_gone_is_left_out(camille, lea, depart, found):
    Scolarite.objects.update(depart=depart)

    assert noms(Public()) == found


@pytest.mark.parametrize(("today", "found"), [(date(2027, 7, 2), ["Camille"]), (date(2027, 7, 3), [])])
def test_year_that_is_over_counts_no_more(camille, lea, today, found):
    assert noms(Public(), today) == found


def test_pupil_of_the_year_to_come_counts_in_summer(camille, lea):
    suivante = AnneeFactory(debut=date(2027, 9, 1), fin=date(2028, 7, 1))
    ScolariteFactory(enfant=lea, annee=suivante, classe=None)

    assert noms(Public(), date(2027, 7, 20)) == ["Camille"]


def test_class_is_its_pupils_alone(camille, lea):
    autre = ClasseFactory(nom="PS-MS Mme Saule")
    tom = make_enfant(ResponsableFactory(user__first_name="Sacha"), prenom="Tom")
    Scolarite.objects.filter(enfant=tom).update(classe=autre)

    assert (noms(Public((ClasseFactory(),))), noms(Public((autre,)))) == (["Camille"], ["Sacha"])


def test_departure_from_the_class_counts_not_from_the_school(camille, lea):
    """A child of two years is of a class by the same row that says it is there."""
    suivante = AnneeFactory(debut=date(2027, 9, 1), fin=date(2028, 7, 1))
    ScolariteFactory(enfant=lea, annee=suivante, classe=None)
    Scolarite.objects.filter(annee__debut=date(2026, 9, 1)).update(depart=date(2026, 11, 1))

    assert noms(Public((ClasseFactory(),))) == []


@pytest.mark.parametrize(
    ("etat", "jour", "creneau", "found"),
    [
        (Etat.INSCRIT, MARDI, "soir", ["Camille"]),
        (Etat.ATTENTE, MARDI, "soir", []),
        (Etat.ANNULEE, MARDI, "soir", []),
        (Etat.INSCRIT, date(2026, 12, 7), "soir", []),
        (Etat.INSCRIT, MARDI, "matin", []),
    ],
)
def test_creneau_of_a_day_is_who_is_registered_then(camille, lea, etat, jour, creneau, found):
    creneaux = make_creneaux()
    attente = {"attente_depuis": "2026-12-01T08:00:00Z"} if etat == Etat.ATTENTE else {}
    Inscription.objects.create(enfant=lea, jour=jour, creneau=creneaux[creneau], etat=etat, **attente)

    assert noms(Public(creneau=creneaux["soir"], jour=MARDI)) == found


def test_creneau_tells_both_homes(camille):
    dominique = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"), user__first_name="Dominique")
    lea = make_enfant(camille, dominique)
    creneaux = make_creneaux()
    Inscription.objects.create(enfant=lea, jour=MARDI, creneau=creneaux["soir"], foyer=camille.foyer)

    assert noms(Public(creneau=creneaux["soir"], jour=MARDI)) == ["Camille", "Dominique"]


def test_adult_of_two_classes_is_there_once(camille):
    autre = ClasseFactory(nom="PS Mme Saule")
    make_enfant(camille, prenom="Léa")
    Scolarite.objects.filter(enfant=make_enfant(camille, prenom="Tom")).update(classe=autre)
    Scolarite.objects.filter(enfant=make_enfant(ResponsableFactory(user__first_name="Ada"))).update(
        classe=ClasseFactory(nom="MS M. Orme")
    )

    assert noms(Public((ClasseFactory(), autre))) == ["Camille"]


@pytest.mark.parametrize(
    ("make", "phrase"),
    [
        (lambda: Public(), "toutes les familles"),
        (lambda: Public((ClasseFactory(),)), "les familles de la classe CE1-CE2 Mme Sorbier"),
        (
            lambda: Public((ClasseFactory(), ClasseFactory(nom="PS Mme Saule"))),
            "les familles des classes CE1-CE2 Mme Sorbier et PS Mme Saule",
        ),
        (
            lambda: Public(creneau=make_creneaux()["soir"], jour=MARDI),
            "les familles inscrites le mardi 8\u00a0décembre 2026, soir",
        ),
    ],
)
def test_choice_is_said_in_words(make, phrase):
    assert make().phrase == phrase


def test_one_mail_an_address_and_who_has_none(camille):
    ensemble = ResponsableFactory(user__first_name="Dominique", user__email=camille.user.email.upper())
    sans = ResponsableFactory(user__first_name="Yvonne", user__email="")
    make_enfant(camille, ensemble, sans)

    courrier = Courrier.of(Public(), today=TODAY)

    assert (courrier.comptes, courrier.sans_courriel, courrier.partages) == ([camille.user], [sans], 1)


@pytest.mark.parametrize("families", [1, 30])
def test_a_school_is_read_in_one_query(django_assert_num_queries, families):
    for n in range(families):
        make_enfant(ResponsableFactory(), prenom=f"Enfant {n}")

    with django_assert_num_queries(1):
        courrier = Courrier.of(Public(), today=TODAY)
        assert len([str(adulte) + adulte.foyer.adresse for adulte in courrier.adultes]) == families
        assert len(courrier.comptes) == families
