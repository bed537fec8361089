"""How often a code may be tried, and where it is not asked again."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils import timezone

from accounts import recovery_codes
from accounts.models import User
from tests.accounts.conftest import left_of, log_in
from tests.accounts.phones import ENROLMENT, code_of, give, give_phone, is_inside
from tests.clients import Client
from tests.factories import STAFF_PASSWORD, StaffFactory
from tests.reading import html_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
MINUTE = 60


# --- Limits -----------------------------------------------------------------------------------------------------------


def test_sixth_code_in_five_minutes_is_not_looked_at(at_the_door, enrolled, clock, journal):  # LIM-11
    while left_of(enrolled.pk, 5 * MINUTE) < MINUTE:  # its five minutes are not to end among these tries
        clock.shift(MINUTE)
    for number in range(5):
        assert give(at_the_door, "000000").status_code == 200
        clock.shift(2**number)

    response = give(at_the_door, code_of())

    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 5 * MINUTE  # LIM-07
    assert "04 65 71 00 38" in html_of(response)
    assert journal.events[-1] | {"address": "", "time": ""} == {
        "time": "",
        "event": "limit_reached",
        "result": "refused",
        "user": enrolled.pk,
        "page": "second_factor",
        "address": "",
    }
    clock.shift(int(response["Retry-After"]) + 1)
    assert give(at_the_door, code_of()).status_code == 302


def test_codes_of_both_kinds_share_one_limit(at_the_door, enrolled):  # LIM-11
    codes = recovery_codes.draw(enrolled, now=timezone.now())
    for field in ["code", "secours"] * 2 + ["code"]:
        give(at_the_door, "000000", field=field)

    assert give(at_the_door, codes[0], field="secours").status_code == 429
    assert recovery_codes.left(enrolled) == 10


def test_limit_is_of_the_account_wherever_one_tries(enrolled):  # LIM-11
    statuses = []
    for number in range(7):
        client = Client(REMOTE_ADDR=f"203.0.113.{number}")
        client.force_login(enrolled, second_factor=False)
        statuses.append(give(client, "000000").status_code)

    assert statuses == [200] * 5 + [429] * 2


def test_limit_of_one_agent_stops_no_other(at_the_door):
    for _ in range(6):
        give(at_the_door, "000000")
    other = StaffFactory(identifiant="5550029")
    give_phone(other)
    client = Client()
    client.force_login(other, second_factor=False)

    assert give(client, code_of()).status_code == 302


def test_enrolment_has_the_same_limit(client, agent):  # LIM-11
    client.force_login(agent, second_factor=False)

    assert [client.post(ENROLMENT, {"code": "000000"}).status_code for _ in range(7)] == [200] * 5 + [429] * 2


def test_right_code_starts_the_count_again(at_the_door, clock):
    for _ in range(2):
        for number in range(4):
            give(at_the_door, "000000")
            clock.shift(2**number)
        assert give(at_the_door, code_of()).status_code == 302
        at_the_door.post("/deconnexion/")
        log_in(at_the_door, "5550011", STAFF_PASSWORD)
        clock.shift(60)


def test_many_wrong_codes_over_many_windows_end_in_a_long_pause(at_the_door, clock):  # LIM-11
    for _ in range(12):
        give(at_the_door, "000000")
        clock.shift(5 * MINUTE)

    response = give(at_the_door, code_of())

    assert (response.status_code, int(response["Retry-After"]) > 5 * MINUTE) == (429, True)


def test_unlock_account_frees_the_codes_too(at_the_door):  # LIM-10
    for _ in range(6):
        give(at_the_door, "000000")

    call_command("unlock_account", "5550011", verbosity=0)

    assert give(at_the_door, code_of()).status_code == 302


# --- The device that is remembered ------------------------------------------------------------------------------------


@pytest.fixture
def animateur(db):
    user = StaffFactory(identifiant="5550011", is_superuser=False)
    user.groups.add(Group.objects.get_or_create(name="Équipe")[0])
    give_phone(user)
    return user


def end_session(client):
    del client.cookies["session"]


def test_device_of_the_gate_is_recognised_at_the_next_login(client, animateur, clock, settings):  # SES-01, SES-02
    settings.SESSION_COOKIE_SECURE = True
    log_in(client, animateur.identifiant, STAFF_PASSWORD)
    cookie = give(client, code_of()).cookies["appareil"]
    end_session(client)
    clock.shift(29 * 24 * 60 * MINUTE)

    response = log_in(client, animateur.identifiant, STAFF_PASSWORD)

    assert response["Location"] == "/compte/"  # no right in this test: where it leads is not the matter
    assert is_inside(client)
    parts = ["max-age", "httponly", "secure", "samesite", "path", "domain"]
    assert [cookie[part] for part in parts] == [30 * 24 * 3600, True, True, "Lax", "/", ""]


def test_device_is_recognised_only_after_the_password(client, animateur):
    log_in(client, animateur.identifiant, STAFF_PASSWORD)
    give(client, code_of())
    end_session(client)

    log_in(client, animateur.identifiant, "faux")

    assert client.get("/compte/")["Location"].startswith("/connexion/")


def test_logout_forgets_the_device(client, animateur):  # SES-03
    log_in(client, animateur.identifiant, STAFF_PASSWORD)
    give(client, code_of())

    response = client.post("/deconnexion/")

    assert response.cookies["appareil"]["max-age"] == 0
    log_in(client, animateur.identifiant, STAFF_PASSWORD)
    assert not is_inside(client)


def test_device_is_not_remembered_by_a_code_on_paper(client, animateur):
    """It may be anybody's computer, on the day when the phone is missing."""
    codes = recovery_codes.draw(animateur, now=timezone.now())
    log_in(client, animateur.identifiant, STAFF_PASSWORD)

    assert "appareil" not in give(client, codes[0], field="secours").cookies


@pytest.mark.parametrize("groups", [["Secrétariat"], ["Informatique"], []])
def test_cookies_of_the_town_hall_are_the_frozen_three(client, enrolled, groups):  # SES-02, LEG-02
    User.objects.update(is_superuser=False)
    enrolled.groups.set([Group.objects.get_or_create(name=name)[0] for name in groups])
    log_in(client, enrolled.identifiant, STAFF_PASSWORD)
    give(client, code_of())
    client.post("/compte/appareils/")  # the next page has a message to show

    assert set(client.cookies) == {"session", "csrftoken", "connu"}


def test_cookies_of_the_gate_are_the_frozen_four(client, animateur):  # LEG-02
    client.get("/connexion/")
    log_in(client, animateur.identifiant, STAFF_PASSWORD)
    give(client, code_of())
    client.post("/compte/appareils/")  # the next page has a message to show
    client.get("/compte/")

    assert set(client.cookies) == {"session", "csrftoken", "connu", "appareil"}
    assert all(cookie["httponly"] for cookie in client.cookies.values())
