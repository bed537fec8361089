import re

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tasks_db.models import DBTaskResult

from accounts import tasks, temporary
from accounts.models import TemporaryPassword, UndeliveredMail
from tests.accounts.conftest import log_in, send_value
from tests.factories import UserFactory
from tests.reading import html_of

NO_LONGER_DRAWN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')


def ask(client, identifiant="3816238"):
    return client.post("/mot-de-passe-oublie/", {"identifiant": identifiant})


def asked():
    return [row.args_kwargs["args"] for row in DBTaskResult.objects.order_by("enqueued_at", "pk")]


@pytest.fixture
def somebody(db):
    """An account of each kind, and none."""
    UserFactory(identifiant="3816238")
    UserFactory(identifiant="2222222", is_active=False)
    UserFactory(identifiant="4444444", email="")
    return ["3816238", "2222222", "4444444", "9999999"]


def test_request_is_acknowledged_with_what_was_typed(client, parent):
    response = ask(client, "381 62 38")

    assert (response.status_code, response["Location"]) == (302, "/mot-de-passe-oublie/envoye/")  # HDR-08
    page = html_of(client.get("/mot-de-passe-oublie/envoye/"))
    assert "<h1>Regardez vos e-mails</h1>" in page
    assert "Votre demande est prise en compte" in page
    assert "Si l’identifiant « 381 62 38 » correspond à un compte" in page
    assert "04 65 71 00 38" in page  # TMP-16
    assert "du lundi au vendredi, de 8 h 30 à 12 h" in page
    assert asked() == [["3816238"]]


def test_request_tells_nothing_of_the_account(somebody):
    answers = []
    for identifiant in somebody:
        client = Client()
        first = ask(client, identifiant)
        second = client.get(first["Location"])
        page = NO_LONGER_DRAWN.sub("", second.text).replace(identifiant, "")
        answers.append((first.status_code, first["Location"], sorted(first.headers), sorted(second.headers), page))

    assert len(set(map(repr, answers))) == 1  # TMP-10
    assert asked() == [[identifiant] for identifiant in somebody]


def test_request_asks_the_database_the_same_whoever_is_meant(somebody):
    asked_of_database = []
    for number, identifiant in enumerate(somebody):
        with CaptureQueriesContext(connection) as queries:
            ask(Client(REMOTE_ADDR=f"203.0.113.{number}"), identifiant)
        asked_of_database.append([query["sql"][:20] for query in queries])

    assert asked_of_database == [asked_of_database[0]] * 4  # TMP-10
    assert not any("accounts_user" in query["sql"] for query in queries)


def test_request_changes_nothing_in_the_account(client, parent):
    log_in(client)

    ask(Client())
    tasks.send_temporary_password.call("3816238")

    assert client.get("/compte/").status_code == 200  # TMP-03
    assert log_in(Client()).status_code == 302


def test_empty_identifiant_is_named(client, db):
    page = html_of(ask(client, "  "))

    assert "<title>Erreur : Mot de passe oublié" in page
    assert page.count("Indiquez votre identifiant : 7 chiffres.") == 2
    assert asked() == []


@pytest.mark.parametrize("typed", ["camille@courriel.example", "１２３", "1" * 13, "<script>alert(1)</script>"])
def test_what_no_identifiant_can_be_gets_the_same_page(client, db, typed):
    assert ask(client, typed)["Location"] == "/mot-de-passe-oublie/envoye/"

    page = client.get("/mot-de-passe-oublie/envoye/").text
    assert "Un identifiant ne contient que des chiffres." in page
    assert "<script>alert" not in page
    assert asked() == [[""]]  # AUT-10


def test_an_email_typed_as_identifiant_is_told_so_and_promised_nothing(client, parent):
    pages = []
    for typed in [parent.email, "inconnu@courriel.example"]:
        ask(client, typed)
        pages.append(client.get("/mot-de-passe-oublie/envoye/").text.replace(typed, "X"))

    assert pages[0] == pages[1]
    assert "Votre identifiant est un numéro" in pages[0]
    assert "/identifiant-oublie/" in pages[0]
    assert "est envoyé" not in pages[0]
    assert asked() == [[""], [""]]


def test_acknowledgement_without_a_request_asks_for_one(client, db):
    assert client.get("/mot-de-passe-oublie/envoye/")["Location"] == "/mot-de-passe-oublie/"


