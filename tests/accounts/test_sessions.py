import os
import subprocess
import sys

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts import sessions
from tests.accounts.conftest import is_logged_in, log_in
from tests.clients import Client
from tests.factories import STAFF_PASSWORD, StaffFactory, UserFactory

HOUR = 3600
DISCONNECTED = "Vos autres appareils sont déconnectés."
ENDED = "Votre session a été fermée par sécurité"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to("2026-12-03 08:00:00+01:00", tick=False)
    return time_machine


def make_agent(*groups):
    agent = StaffFactory(identifiant="5550011", is_superuser=False)
    agent.groups.set([Group.objects.get_or_create(name=name)[0] for name in groups])
    return agent


@pytest.mark.parametrize(
    ("groups", "rest"),
    [
        (None, 2 * HOUR),
        (["Secrétariat"], HOUR // 2),
        (["Informatique"], HOUR // 2),
        ([], HOUR // 2),
        (["Équipe", "Secrétariat"], HOUR // 2),
        (["Équipe"], 12 * HOUR),
        (["Cantine"], 12 * HOUR),
        (["Équipe", "Cantine"], 12 * HOUR),
    ],
)
def test_session_rests_as_long_as_its_owner_may(client, parent, clock, groups, rest):
    if groups is None:
        log_in(client)
    else:
        log_in(client, make_agent(*groups).identifiant, "Velo nuage tartine 7")
    clock.shift(rest - 1)
    assert not sessions.is_over(client.session, now=timezone.now())  # SES-02

    clock.shift(1)

    assert not is_logged_in(client)


def test_session_goes_on_while_it_is_used(client, parent, clock):
    log_in(client)

    for _ in range(5):
        clock.shift(2 * HOUR - 60)
        assert is_logged_in(client)  # SES-02


def test_session_lives_12_hours_at_most(client, parent, clock):
    log_in(client)
    for _ in range(11):
        clock.shift(HOUR)
        assert is_logged_in(client)

    clock.shift(HOUR)

    assert not is_logged_in(client)  # SES-02


def test_end_of_a_session_is_said_once(client, parent, clock):
    log_in(client)
    clock.shift(2 * HOUR)

    assert client.get("/planning/")["Location"] == "/connexion/?next=/planning/"  # SES-02
    page = client.get("/connexion/?next=/planning/").text
    assert ENDED in page
    assert ENDED not in client.get("/connexion/").text
    assert log_in(client, next="/planning/")["Location"] == "/planning/"


def test_session_is_written_once_a_minute_at_most(client, parent, clock, django_assert_num_queries):
    log_in(client)
    client.get("/compte/")
    clock.shift(59)
    with django_assert_num_queries(3):  # the session, its account, its adult
        client.get("/compte/")
    clock.shift(1)
    client.get("/compte/")

    assert client.session["seen"] - client.session["started"] == 60


def test_regular_requests_of_a_script_renew_nothing(client, parent, clock, settings):
    settings.ROOT_URLCONF = "tests.accounts.polling"
    log_in(client)
    for _ in range(7):
        clock.shift(HOUR // 4)
        assert client.get("/places.json").status_code == 200

    clock.shift(HOUR // 4)

    assert client.get("/places.json").status_code == 302  # SES-02


def test_ordinary_cookie_goes_with_the_browser(client, parent):
    log_in(client)

    cookie = client.cookies["session"]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")


@pytest.mark.parametrize("name", ["session", "csrftoken"])
def test_cookies_are_closed_to_scripts_and_to_other_sites(client, parent, name):
    client.get("/connexion/")
    log_in(client)

    cookie = client.cookies[name]
    assert [cookie[part] for part in ["httponly", "samesite", "path", "domain"]] == [True, "Lax", "/", ""]  # SES-01


def test_remembered_device_stays_30_days(client, parent, clock):
    log_in(client, souvenir="on")
    assert client.cookies["session"]["max-age"] == 30 * 24 * HOUR  # SES-02
    clock.shift(29 * 24 * HOUR)
    assert is_logged_in(client)

    clock.shift(24 * HOUR)

    assert not is_logged_in(client)


def test_agents_are_never_remembered(client, agent, clock):
    log_in(client, agent.identifiant, "Velo nuage tartine 7", souvenir="on")

    assert client.cookies["session"]["max-age"] == ""  # SES-02
    clock.shift(HOUR // 2)
    assert not is_logged_in(client)


def test_cookies_of_production_are_bound_to_the_host(settings):
    """The settings read as in production, by a Python of their own."""
    names = ["SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE"]
    names += ["SECOND_FACTOR_COOKIE_NAME", "KNOWN_DEVICE_COOKIE_NAME"]
    script = f"from portail import settings; print([getattr(settings, name) for name in {names}])"
    key = get_random_string(60)
    environment = {**os.environ, "SECRET_KEY": key, "ENV_FILE": str(settings.BASE_DIR / ".ci" / "production.env")}

    run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)

    cookies = ["__Host-session", True, "__Host-csrftoken", True, "__Host-appareil", "__Host-connu"]
    assert run.stdout.strip() == str(cookies)  # SES-01


@pytest.mark.parametrize("what", ["password", "deactivation", "deletion", "end_all"])
def test_session_ends_at_the_next_request(client, parent, what):
    log_in(client)
    match what:
        case "password":
            parent.set_password("Tout autre chose 9")
            parent.save()
        case "deactivation":
            parent.is_active = False
            parent.save()
        case "deletion":
            parent.delete()
        case "end_all":
            sessions.end_all(parent)

    assert client.get("/compte/").status_code == 302  # SES-04
    assert ENDED in client.get("/connexion/").text


def test_session_of_another_maker_gets_the_strictest_limits(client, parent, clock):
    client.force_login(parent)
    assert is_logged_in(client)

    clock.shift(HOUR // 2)

    assert not is_logged_in(client)


def test_anonymous_pages_make_no_session(client, db):
    for page in ["/connexion/", "/mot-de-passe-oublie/", "/identifiant-oublie/", "/mot-de-passe/nouveau/"]:
        client.get(page)

    assert Session.objects.count() == 0
    assert "session" not in client.cookies


@pytest.mark.parametrize("end", ["logout", "rest"])
def test_message_left_unread_is_not_for_whoever_comes_next(client, parent, clock, end):  # LEG-02, SES-03
    UserFactory(identifiant="3816246")
    log_in(client)
    client.post("/compte/appareils/")
    if end == "logout":
        client.post("/deconnexion/")
    else:
        clock.shift(2 * HOUR)
        client.get("/compte/")

    log_in(client, "3816246")

    assert DISCONNECTED not in client.get("/compte/").text


def test_message_is_shown_once(client, parent):
    log_in(client)
    client.post("/compte/appareils/")

    assert [client.get("/compte/").text.count(DISCONNECTED) for _ in range(2)] == [1, 0]


def test_session_key_that_no_database_takes_is_refused(client, db):
    client.cookies["session"] = "a" * 5000

    assert client.get("/compte/").status_code == 302


def test_page_warns_of_the_end_and_one_button_goes_on(client, parent, clock):
    log_in(client)
    page = client.get("/compte/").text
    assert 'data-session="7200"' in page  # SES-02
    assert 'action="/compte/rester/"' in page
    assert "data-session" not in Client().get("/connexion/").text
    clock.shift(2 * HOUR - 300)

    assert client.post("/compte/rester/").status_code == 204

    clock.shift(2 * HOUR - 1)
    assert is_logged_in(client)


def test_page_tells_how_long_the_session_lives_in_any_case(client, parent, clock):
    log_in(client)
    clock.shift(HOUR)

    page = client.get("/compte/").text

    start = int(timezone.now().timestamp()) - HOUR
    assert f'data-vie="{12 * HOUR}" data-depuis="{start}" data-instant="{start + HOUR}"' in page  # SES-02
    assert client.post("/compte/rester/")["Session-Left"] == str(11 * HOUR)


def test_password_typed_again_gives_an_agent_twelve_hours_more(client, db, clock):
    log_in(client, make_agent("Équipe").identifiant, STAFF_PASSWORD)
    client.show_second_factor()
    clock.shift(12 * HOUR - 60)

    client.post("/compte/confirmer/", {"password": "faux"})
    assert client.post("/compte/rester/")["Session-Left"] == "60"
    client.post("/compte/confirmer/", {"password": STAFF_PASSWORD})

    assert client.post("/compte/rester/")["Session-Left"] == str(12 * HOUR)  # SES-02, RGAA 13.1
    clock.shift(12 * HOUR - 1)
    assert is_logged_in(client)
    clock.shift(1)
    assert not is_logged_in(client)


# --- A form that was being sent (the planning's own tests fill it in again) -----------------------------------------


def post_too_late(client, clock, **fields):
    log_in(client)
    clock.shift(2 * HOUR)
    return client.post("/compte/appareils/", fields)


def test_form_sent_too_late_is_kept_for_its_page(client, parent, clock, rf):
    answer = post_too_late(client, clock, r=["3:2026-12-08:soir", "4:2026-12-08:soir"])
    assert answer["Location"] == "/connexion/?next=/compte/appareils/"
    assert "Vos changements en cours sont gardés 30" in client.get("/connexion/").text  # SES-02
    log_in(client)
    request = rf.get("/compte/appareils/")
    request.session = client.session

    kept = sessions.take_kept_form(request, now=timezone.now())

    assert kept.getlist("r") == ["3:2026-12-08:soir", "4:2026-12-08:soir"]
    assert sessions.take_kept_form(request, now=timezone.now()) is None  # once


def test_kept_form_is_for_the_same_account_only(client, parent, agent, clock):
    post_too_late(client, clock, r="3:2026-12-08:soir")

    log_in(client, agent.identifiant, "Velo nuage tartine 7")

    assert sessions.KEPT not in client.session  # SES-02


def test_kept_form_lasts_30_minutes(client, parent, clock):
    post_too_late(client, clock, r="3:2026-12-08:soir")

    clock.shift(HOUR // 2)

    log_in(client)
    assert sessions.KEPT not in client.session  # SES-02


def test_form_with_a_password_is_not_kept(client, parent, clock):
    post_too_late(client, clock, password="Velo nuage 7")

    assert sessions.KEPT not in client.session


def test_form_of_another_site_is_not_kept(parent, clock):  # SES-06
    """Kept, it would come back ticked after the login, to be saved by a click of its victim."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(parent)
    clock.shift(2 * HOUR)

    response = client.post(
        "/compte/appareils/", {"r": "3:2026-12-08:soir"}, headers={"origin": "https://ailleurs.example"}
    )

    assert response.status_code == 403
    assert sessions.KEPT not in client.session


def test_form_of_somebody_unknown_is_not_kept(client, db):
    client.post("/compte/appareils/", {"r": "3:2026-12-08:soir"})

    assert Session.objects.count() == 0
