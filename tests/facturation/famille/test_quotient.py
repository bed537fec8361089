"""A parent reads the quotient of their foyer and says another; nobody else's is ever shown."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import time_machine

from facturation.models import Quotient
from facturation.quotients.ecriture import SaisieQuotient, declarer, enregistrer
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.reading import html_of

PAGE = "/factures/quotient/"
LUNDI = datetime(2026, 11, 30, 9, tzinfo=PARIS)
DIT = {"valeur": "742", "source": "caf", "debut": "2026-12-01"}


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(LUNDI, tick=False):
        yield


@pytest.fixture
def camille():
    return ResponsableFactory()


@pytest.fixture
def client(camille):
    client = Client()
    client.force_login(camille.user)
    return client


def see(responsable, valeur, **fields):
    saisie = SaisieQuotient(responsable.foyer_id, valeur, "caf", LUNDI.date(), **fields)
    return enregistrer([saisie], par=StaffFactory().pk, now=LUNDI)


def test_parent_reads_what_counts_and_until_when(client, camille):
    see(camille, 742, debut=date(2026, 11, 1), motif="attestation reçue en retard")

    html = html_of(client.get(PAGE))

    assert "<b>742</b>, d’après votre attestation CAF. Il compte du 1er novembre 2026 au 31 janvier 2027." in html
    assert "attestation reçue en retard" in html


def test_without_any_the_page_says_what_that_costs(client):
    html = html_of(client.get(PAGE))

    assert "La mairie n’a pas votre quotient ce mois-ci" in html
    assert "Le dire à la mairie" in html


def test_what_a_parent_says_waits_for_the_attestation(client, camille):
    html = html_of(client.post(PAGE, DIT, follow=True))

    assert "742, à partir du 1er décembre 2026 : attestation à montrer" in html
    assert "Montrez l’attestation à la mairie pour qu’il compte" in html
    [quotient] = Quotient.objects.all()
    assert (quotient.vu_le, quotient.saisi_par, quotient.fin) == (None, camille.user, date(2027, 1, 31))


def test_next_quotient_is_shown_beside_the_one_that_counts(client, camille):
    see(camille, 900, debut=date(2026, 11, 1), motif="oubli")
    see(camille, 742)

    html = html_of(client.get(PAGE))

    assert "<b>900</b>" in html
    assert "À partir du 1er décembre 2026 : <b>742</b>" in html


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"valeur": ""}, "Écrivez le nombre qui est sur l’attestation"),
        ({"valeur": "742,10"}, "Un quotient est un nombre entier"),
        ({"debut": "2026-11-01"}, "Sélectionnez un choix valide"),
    ],
)
def test_what_cannot_be_is_said_and_kept(client, wrong, said):
    response = client.post(PAGE, {**DIT, **wrong})

    assert response.status_code == 200
    assert said in html_of(response)
    assert not Quotient.objects.exists()


def test_other_home_of_the_child_sees_nothing_of_it(camille):
    autre = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    make_enfant(camille, autre)
    see(camille, 74213)
    declarer(camille.foyer_id, 74214, "caf", date(2026, 12, 1), par=camille.user_id, now=LUNDI)
    client = Client()
    client.force_login(autre.user)

    html = html_of(client.get(PAGE))

    assert "7421" not in html


def test_ten_words_an_hour_are_enough(client):
    for rang in range(10):
        assert client.post(PAGE, {**DIT, "valeur": str(rang)}).status_code == 303
    assert client.post(PAGE, DIT).status_code == 429


def test_page_is_a_parent_s(db):
    client = Client()
    client.force_login(StaffFactory())
    assert client.get(PAGE).status_code == 403
