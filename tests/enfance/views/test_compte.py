"""A parent's account: one page, one form each, and the password asked before what a borrowed window must not do."""

import json
from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django_tasks_db.models import DBTaskResult

from enfance.models import Responsable
from portail.dates import PARIS
from tests.factories import (
    PASSWORD,
    AnneeFactory,
    FoyerFactory,
    ResponsableFactory,
    StaffFactory,
    UserFactory,
    make_creneaux,
    make_enfant,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
NEW = "nouvelle@courriel.example"


@pytest.fixture
def camille(time_machine):
    time_machine.move_to(NOW, tick=False)
    return ResponsableFactory(
        user__identifiant="3816238", user__email="camille@courriel.example", telephone="06 39 98 00 12"
    )


@pytest.fixture
def connected(client, camille):
    log_in(client)
    return client


def log_in(client, **fields):
    client.post("/connexion/", {"identifiant": "3816238", "password": PASSWORD, **fields})


def text(response):
    return response.content.decode().replace("\u00a0", " ").replace("\u202f", " ")


def post(client, **fields):
    return client.post("/compte/", fields, follow=True)


def contact(client, **fields):
    defaults = {"email": "camille@courriel.example", "telephone": "06 39 98 00 12", "password": PASSWORD}
    return post(client, **defaults | fields)


def test_page_shows_how_the_parent_is_reached(connected):
    page = text(connected.get("/compte/"))
    for words in ["Camille Morel", "3816238", "camille@courriel.example", "06 39 98 00 12", "12 chemin des Tilleuls"]:
        assert words in page
    assert page.count("<h1>") == 1


def test_page_of_a_parent_costs_few_queries(connected, django_assert_num_queries):
    with django_assert_num_queries(2):  # the session, and the account with its adult and foyer
        connected.get("/compte/")


@pytest.mark.parametrize("make", [StaffFactory, UserFactory])
def test_whoever_is_no_parent_keeps_the_plain_page(client, make):
    client.force_login(make())
    page = text(client.get("/compte/"))
    assert ("Mot de passe" in page, "Dans mon agenda" in page) == (True, False)


# --- Contact details --------------------------------------------------------------------------------------------------


def test_email_changes_and_both_addresses_are_told(connected, camille, journal):  # noqa: F811  # AUT-13
    page = text(contact(connected, email=NEW))
    assert "L’ancienne et la nouvelle adresse sont prévenues." in page
    assert "aucun mot de passe n’y est envoyé avant le vendredi 4 décembre à 20 h 41" in page
    for row in DBTaskResult.objects.filter(task_path="accounts.tasks.send_email_changed"):
        row.task.func(*row.args_kwargs["args"])
    assert sorted(message.to for message in mail.outbox) == [["camille@courriel.example"], [NEW]]
    [event] = [event for event in journal.events if event["event"] == "email_changed"]
    assert (event["user"], event["by"]) == (camille.user_id, "account")
    assert NEW not in journal.text


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"password": ""}, "Indiquez votre mot de passe actuel."),
        ({"password": "faux"}, "Ce n’est pas votre mot de passe actuel."),
        ({"email": ""}, "Indiquez votre adresse e-mail."),
        ({"email": "camille"}, "Écrivez une adresse complète"),
        ({"telephone": "12"}, "Écrivez un numéro complet, comme 06 39 98 00 00."),
        ({"telephone": "demain"}, "Écrivez un numéro complet"),
        ({"telephone": "0" * 31}, "Ce numéro est trop long."),
    ],
)
def test_refused_contact_details_change_nothing(connected, camille, fields, message):
    page = text(contact(connected, **{"email": NEW, "telephone": "06 39 98 00 13"} | fields))
    assert page.count(message) == 2  # in the summary and beside the field
    assert "<title>Erreur : Compte" in page
    assert page.count("<details open>") == 1
    camille = Responsable.objects.select_related("user").get(pk=camille.pk)
    assert (camille.user.email, camille.telephone) == ("camille@courriel.example", "06 39 98 00 12")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0639980013", "06 39 98 00 13"),
        ("+33 6 39 98 00 13", "06 39 98 00 13"),
        ("06.39.98.00.13", "06 39 98 00 13"),
        ("+32 470 12 34 56", "+32 470 12 34 56"),
        ("", ""),
    ],
)
def test_phone_is_kept_as_the_others_are(connected, camille, typed, kept):
    contact(connected, telephone=typed)
    camille.refresh_from_db()
    assert camille.telephone == kept
    assert DBTaskResult.objects.count() == 0  # the address is the same: nothing to tell


def test_parent_without_address_may_give_a_phone_alone(client, camille):
    camille.user.email = ""
    camille.user.save()
    log_in(client)
    contact(client, email="", telephone="06 39 98 00 13")
    camille.refresh_from_db()
    assert camille.telephone == "06 39 98 00 13"


def test_contact_form_says_what_it_is_for(connected):  # RGP-03
    page = text(connected.get("/compte/"))
    assert "La mairie et la garderie s’en servent pour vous joindre" in page
    assert page.count('href="/donnees-personnelles/"') >= 2