def test_fourth_request_in_an_hour_shows_the_same_page_and_sends_nothing(client, parent):
    value = send_value(parent)

    pages = []
    for _ in range(4):
        ask(client)
        pages.append(client.get("/mot-de-passe-oublie/envoye/").text)

    assert len(set(pages)) == 1  # LIM-02
    assert asked() == [["3816238"]] * 3 + [[""]]  # the same row for nobody: the same time
    row = parent.temporary_passwords.get()
    assert temporary.accept(parent, value, now=row.sent_at) == row


def test_six_requests_a_day_are_enough(client, parent, time_machine):
    time_machine.move_to("2026-12-03 06:00:00+01:00", tick=False)
    for _ in range(4):
        ask(client)
        ask(client)
        time_machine.shift(3700)

    assert asked().count(["3816238"]) == 6  # LIM-02


def test_one_address_asks_20_times_an_hour(client, db):
    statuses = [ask(client, str(number)).status_code for number in range(22)]

    assert statuses == [302] * 20 + [429] * 2  # LIM-02, LIM-07


@pytest.mark.parametrize("path", ["/mot-de-passe-oublie/", "/identifiant-oublie/"])
def test_get_sends_nothing(client, parent, path):
    client.get(path, {"identifiant": "3816238", "email": parent.email})

    assert asked() == []  # SES-06


# --- What the worker then does ---------------------------------------------------------------------------------------


def test_value_is_in_the_mail_and_nowhere_else(client, parent, journal):
    ask(client)
    tasks.send_temporary_password.call("3816238")
    [message] = mail.outbox
    [value] = re.findall(r"^[0-9a-f]{32}$", message.body, re.MULTILINE)
    log_in(client, password=value)

    rows = "\n".join(str(list(model.objects.values())) for model in apps.get_models() if model._meta.managed)
    assert value not in rows  # TMP-01
    assert value not in journal.text  # LOG-02
    assert "Login : 3816238" in message.body


def test_nothing_is_sent_to_closed_or_unknown_accounts(somebody):
    for identifiant in ["2222222", "9999999", ""]:
        tasks.send_temporary_password.call(identifiant)

    assert (mail.outbox, TemporaryPassword.objects.count()) == ([], 0)


def test_account_without_address_joins_the_town_halls_list(somebody):
    tasks.send_temporary_password.call("4444444")

    assert mail.outbox == []
    assert UndeliveredMail.objects.get().reason == UndeliveredMail.Reason.NO_ADDRESS  # TMP-16


def test_shared_address_gets_one_mail_for_the_account_asked(parent):
    UserFactory(identifiant="3816246", email=parent.email)

    tasks.send_temporary_password.call("3816246")

    [message] = mail.outbox
    assert ("Login : 3816246" in message.body, "3816238" in message.body) == (True, False)  # TMP-17


# --- « Identifiant oublié » ------------------------------------------------------------------------------------------


def test_forgotten_identifiant_is_as_neutral(parent):
    pages = []
    for email in [parent.email, "personne@courriel.example"]:
        client = Client()
        assert client.post("/identifiant-oublie/", {"email": email})["Location"] == "/identifiant-oublie/envoye/"
        pages.append(client.get("/identifiant-oublie/envoye/").text.replace(email, ""))

    assert len(set(pages)) == 1
    assert asked() == [[parent.email], ["personne@courriel.example"]]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Indiquez votre adresse e-mail."),
        ("camille", "Écrivez une adresse complète, comme prenom.nom@courriel.example."),
    ],
)
def test_forgotten_identifiant_names_a_bad_address(client, db, typed, message):
    page = client.post("/identifiant-oublie/", {"email": typed}).text

    assert page.count(message) == 2
    assert asked() == []


def test_forgotten_identifiant_has_the_same_limits(client, parent):
    for _ in range(4):
        client.post("/identifiant-oublie/", {"email": parent.email.upper()})

    assert asked().count([""]) == 1  # LIM-02
    statuses = [
        client.post("/identifiant-oublie/", {"email": f"p{number}@courriel.example"}).status_code
        for number in range(18)
    ]
    assert statuses == [302] * 16 + [429] * 2


def test_forgotten_identifiant_acknowledgement_needs_a_request(client, db):
    assert client.get("/identifiant-oublie/envoye/")["Location"] == "/identifiant-oublie/"
