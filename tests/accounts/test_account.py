from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django_tasks_db.models import DBTaskResult

from tests.accounts.conftest import NEW_PASSWORD, PASSWORD, log_in
from tests.factories import UserFactory
from tests.reading import html_of


@pytest.fixture
def connected(client, parent):
    log_in(client)
    return client


def change(client, password=PASSWORD, first=NEW_PASSWORD, second=None):
    return client.post(
        "/compte/", {"password": password, "new_password1": first, "new_password2": second or first}, follow=True
    )


def test_account_shows_who_and_how_to_be_reached(connected, parent):
    parent.password_changed_at = datetime(2026, 9, 1, 12, tzinfo=ZoneInfo("Europe/Paris"))
    parent.save()

    page = html_of(connected.get("/compte/"))

    for words in ["Camille Morel", "3816238", parent.email, "Changé le mardi 1er septembre 2026."]:
        assert words in page
    assert 'name="email"' not in page


def test_account_without_address_says_so(client, db):
    UserFactory(identifiant="3816238", email="")
    log_in(client)

    assert "Aucune adresse connue de la mairie" in html_of(client.get("/compte/"))


def test_account_asks_for_a_login(client, db):
    assert client.get("/compte/")["Location"] == "/connexion/?next=/compte/"


def test_change_asks_the_present_password(connected, parent):
    page = html_of(change(connected, password="faux"))

    assert page.count("Ce n’est pas votre mot de passe actuel.") == 2  # AUT-05
    assert "<details open>" in page
    parent.refresh_from_db()
    assert parent.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"password": ""}, "Indiquez votre mot de passe actuel."),
        ({"first": PASSWORD}, "Choisissez un mot de passe différent de l’actuel."),
        ({"first": "Azerty123"}, "Ce mot de passe est trop courant : choisissez-en un autre."),
        ({"second": "autre chose"}, "Les deux mots de passe ne sont pas identiques."),
    ],
)
def test_each_refusal_has_its_sentence(connected, parent, fields, message):
    page = html_of(change(connected, **fields))

    assert page.count(message) == 2
    assert "<title>Erreur : Mon compte" in page
    parent.refresh_from_db()
    assert parent.check_password(PASSWORD)


def test_change_ends_the_other_sessions_and_tells_by_mail(connected, parent):
    phone = Client()
    log_in(phone)

    page = html_of(change(connected))

    assert "Votre mot de passe est changé." in page  # AUT-05
    assert connected.get("/compte/").status_code == 200
    assert phone.get("/compte/").status_code == 302
    [row] = DBTaskResult.objects.all()
    assert (row.task_path, row.args_kwargs["args"][0]) == ("accounts.tasks.send_password_changed", parent.pk)


def test_ten_tries_in_15_minutes_are_enough(connected):
    statuses = [change(connected, password="faux").status_code for _ in range(12)]

    assert statuses == [200] * 10 + [429] * 2


def test_other_devices_can_be_disconnected(connected, parent):
    phone = Client()
    log_in(phone)

    response = connected.post("/compte/appareils/", follow=True)

    assert "Vos autres appareils sont déconnectés." in html_of(response)  # SES-04
    assert connected.get("/compte/").status_code == 200
    assert phone.get("/compte/").status_code == 302
    assert connected.get("/compte/appareils/").status_code == 405


def test_foreign_fields_are_ignored(connected, parent):
    connected.post(
        "/compte/",
        {
            "password": PASSWORD,
            "new_password1": NEW_PASSWORD,
            "new_password2": NEW_PASSWORD,
            "is_staff": "1",
            "is_superuser": "1",
            "identifiant": "1",
            "email": "mechant@courriel.example",
        },
    )

    before = (parent.identifiant, parent.email)
    parent.refresh_from_db()
    assert (parent.is_staff, parent.is_superuser, parent.identifiant, parent.email) == (False, False, *before)  # ACC-04


def test_agent_has_the_same_page(client, agent):
    client.force_login(agent)

    assert "14 caractères ou plus" in html_of(client.get("/compte/"))
    page = html_of(change(client, password="Velo nuage tartine 7", first="Tartine 8"))
    assert "14 au minimum" in page


def test_password_changed_elsewhere_meanwhile_is_said(connected, monkeypatch):  # AUT-05
    monkeypatch.setattr("accounts.passwords.change", lambda *args, **options: False)

    page = html_of(change(connected))

    assert page.count("Ce n’est pas votre mot de passe actuel.") == 2  # in the summary, and beside the field