def test_foreign_fields_are_ignored(connected, camille):  # ACC-04
    contact(connected, email=NEW, is_staff="1", foyer=str(FoyerFactory().pk), agenda_secret="x", rappel="on")
    fresh = Responsable.objects.select_related("user").get(pk=camille.pk)
    kept = (fresh.user.is_staff, fresh.foyer_id, fresh.agenda_secret, fresh.rappel)
    assert kept == (False, camille.foyer_id, None, False)


def test_password_form_changes_no_address(connected, camille):
    post(connected, password=PASSWORD, new_password1="Tartine de brume 8", new_password2="autre", email=NEW)
    camille.user.refresh_from_db()
    assert camille.user.email == "camille@courriel.example"


def test_password_is_asked_ten_times_in_all(connected):
    """The forms of the page share one counter: none of them is a way round it."""
    sent = [{"email": NEW, "password": "faux"}, {"donnees": "1", "password": "faux"}, {"password": "faux"}] * 4
    assert [post(connected, **fields).status_code for fields in sent] == [200] * 10 + [429] * 2


def test_password_changes_here_too(connected):  # AUT-05
    phone = Client()
    log_in(phone)
    page = text(
        post(connected, password=PASSWORD, new_password1="Tartine de brume 8", new_password2="Tartine de brume 8")
    )
    assert "Votre mot de passe est changé." in page
    assert phone.get("/compte/").status_code == 302


# --- Calendar, reminders ----------------------------------------------------------------------------------------------


def test_feed_address_is_made_renewed_and_dropped_by_a_button(connected, camille):
    assert "/agenda/" not in text(connected.get("/compte/"))
    secrets = []
    for value in ("renouveler", "renouveler", "supprimer"):
        page = text(post(connected, agenda=value))
        camille.refresh_from_db()
        secrets.append(camille.agenda_secret)
        assert (f"/agenda/{camille.agenda_secret}.ics" in page) is (value == "renouveler")
    assert (len(set(secrets)), len(secrets[0]), secrets[2]) == (3, 43, None)


def test_feed_address_is_in_no_journal(connected, camille, journal):  # noqa: F811
    post(connected, agenda="renouveler")
    camille.refresh_from_db()
    assert camille.agenda_secret not in journal.text
    assert "agenda_changed" in journal.text


def test_reminder_is_chosen_and_left(connected, camille):
    seen = []
    for fields in ({"rappel": "on"}, {}):
        page = text(post(connected, rappels="1", **fields))
        camille.refresh_from_db()
        seen.append((camille.rappel, 'name="rappel" checked' in page))
    assert seen == [(True, True), (False, False)]


def test_parent_without_address_is_told_to_give_one_first(client, camille):
    camille.user.email = ""
    camille.user.save()
    log_in(client)
    assert "indiquez d’abord votre adresse e-mail" in text(client.get("/compte/"))


# --- Own data ---------------------------------------------------------------------------------------------------------


def test_own_data_come_as_a_file(connected, camille, journal):  # noqa: F811  # RGP-07
    AnneeFactory()
    make_creneaux()
    make_enfant(camille, prenom="Léa")
    response = post(connected, donnees="1", password=PASSWORD)
    assert response["Content-Disposition"] == 'attachment; filename="mes-donnees-2026-12-03.json"'
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/json", "no-store")
    told = json.loads(response.content)
    assert (told["compte"][0]["identifiant"], told["enfants"][0]["prénom"]) == ("3816238", "Léa")
    [event] = [event for event in journal.events if event["event"] == "data_exported"]
    assert (event["user"], event["by"]) == (camille.user_id, "account")


@pytest.mark.parametrize("souvenir", [{}, {"souvenir": "on"}])
def test_own_data_ask_the_password_again(client, camille, souvenir, journal):  # noqa: F811  # SES-02
    log_in(client, **souvenir)
    for password in ("", "faux"):
        response = post(client, donnees="1", password=password)
        assert response["Content-Type"].startswith("text/html")
        assert "<title>Erreur : Compte" in text(response)
    assert "data_exported" not in journal.text


def test_remembered_session_is_asked_the_password_for_its_address(client, camille, time_machine):  # SES-02
    log_in(client, souvenir="on")
    time_machine.move_to(NOW + timedelta(days=20), tick=False)
    contact(client, email=NEW, password="")
    camille.user.refresh_from_db()
    assert camille.user.email == "camille@courriel.example"


def test_parents_of_one_child_have_each_their_own_file(connected, camille):  # ACC-03
    AnneeFactory()
    sacha = ResponsableFactory(user__email="sacha@ailleurs.example", foyer=FoyerFactory(adresse="3 rue du Lac"))
    lea = make_enfant(camille, sacha, prenom="Léa")
    lea.absences.create(jour=date(2026, 12, 4), signalee_par=sacha.user)
    told = post(connected, donnees="1", password=PASSWORD).content.decode()
    assert ("sacha@ailleurs.example" in told, "rue du Lac" in told) == (False, False)
