import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import passwords
from tests.accounts.conftest import NEW_PASSWORD, PASSWORD, choose, log_in, send_value
from tests.reading import html_of

PAGE = "/mot-de-passe/nouveau/"


@pytest.fixture
def restricted(client, value):
    """A browser that came in with the temporary password."""
    log_in(client, password=value)
    return client


def test_procedure_from_the_temporary_password_to_the_home(client, parent, value):
    assert log_in(client, password=value)["Location"] == PAGE

    page = html_of(client.get(PAGE))
    for words in ["<h1>Choisissez votre mot de passe</h1>", ">Nouveau mot de passe</label>", ">Enregistrer</button>"]:
        assert page.count(words) == 1
    assert ">Confirmation mot de passe</label>" in page
    for criterion in ["8 caractères ou plus", "une majuscule", "une minuscule", "un chiffre"]:
        assert criterion in page  # AUT-01: shown before anything is typed

    assert choose(client)["Location"] == "/connexion/"  # TMP-09
    page = html_of(client.get("/connexion/"))
    assert "Votre mot de passe est changé" in page
    assert "vous identifier de nouveau" in page
    assert client.get("/compte/").status_code == 302
    assert log_in(client, password=PASSWORD).status_code == 200
    assert log_in(client, password=NEW_PASSWORD)["Location"] == "/"


def test_identifiant_is_filled_in_once_after_the_password_is_chosen(client, parent, value):
    log_in(client, password=value)
    assert choose(client)["Location"] == "/connexion/"  # and not in the address

    page = html_of(client.get("/connexion/"))
    assert 'name="identifiant" value="3816238"' in page
    assert "3816238" not in html_of(client.get("/connexion/"))


def test_notice_is_said_once(restricted):
    choose(restricted)

    assert "est changé" in html_of(restricted.get("/connexion/"))
    assert "est changé" not in html_of(restricted.get("/connexion/"))


def test_fields_help_password_managers(restricted):
    page = restricted.get(PAGE).text  # AUT-04

    assert len(re.findall(r'<input[^>]*type="password"[^>]*autocomplete="new-password"', page)) == 2
    assert re.search(r'<input[^>]*name="username" value="3816238" autocomplete="username"', page)


