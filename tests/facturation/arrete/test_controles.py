"""Before a month is closed: what blocks, what deserves a look, in words and with a door."""

from datetime import date

import pytest

from enfance.models import Absence, Garde
from facturation.arrete.controles import controler
from facturation.models import Justification, Partage, ReponseAbsence, Tarif
from facturation.payeurs.comptes import compte_of
from tests.factories import FoyerFactory, ResponsableFactory, make_enfant
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, clore, dire_quotient, inscrire, make_commune, pointer

pytestmark = pytest.mark.django_db
MARDI = date(2026, 11, 3)
REQUETES = 33


@pytest.fixture
def camille():
    make_commune()
    camille = ResponsableFactory()
    dire_quotient(camille.foyer, 742)
    compte = compte_of(camille.foyer)
    compte.residence = "commune"
    compte.save()
    return camille


@pytest.fixture
def lea(camille):
    return make_enfant(camille, prenom="Léa")


def venir(enfant, *jours):
    """Seen at noon on these days."""
    for jour in jours:
        pointer(enfant, jour, creneau="midi", arrivee="11:33")


def points():
    controle = controler(NOVEMBRE, ENSUITE)
    return (
        {point.code: point.nombre for point in controle.bloquants},
        {point.code: point.nombre for point in controle.a_regarder},
    )


def point(code):
    return next(point for point in controler(NOVEMBRE, ENSUITE).points if point.code == code)


def test_a_month_in_order_has_nothing_to_say(lea):
    inscrire(lea, LUNDI)
    venir(lea, LUNDI)
    clore(LUNDI)

    assert points() == ({}, {})
    assert point("feuilles").effet == "Novembre\u00a0: 1\u00a0feuille est close."


def test_open_sheet_blocks_where_presence_counts_and_is_said_elsewhere(lea):
    inscrire(lea, LUNDI, creneau="soir")
    inscrire(lea, LUNDI, creneau="midi")

    assert points() == ({"feuilles": 1}, {"feuilles_ouvertes": 1})
    feuille = point("feuilles")
    assert feuille.effet == "Lundi 2, soir\u00a0: 1\u00a0enfant attendu. L’équipe ou vous pouvez la clore."
    assert feuille.porte.adresse == "/equipe/2026-11-02/?creneau=soir"


def test_presence_without_payer_blocks(lea):
    Garde.objects.create(enfant=lea, foyer=FoyerFactory())
    pointer(lea, LUNDI, depart="17:10")
    clore(LUNDI)

    assert points() == ({"sans_payeur": 1}, {"sans_inscription": 1})
    assert point("sans_payeur").porte.adresse == f"/admin/enfance/enfant/{lea.pk}/change/"


def test_child_without_price_blocks(lea):
    Tarif.objects.filter(nom="Midi").delete()
    inscrire(lea, LUNDI, MARDI)
    venir(lea, LUNDI, MARDI)
    clore(LUNDI, MARDI)

    assert points() == ({"sans_prix": 1}, {})
    assert [porte.texte or porte.geste + porte.suite for porte in point("sans_prix").portes] == [
        "Voir les tarifs",
        "Léa Morel, lundi 2, midi",
    ]


def test_shares_that_are_not_whole_block(lea, camille):
    Partage.objects.create(enfant=lea, compte=compte_of(camille.foyer), part=60)
    inscrire(lea, LUNDI)
    venir(lea, LUNDI)
    clore(LUNDI)

    assert points() == ({"partages": 1}, {})


def test_absence_waits_for_an_answer(lea):
    [inscription] = inscrire(lea, LUNDI)
    Absence.objects.create(enfant=lea, jour=LUNDI)
    clore(LUNDI)

    avant = points()
    ReponseAbsence.objects.create(
        enfant=lea, jour=LUNDI, creneau=inscription.creneau, reponse="facturee", motif="Signalée après la limite."
    )

    assert avant == ({}, {"absences": 1})
    assert points() == ({}, {})


def test_reason_that_nobody_answered_blocks(lea, camille):
    [inscription] = inscrire(lea, LUNDI)
    Absence.objects.create(enfant=lea, jour=LUNDI)
    Justification.objects.create(enfant=lea, jour=LUNDI, raison="maladie", dite_par=camille.user)
    clore(LUNDI)

    assert points() == ({"raisons": 1}, {})
    assert controler(NOVEMBRE, ENSUITE).refus == [
        "1\u00a0point à régler avant d’arrêter novembre 2026\u00a0: 1\u00a0absence dont la raison attend une réponse."
    ]
    assert point("raisons").effet == "Sa famille a dit pourquoi\u00a0: excusez ou facturez, d’un clic."

    ReponseAbsence.objects.create(
        enfant=lea, jour=LUNDI, creneau=inscription.creneau, reponse="facturee", motif="Raison non retenue."
    )

    assert points() == ({}, {})


def test_reason_of_a_day_that_nothing_bills_does_not_block(lea, camille):
    """A tariff that begins after the day: the town hall has nothing to answer."""
    Tarif.objects.filter(nom="Midi").update(debut=MARDI)
    inscrire(lea, LUNDI)
    inscrire(lea, MARDI)
    Justification.objects.create(enfant=lea, jour=LUNDI, raison="maladie", dite_par=camille.user)
    clore(LUNDI, MARDI)

    assert "raisons" not in points()[0]


def test_payer_of_whom_nothing_is_known_is_counted(camille):
    autre = ResponsableFactory(foyer=FoyerFactory(adresse=""), user__email="")
    tom = make_enfant(autre)
    inscrire(tom, LUNDI)
    venir(tom, LUNDI)
    clore(LUNDI)

    assert points() == ({}, {"quotients": 1, "residences": 1, "adresses": 1})
    assert point("residences").porte.adresse == "/admin/facturation/residences/"
    assert point("adresses").effet.startswith("Camille Morel\u00a0: ni e-mail ni adresse")


def test_presence_without_inscription_and_departure_that_nobody_tapped_are_said(lea):
    pointer(lea, LUNDI)
    inscrire(lea, MARDI, creneau="soir")
    pointer(lea, MARDI)
    clore(LUNDI, MARDI)

    assert points() == ({}, {"sans_inscription": 1, "sans_depart": 1})
    assert point("sans_inscription").effet == "L’enfant était là\u00a0: le supplément de 1,00\u202f€ est compté."


def test_reading_takes_as_many_queries_with_three_families(lea, django_assert_num_queries):
    inscrire(lea, LUNDI)
    clore(LUNDI)
    with django_assert_num_queries(REQUETES):
        controler(NOVEMBRE, ENSUITE)
    for _ in range(2):
        adulte = ResponsableFactory(foyer=FoyerFactory())
        inscrire(make_enfant(adulte), LUNDI, MARDI)
    with django_assert_num_queries(REQUETES):
        controler(NOVEMBRE, ENSUITE)
