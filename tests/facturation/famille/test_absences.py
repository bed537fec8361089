"""A family says why a child was away, from its home or its invoices: a choice in a list, answered by the town hall."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import time_machine
from django.test import RequestFactory

from enfance.models import Absence
from facturation.absences.ecriture import repondre
from facturation.famille.absences import affaires
from facturation.models import Justification
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.vecu import clore, inscrire, make_commune
from tests.reading import html_of, plain

PAGE = "/factures/absences/"
NOW = datetime(2026, 11, 30, 9, 5, tzinfo=PARIS)
VENDREDI = date(2026, 11, 27)


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def camille():
    make_commune()
    return ResponsableFactory()


@pytest.fixture
def lea(camille):
    lea = make_enfant(camille, prenom="Léa", sexe="f")
    inscrire(lea, VENDREDI)
    return lea


@pytest.fixture
def client(camille):
    client = Client()
    client.force_login(camille.user)
    return client


def tell(enfant, par=None):
    return Absence.objects.create(
        enfant=enfant, jour=VENDREDI, signalee_par=par, signalee_le=datetime(2026, 11, 27, 7, 20, tzinfo=PARIS)
    )


def lines(responsable):
    request = RequestFactory().get("/")
    request.user = responsable.user
    return [plain(affaire.texte) for affaire in affaires(request, NOW)]


def test_home_asks_why_until_it_is_said(client, camille, lea):
    assert lines(camille) == []
    tell(lea)

    assert lines(camille) == ["Absence de Léa, vendredi 27 novembre : la mairie peut l’excuser."]
    html = html_of(client.get("/"))
    assert "Absence de Léa" in html
    assert f'href="{PAGE}"' in html

    client.post(PAGE, {"enfant": lea.pk, "jour": "2026-11-27", "raison": "maladie"})
    assert lines(camille) == []


def test_home_asks_nothing_of_what_is_answered(camille, lea):
    tell(lea)
    creneau = lea.inscriptions.get().creneau_id
    repondre(lea.pk, {VENDREDI: [creneau]}, "excusee", "malade", par=StaffFactory().pk, now=NOW)

    assert lines(camille) == []


def test_reason_is_chosen_and_changed(client, camille, lea):
    tell(lea)
    response = client.post(PAGE, {"enfant": lea.pk, "jour": "2026-11-27", "raison": "maladie"}, follow=True)

    html = html_of(response)
    assert "C’est noté : absence de Léa, vendredi 27 novembre, maladie." in html
    assert "Raison choisie : <b>maladie</b>. La mairie n’a pas encore répondu." in html
    client.post(PAGE, {"enfant": lea.pk, "jour": "2026-11-27", "raison": "famille"})
    assert [(j.raison, j.dite_par) for j in Justification.objects.all()] == [("famille", camille.user)]


def test_no_word_of_a_parent_is_kept_but_a_choice(client, lea):
    tell(lea)
    html = html_of(client.get(PAGE))
    assert "<textarea" not in html
    response = client.post(PAGE, {"enfant": lea.pk, "jour": "2026-11-27", "raison": "gastro", "texte": "fièvre"})

    assert "Choisissez une raison de la liste." in html_of(response)
    assert not Justification.objects.exists()


def test_what_the_team_saw_is_explained_as_well(client, lea):
    clore(VENDREDI)

    html = html_of(client.get(PAGE))

    assert "Midi : l’équipe n’a noté aucune présence." in html


def test_answer_is_read_with_its_date_and_closes_the_choice(client, camille, lea):
    tell(lea)
    creneau = lea.inscriptions.get().creneau_id
    repondre(lea.pk, {VENDREDI: [creneau]}, "excusee", "certificat reçu", par=StaffFactory().pk, now=NOW)

    html = html_of(client.get(PAGE))

    assert "Excusée lundi 30 novembre à 9 h 05 : certificat reçu." in html
    assert "<select" not in html
    response = client.post(PAGE, {"enfant": lea.pk, "jour": "2026-11-27", "raison": "maladie"}, follow=True)
    assert "a déjà sa réponse" in html_of(response)


def test_other_foyer_reads_nothing_of_it(lea):
    autre = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    lea.responsabilites.create(responsable=autre)
    tell(lea)
    Justification.objects.create(enfant=lea, jour=VENDREDI, raison="maladie")
    client = Client()
    client.force_login(autre.user)

    html = html_of(client.get(PAGE))

    assert "maladie</b>" not in html
    assert "Aucune absence à expliquer" in html
    assert lines(autre) == []


def test_home_reads_its_absences_by_one_query(camille, lea, django_assert_num_queries):
    tell(lea)
    tom = make_enfant(camille, prenom="Tom")
    inscrire(tom, VENDREDI)
    tell(tom)
    camille.user.responsable.foyer_id  # noqa: B018
    with django_assert_num_queries(1):
        assert lines(camille) == ["Absence de Léa et de Tom, vendredi 27 novembre : la mairie peut l’excuser."]