def concrete(patterns, prefix=""):
    """An address for each pattern of the site, with plausible arguments."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from concrete(pattern.url_patterns, route)
        else:
            route = re.sub(r"<(?:mois|month):\w+>", "2026-12", route)
            route = re.sub(r"<(?:jour|date):\w+>", "2026-12-07", route)
            route = re.sub(r"<[^>]*>", "1", route)
            yield "/" + re.sub(r"\(\?P<\w+>[^)]*\)|[\^$]|\\Z", "", route)


ADDRESSES = sorted(set(concrete(get_resolver().url_patterns)))


@pytest.mark.ci
@pytest.mark.parametrize("address", ADDRESSES)
def test_temporary_password_opens_no_other_page(address, restricted):
    """Public pages answer as to anybody, the others send to the login page."""  # TMP-04
    if address == PAGE:
        assert restricted.get(address).status_code == 200
        return
    restricted.get("/connexion/")

    answer, to_anybody = restricted.get(address), Client().get(address)

    assert answer.status_code == to_anybody.status_code
    assert answer.get("Location") == to_anybody.get("Location")
    assert restricted.post(address).get("Location") == Client().post(address).get("Location") or address in {
        "/deconnexion/"
    }


def test_restricted_user_is_anonymous(restricted):
    assert "_auth_user_id" not in restricted.session  # TMP-04
    assert restricted.get(PAGE).wsgi_request.user.is_anonymous


def test_session_key_changes_when_the_temporary_password_is_accepted(client, parent, value):
    client.post("/mot-de-passe-oublie/", {"identifiant": "3816238"})
    before = client.cookies["session"].value

    log_in(client, password=value)

    assert client.cookies["session"].value != before  # TMP-12


def test_restricted_session_ends_after_30_minutes(client, parent, time_machine):
    time_machine.move_to("2026-12-03 20:40:00+01:00", tick=False)
    log_in(client, password=send_value(parent))
    time_machine.shift(30 * 60 - 1)
    assert client.get(PAGE).status_code == 200

    time_machine.shift(1)

    assert client.get(PAGE)["Location"] == "/connexion/"  # TMP-04
    assert choose(client)["Location"] == "/connexion/"


def test_restricted_session_is_made_no_longer_by_other_pages(client, parent, time_machine):
    """« Oublié » writes in the session, whose row then starts its 30 minutes again."""
    time_machine.move_to("2026-12-03 20:40:00+01:00", tick=False)
    log_in(client, password=send_value(parent))

    time_machine.shift(20 * 60)
    client.post("/mot-de-passe-oublie/", {"identifiant": "3816238"})
    assert client.get(PAGE).status_code == 200
    time_machine.shift(10 * 60)

    assert client.get(PAGE)["Location"] == "/connexion/"  # TMP-04


@pytest.mark.parametrize("method", ["get", "post"])
def test_page_without_a_temporary_password_sends_to_the_login(client, db, method):
    assert getattr(client, method)(PAGE)["Location"] == "/connexion/"


def test_logout_ends_the_restricted_session(restricted):
    restricted.post("/deconnexion/")

    assert restricted.get(PAGE)["Location"] == "/connexion/"  # TMP-04


@pytest.mark.parametrize(
    ("first", "second", "messages"),
    [
        ("", "", ["Indiquez votre nouveau mot de passe.", "Indiquez votre mot de passe une seconde fois."]),
        (NEW_PASSWORD, "", ["Indiquez votre mot de passe une seconde fois."]),
        (NEW_PASSWORD, NEW_PASSWORD + " ", ["Les deux mots de passe ne sont pas identiques."]),
        ("Nuage 7", "Nuage 7", ["Il manque 1 caractère : 8 au minimum."]),
        ("nuages et brume", "nuages et brume", ["Ajoutez une majuscule.", "Ajoutez un chiffre."]),
        ("Garderie1", "Garderie1", ["Ce mot de passe est trop courant : choisissez-en un autre."]),
        ("Brume-3816238", "Brume-3816238", ["Évitez votre identifiant dans le mot de passe."]),
        (
            "Azerty123",
            "Azerty124",
            [
                "Ce mot de passe est trop courant : choisissez-en un autre.",
                "Les deux mots de passe ne sont pas identiques.",
            ],
        ),
    ],
)
def test_each_refusal_has_its_sentence(restricted, parent, first, second, messages):
    response = restricted.post(PAGE, {"new_password1": first, "new_password2": second})

    page = html_of(response)
    assert response.status_code == 200
    assert "<title>Erreur : Choisissez votre mot de passe" in page
    for message in messages:
        assert page.count(message) == 2  # in the summary and beside the field
    assert 'role="alert"' in page
    parent.refresh_from_db()
    assert parent.check_password(PASSWORD)
    assert choose(restricted)["Location"] == "/connexion/"  # the temporary password still serves


@pytest.mark.parametrize("spelling", [str, str.upper, lambda value: f" {value} ", lambda value: value.capitalize()])
def test_temporary_password_is_refused_as_the_new_one(restricted, parent, value, spelling):
    page = html_of(choose(restricted, spelling(value)))

    assert "Choisissez un mot de passe différent du mot de passe temporaire." in page  # TMP-08
    assert value not in page.lower()


def test_refused_passwords_are_not_sent_back(restricted):
    assert "Azerty123" not in html_of(choose(restricted, "Azerty123"))


@pytest.mark.parametrize("what", ["used", "replaced", "expired", "closed account", "changed"])
def test_temporary_password_that_no_longer_serves_says_so(restricted, parent, value, what, time_machine):
    match what:
        case "used":
            other = Client()
            log_in(other, password=value)
            choose(other)
        case "replaced":
            send_value(parent, force=True)
        case "expired":
            parent.temporary_passwords.update(expires_at="2026-01-01T00:00Z")
        case "closed account":
            type(parent).objects.update(is_active=False)
        case "changed":
            passwords.change(parent, "Une autre brume 10", now=timezone.now())
    hash_before = type(parent).objects.get().password

    page = html_of(choose(restricted, "Une toute autre brume 9"))

    assert "Ce mot de passe temporaire a déjà servi ou a plus de 24 heures" in page  # TMP-05, TMP-06, TMP-07
    assert 'href="/mot-de-passe-oublie/"' in page
    assert type(parent).objects.get().password == hash_before
    assert restricted.get(PAGE)["Location"] == "/connexion/"


def test_used_temporary_password_does_not_log_in_again(client, parent, value):
    log_in(client, password=value)
    choose(client)

    response = log_in(client, password=value)

    assert response.status_code == 200  # TMP-05
    assert "ne sert qu’une fois" in html_of(response)


def test_temporary_password_survives_a_lost_connection(client, value):
    """One change, not one login: who loses the network need not ask again."""
    log_in(client, password=value)
    other = Client()

    assert log_in(other, password=value)["Location"] == PAGE  # TMP-05
    assert choose(other)["Location"] == "/connexion/"


def test_change_ends_every_session_and_tells_by_mail(restricted, parent):
    phone = Client()
    log_in(phone)
    assert phone.get("/compte/").status_code == 200

    choose(restricted)

    assert phone.get("/compte/").status_code == 302  # TMP-09
    assert [row.task_path for row in DBTaskResult.objects.all()] == ["accounts.tasks.send_password_changed"]


def test_change_frees_an_account_in_a_pause(client, parent):
    for _ in range(11):
        log_in(client, password="faux")
    log_in(client, password=send_value(parent))
    choose(client)

    assert log_in(client, password=NEW_PASSWORD)["Location"] == "/"  # TMP-14


def test_ten_tries_in_15_minutes_are_enough(restricted):
    statuses = [choose(restricted, "Azerty123").status_code for _ in range(12)]

    assert statuses == [200] * 10 + [429] * 2  # LIM-11


def test_expired_temporary_password_at_login(client, parent, time_machine):
    time_machine.move_to("2026-12-03 20:41:00+01:00", tick=False)
    value = send_value(parent)
    time_machine.shift(timedelta(hours=24))

    response = log_in(client, password=value)

    assert response.status_code == 200  # TMP-02
    assert "ne sert qu’une fois, pendant 24 heures" in html_of(response)


def test_staff_criteria_say_14_characters(client, agent):
    log_in(client, agent.identifiant, send_value(agent))

    page = html_of(client.get(PAGE))

    assert "14 caractères ou plus" in page
    assert ("Plus sûr : une phrase, comme" in page, "12 caractères" in page) == (True, False)
    assert 'data-min="14"' in page
    assert "14 au minimum" in html_of(choose(client, "Tartine 8"))
