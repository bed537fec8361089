"""The town hall's door and its pages of accounts."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.identifiants import luhn_digit
from accounts.models import TemporaryPassword, UndeliveredMail, User
from tests.accounts.agents import LISTE, act
from tests.accounts.conftest import log_in
from tests.clients import Client
from tests.factories import STAFF_PASSWORD, UserFactory
from tests.reading import messages_of

COURRIELS = "/admin/accounts/undeliveredmail/"


@pytest.fixture
def mairie(agent) -> Client:
    client = Client()
    assert log_in(client, agent.identifiant, STAFF_PASSWORD).status_code == 302
    client.show_second_factor()
    return client


# --- The door -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/admin/", LISTE, "/admin/login/?next=/admin/accounts/user/", "/admin/absente/"])
def test_door_sends_the_anonymous_to_the_login_page(client, db, path):  # AUT-09
    response = client.get(path, follow=True)

    assert response.status_code == 200
    assert response.request["PATH_INFO"] == "/connexion/"


def test_door_keeps_the_page_that_was_asked_for(client, agent):
    client.get(LISTE)
    response = client.get("/admin/login/?next=/admin/accounts/user/")

    assert response.headers["Location"] == "/connexion/?next=/admin/accounts/user/"
    assert log_in(client, agent.identifiant, STAFF_PASSWORD, next=LISTE).headers["Location"] == LISTE


@pytest.mark.parametrize("elsewhere", ["https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)"])
def test_door_leads_nowhere_else(client, mairie, elsewhere):  # SES-07
    assert client.get("/admin/login/", {"next": elsewhere}).headers["Location"] == "/connexion/?next=/admin/"
    assert mairie.get("/admin/login/", {"next": elsewhere}).headers["Location"] == "/admin/"


@pytest.mark.parametrize("name", ["username", "identifiant"])
def test_door_authenticates_nobody(client, agent, name):  # AUT-09
    response = client.post("/admin/login/?next=/admin/", {name: agent.identifiant, "password": STAFF_PASSWORD})

    assert response.headers["Location"] == "/connexion/?next=/admin/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("path", ["/admin/", LISTE, "/admin/login/"])
def test_door_is_closed_to_a_parent(client, parent, path):
    log_in(client)

    assert client.get(path, follow=True).status_code == 403


def test_door_closes_with_the_account(mairie, agent):
    User.objects.update(is_active=False)

    assert mairie.get("/admin/", follow=True).request["PATH_INFO"] == "/connexion/"


def test_door_lets_an_agent_out_by_the_one_logout(mairie):
    assert mairie.get("/admin/").content.count(b'action="/deconnexion/"') == 1
    assert mairie.post("/admin/logout/").headers["Location"] == "/deconnexion/"


@pytest.mark.parametrize("path", ["password_change/", "password_change/done/", "accounts/user/1/password/"])
def test_site_has_no_page_for_a_password(mairie, path):  # AUT-12
    assert 'type="password"' not in mairie.get(f"/admin/{path}", follow=True).text


def test_site_shows_our_own_models_only():
    assert {model._meta.app_label for model in admin.site._registry} == {
        "accounts",
        "admin",
        "conservation",
        "enfance",
        "facturation",
    }
    assert TemporaryPassword not in admin.site._registry


def test_site_deletes_nothing_in_bulk(mairie, parent):  # ADM-05
    response = act(mairie, "delete_selected", parent)

    assert messages_of(response) == ["Aucune action sélectionnée."]
    assert User.objects.filter(pk=parent.pk).exists()


def test_site_speaks_french(mairie):
    page = mairie.get("/admin/").text

    assert "– Mairie, Saint-Sauveur</title>" in page
    assert "Site administration" not in page


# --- Accounts -------------------------------------------------------------------------------------------------------


def test_account_page_shows_no_secret(mairie, parent, value):  # AUT-12, TMP-01
    digest = TemporaryPassword.objects.get().digest
    parent.refresh_from_db()

    pages = [mairie.get(path).text for path in [LISTE, f"{LISTE}{parent.pk}/change/", f"{LISTE}add/"]]

    for page in pages:
        assert 'type="password"' not in page
        assert 'name="password"' not in page
        for secret in [parent.password, digest, value]:
            assert secret not in page


def test_new_account_draws_its_identifiant(mairie):
    mairie.post(f"{LISTE}add/", {"first_name": "Camille", "last_name": "Morel", "email": "", "identifiant": "42"})

    user = User.objects.get(last_name="Morel")
    assert len(user.identifiant) == 7
    assert user.identifiant[-1] == luhn_digit(user.identifiant[:-1])
    assert not user.has_usable_password()
    assert not user.is_staff


def test_form_changes_what_it_shows_and_nothing_else(mairie, parent, journal):  # ACC-04
    before = parent.password
    data = {
        "first_name": "Camille",
        "last_name": "Morel-Sorbier",
        "email": "camille@courriel.example",
        "is_active": "on",
        "identifiant": "42",
        "password": "secret",
        "is_staff": "on",
        "is_superuser": "on",
    }
    inlines = ["temporary_passwords", "undelivered_mails"]
    management = {f"{name}-{total}": "0" for name in inlines for total in ["TOTAL_FORMS", "INITIAL_FORMS"]}

    response = mairie.post(f"{LISTE}{parent.pk}/change/", data | management)

    parent.refresh_from_db()
    assert response.status_code == 302
    assert (parent.last_name, parent.email) == ("Morel-Sorbier", "camille@courriel.example")
    assert (parent.identifiant, parent.password) == ("3816238", before)
    assert not parent.is_staff
    assert not parent.is_superuser
    assert LogEntry.objects.get().get_change_message() == "Modification de Nom et E-mail."  # ADM-04
    assert [line["event"] for line in journal.events] == ["email_changed"]  # LOG-01


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=3816238", 1),
        ("q=Camille", 1),
        ("q=Morel", 1),
        ("q=parent3816238@courriel.example", 1),
        ("q=absente", 0),
        ("mot_de_passe=jamais", 1),
        ("mot_de_passe=choisi", 0),
        ("adresse=sans", 0),
        ("adresse=avec", 1),
    ],
)
def test_accounts_are_searched_and_filtered(mairie, parent, query, found):
    assert mairie.narrow(LISTE, query).context["cl"].result_count == found


@pytest.mark.parametrize(
    "query",
    [
        "password__startswith=argon2",
        "password=x",
        "session_version__gt=1",
        "temporary_passwords__digest__startswith=a",
        "responsable__enfants__consigne__contains=a",
        "email__startswith=p",
        "is_staff__exact=1",
    ],
)
def test_accounts_are_not_filtered_on_what_the_list_does_not_offer(mairie, query):  # ADM-08
    assert mairie.get(f"{LISTE}?{query}").status_code == 400


def test_list_of_accounts_costs_the_same_for_one_and_three(mairie, django_assert_num_queries):
    with django_assert_num_queries(5):
        mairie.get(LISTE)
    UserFactory.create_batch(2)
    with django_assert_num_queries(5):
        mairie.get(LISTE)


def test_account_is_never_deleted(mairie, parent):
    assert mairie.post(f"{LISTE}{parent.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=parent.pk).exists()


# --- Its actions ----------------------------------------------------------------------------------------------------


def test_sending_tells_what_comes_of_each(mairie, parent, journal):
    recent = UserFactory(identifiant="1000001", last_name="Récent")
    TemporaryPassword.objects.create(
        user=recent,
        digest="a" * 64,
        created_at=timezone.now(),
        sent_at=timezone.now(),
        expires_at=timezone.now() + timedelta(hours=24),
    )
    sans = UserFactory(identifiant="1000002", last_name="Sans", email="")
    ferme = UserFactory(identifiant="1000003", last_name="Fermé", is_active=False)

    response = act(mairie, "send_temporary_password", parent, recent, sans, ferme)

    assert messages_of(response) == [
        "Un mot de passe temporaire part par e-mail, valable 24 heures : Camille Morel (3816238).",
        "Rien n’est envoyé, faute d’adresse e-mail (ces comptes rejoignent les courriels non remis) : "
        "Camille Sans (1000002).",
        "Rien n’est envoyé : un mot de passe envoyé il y a moins de 10 minutes est encore valable : "
        "Camille Récent (1000001).",
        "Rien n’est envoyé : le compte est fermé : Camille Fermé (1000003).",
    ]
    asked = {task.args_kwargs["args"][0] for task in DBTaskResult.objects.all()}
    assert asked == {"3816238", "1000002"}
    assert LogEntry.objects.get().object_id == str(parent.pk)
    assert [line["event"] for line in journal.events] == ["temporary_password_asked"]


def test_sending_is_offered_on_the_page_of_the_account(mairie, parent):
    page = f"{LISTE}{parent.pk}/change/"

    mairie.post(page, {"CHANGE_FORM-action": "send_temporary_password", "_selected_action": parent.pk})

    assert DBTaskResult.objects.count() == 1


def test_sessions_are_closed(mairie, parent):
    client = Client()
    log_in(client)

    response = act(mairie, "close_sessions", parent)

    assert messages_of(response) == ["Toutes les sessions sont fermées : Camille Morel (3816238)."]
    assert LogEntry.objects.get().get_change_message() == "Sessions fermées."  # ADM-04
    assert client.get("/compte/", follow=True).request["PATH_INFO"] == "/connexion/"


# --- Mails that did not leave, and what was done here --------------------------------------------------------------


@pytest.fixture
def courriel(parent):
    return UndeliveredMail.objects.create(user=parent, mail="Envoi de vos identifiants", reason="no_address")


def test_undelivered_mails_open_on_what_remains(mairie, courriel):  # TMP-16
    UndeliveredMail.objects.create(user=courriel.user, mail="Autre", reason="refused", settled_at=timezone.now())

    page = mairie.get(COURRIELS).text
    counts = [
        mairie.get(f"{COURRIELS}{query}").context["cl"].result_count for query in ["", "?suite=regles", "?suite=tous"]
    ]

    assert counts == [1, 1, 2]
    assert f'<a href="{LISTE}{courriel.user_id}/change/">Camille Morel (3816238)</a>' in page


def test_undelivered_mail_is_settled(mairie, courriel):
    response = act(mairie, "settle", courriel, liste=COURRIELS)

    courriel.refresh_from_db()
    assert courriel.settled_at is not None
    assert messages_of(response) == ["Courriels réglés : 1."]
    assert LogEntry.objects.get().get_change_message() == "Réglé."


def test_undelivered_mails_cost_the_same_for_one_and_three(mairie, courriel, django_assert_num_queries):
    with django_assert_num_queries(7):
        mairie.get(COURRIELS)
    for user in UserFactory.create_batch(2):
        UndeliveredMail.objects.create(user=user, mail="Autre", reason="refused")
    with django_assert_num_queries(7):
        mairie.get(COURRIELS)


@pytest.mark.parametrize("path", [COURRIELS, "/admin/admin/logentry/"])
def test_what_the_software_writes_is_only_read(mairie, courriel, path):  # ADM-04
    act(mairie, "settle", courriel, liste=COURRIELS)
    row = courriel if path == COURRIELS else LogEntry.objects.get()

    assert mairie.get(path).status_code == 200
    assert mairie.get(f"{path}add/").status_code == 403
    assert mairie.post(f"{path}{row.pk}/change/", {}).status_code == 403
    assert mairie.post(f"{path}{row.pk}/delete/", {"post": "yes"}).status_code == 403
