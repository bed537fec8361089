"""Why, asked in the form of an absence: its reason comes and goes with it; the gate says nothing before its hour."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from enfance.famille.absences.ecriture import retirer, signaler
from enfance.models import Absence, Appel, Creneau
from enfance.regles import Acteur
from facturation.absences.ecriture import justifier, repondre
from facturation.models import Justification, Tarif
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.vecu import inscrire, make_commune
from tests.reading import html_of, words_of

VENDREDI = date(2026, 11, 27)
MATIN = datetime(2026, 11, 27, 7, 40, tzinfo=PARIS)
FORM, QUI_SAIT = "/jour/2026-11-27/absences/", "/jour/2026-11-27/absences/dites/"


@pytest.fixture(autouse=True)
def clock(db, time_machine):
    time_machine.move_to(MATIN, tick=False)
    return time_machine


@pytest.fixture
def camille():
    make_commune()
    return ResponsableFactory(user__first_name="Camille")


@pytest.fixture
def lea(camille):
    """Awaited at noon on Friday."""
    lea = make_enfant(camille, prenom="Léa", sexe="f")
    inscrire(lea, VENDREDI)
    return lea


@pytest.fixture
def client(camille):
    client = Client()
    client.force_login(camille.user)
    return client


def tell(client, lea, raison="maladie", **data):
    sent = {"absent": lea.pk, "moment": f"{lea.pk}:midi", "raison": raison, **data}
    return client.post(FORM, sent, follow=True)


def famille(responsable):
    """What the family's page of absences says."""
    return _read(responsable.user, "/factures/absences/")


def mairie():
    """What the secretary's page says."""
    return _read(StaffFactory(), "/admin/facturation/absences/")


def _read(user, adresse):
    client = Client()
    client.force_login(user)
    return words_of(html_of(client.get(adresse)))


# --- The reason is asked with the absence -----------------------------------------------------------------------------


def test_form_asks_why_and_prefers_nothing(client, lea):
    page = html_of(client.get(FORM))
    assert '<option value="" selected>Je préfère ne pas le dire</option>' in page
    assert '<option value="maladie">Maladie</option>' in page
    assert "la mairie dira si elle est comptée" in page


def test_nothing_is_asked_where_no_tariff_bills_who_is_registered(client, lea):
    Tarif.objects.update(base=Tarif.Base.PRESENCE)
    assert "Pourquoi" not in html_of(client.get(FORM))
    response = client.post(FORM, {"absent": lea.pk, "moment": f"{lea.pk}:midi"}, follow=True)
    assert "Et la facture" not in html_of(response)
    assert Absence.objects.count() == 1


def test_reason_is_kept_and_the_page_says_it_with_the_bill(client, camille, lea):
    response = tell(client, lea)
    assert response.redirect_chain == [(QUI_SAIT, 303)]
    page = words_of(html_of(response))
    assert "Léa est absente aujourd’hui, midi Noté à 7 h 40. Raison : maladie." in page
    assert "Et la facture ? La mairie lit la raison et répond. Jusque-là, 1 moment reste compté." in page
    [justification] = Justification.objects.all()
    assert (justification.enfant, justification.jour, justification.dite_par) == (lea, VENDREDI, camille.user)


def test_reason_that_is_not_said_is_none(client, lea):
    assert "Raison" not in words_of(html_of(tell(client, lea, raison="")))
    assert Justification.objects.count() == 0


def test_reason_of_no_list_tells_nothing(client, lea):
    assert "Choisissez une raison de la liste." in html_of(tell(client, lea, raison="grippe"))
    assert (Absence.objects.count(), Justification.objects.count()) == (0, 0)


# --- And goes with it -------------------------------------------------------------------------------------------------


def test_absence_taken_back_leaves_no_reason_and_no_word_of_the_gate(client, camille, lea):
    tell(client, lea)
    client.post(FORM, {"vient": lea.pk})
    assert Justification.objects.count() == 0
    assert "Aucune absence à expliquer" in famille(camille)
    assert "Aucune absence à juger." in mairie()


def test_reason_that_the_other_parent_gave_goes_too(client, camille, lea):
    tell(client, lea, raison="")
    karim = ResponsableFactory(foyer=camille.foyer)
    lea.responsabilites.create(responsable=karim)
    justifier(Acteur.parent(karim), lea.pk, VENDREDI, "famille", now=MATIN)
    client.post(FORM, {"vient": lea.pk})
    assert Justification.objects.count() == 0


def test_reason_that_is_answered_stays_with_its_answer(client, camille, lea):
    tell(client, lea)
    midi = Creneau.objects.get(code="midi").pk
    repondre(lea.pk, {VENDREDI: [midi]}, "excusee", "malade", par=StaffFactory().pk, now=MATIN)
    client.post(FORM, {"vient": lea.pk})
    assert Justification.objects.count() == 1
    assert "Aucune absence à expliquer" in famille(camille)  # nothing of it is an absence any more


def test_reason_of_a_moment_that_the_team_noted_stays(camille, lea, clock):
    """The morning was missed, its sheet is closed, the reason explains it: noon alone is taken back."""
    inscrire(lea, VENDREDI, creneau="matin")
    clock.move_to(datetime(2026, 11, 27, 8, 35, tzinfo=PARIS), tick=False)
    Appel.objects.create(jour=VENDREDI, creneau=Creneau.objects.get(code="matin"))
    now = datetime(2026, 11, 27, 9, 0, tzinfo=PARIS)
    signaler(Acteur.parent(camille), {lea.pk: ["midi"]}, VENDREDI, valeurs={"raison": "maladie"}, now=now)
    assert retirer(Acteur.parent(camille), lea.pk, VENDREDI, now=now)
    assert [j.raison for j in Justification.objects.all()] == ["maladie"]


def test_reason_alone_says_nothing_of_the_gate(camille, lea):
    """As one that an earlier version left behind."""
    Justification.objects.create(enfant=lea, jour=VENDREDI, raison="maladie")
    assert "Aucune absence à expliquer" in famille(camille)
    assert "Aucune absence à juger." in mairie()


def test_sheet_closed_early_says_nothing_before_the_hour_is_over(camille, lea, clock):
    clock.move_to(datetime(2026, 11, 27, 12, 45, tzinfo=PARIS), tick=False)
    Appel.objects.create(jour=VENDREDI, creneau=Creneau.objects.get(code="midi"))
    assert ("Léa" in famille(camille), "Sans message (1)" in mairie()) == (False, False)
    clock.move_to(datetime(2026, 11, 27, 13, 30, tzinfo=PARIS), tick=False)
    assert "l’équipe n’a noté aucune présence" in famille(camille)
    assert "Sans message (1)" in mairie()


def test_moment_that_was_told_and_one_that_the_team_noted_are_said_apart(client, camille, lea, clock):
    inscrire(lea, VENDREDI, creneau="matin")
    tell(client, lea)
    Appel.objects.create(jour=VENDREDI, creneau=Creneau.objects.get(code="matin"))
    clock.move_to(datetime(2026, 11, 27, 8, 40, tzinfo=PARIS), tick=False)
    assert "Matin et midi : l’équipe n’a noté aucune présence (matin)." in famille(camille)
    assert "Signalée vendredi 27 novembre à 7 h 40, après la limite" in mairie()
    assert "Noté absent par l’équipe : matin." in mairie()
