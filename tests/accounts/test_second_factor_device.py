"""The device that is remembered, for those who work on the ground."""

import pytest
from django.contrib.auth import SESSION_KEY, get_backends
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import passwords, second_factor, sessions
from accounts.models import RememberedDevice, User
from tests.accounts.conftest import log_in
from tests.accounts.phones import code_of, give, give_phone, is_inside
from tests.factories import STAFF_PASSWORD, StaffFactory

pytestmark = pytest.mark.usefixtures("clock")

DAY = 24 * 3600


@pytest.fixture
def animateur(db):
    user = StaffFactory(identifiant="5550011", is_superuser=False)
    user.groups.add(Group.objects.get_or_create(name="Équipe")[0])
    give_phone(user)
    return user


def request_with(cookies):
    request = RequestFactory().get("/")
    request.COOKIES.update(cookies)
    return request


def remembered(user, cookies=None):
    """The cookies of a device where this account has shown its factor."""
    response = HttpResponse()
    second_factor.remember_device(request_with(cookies or {}), response, user, now=timezone.now())
    return {name: cookie.value for name, cookie in response.cookies.items()}


def is_remembered(user, cookies):
    user = User.objects.get(pk=user.pk)
    return second_factor.is_remembered(request_with(cookies), user, now=timezone.now())


def test_device_is_remembered_thirty_days(animateur, clock):  # SES-02
    cookies = remembered(animateur)

    clock.shift(30 * DAY - 1)
    assert is_remembered(animateur, cookies) is True
    clock.shift(2)
    assert is_remembered(animateur, cookies) is False


@pytest.mark.parametrize(
    ("groups", "is_superuser", "expected"),
    [
        (["Équipe"], False, True),
        (["Cantine"], False, True),
        (["Équipe", "Cantine"], False, True),
        (["Secrétariat"], False, False),
        (["Informatique"], False, False),
        (["Équipe", "Secrétariat"], False, False),
        ([], False, False),
        (["Équipe"], True, False),
    ],
)
def test_device_is_remembered_on_the_ground_only(animateur, groups, is_superuser, expected):  # SES-02
    before = remembered(animateur)
    animateur.groups.set([Group.objects.get_or_create(name=name)[0] for name in groups])
    User.objects.filter(pk=animateur.pk).update(is_superuser=is_superuser)
    animateur.refresh_from_db()

    assert bool(remembered(animateur)) is expected
    # Whoever changes groups is asked again.
    assert is_remembered(animateur, before) is (expected and groups == ["Équipe"])


@pytest.mark.parametrize("what", ["password", "password by hand", "sessions", "reset", "other phone"])
def test_what_ends_sessions_ends_the_memory_of_devices(animateur, what):  # SES-02, SES-04
    cookies = remembered(animateur)
    match what:
        case "password":
            passwords.change(animateur, "Tout autre chose 99", now=timezone.now())
        case "password by hand":
            animateur.set_password("Tout autre chose 99")
            animateur.save()
        case "sessions":
            sessions.end_all(animateur)
        case "reset":
            second_factor.reset(animateur, now=timezone.now())
            give_phone(animateur)
        case "other phone":
            TOTPDevice.objects.all().delete()
            give_phone(animateur)

    assert is_remembered(animateur, cookies) is False
    rows = RememberedDevice.objects.count()
    assert rows == (1 if what in {"password by hand", "other phone"} else 0)  # those two are none of the portal's ways


def test_device_is_remembered_for_its_own_account_only(animateur):
    other = StaffFactory(identifiant="5550029", is_superuser=False, password=animateur.password)
    other.groups.set(animateur.groups.all())
    give_phone(other)

    assert is_remembered(other, remembered(animateur)) is False


@pytest.mark.parametrize("value", ["", "x", "a:b:c", "é", "0" * 5000])
def test_forged_device_is_not_remembered(animateur, settings, value):
    assert is_remembered(animateur, {settings.SECOND_FACTOR_COOKIE_NAME: value}) is False


def test_touched_up_device_is_not_remembered(animateur, settings):
    (name, value), *_ = remembered(animateur).items()

    assert is_remembered(animateur, {name: "0" + value[1:] if value[0] != "0" else "1" + value[1:]}) is False


def test_shared_device_is_remembered_for_each_who_gave_a_code_there(animateur):  # SES-02
    other = StaffFactory(identifiant="5550029", is_superuser=False)
    other.groups.set(animateur.groups.all())
    give_phone(other)

    cookies = remembered(other, remembered(animateur))

    assert (is_remembered(animateur, cookies), is_remembered(other, cookies)) == (True, True)


def test_thirty_days_are_those_of_each_account(animateur, clock):  # SES-02
    other = StaffFactory(identifiant="5550029", is_superuser=False)
    other.groups.set(animateur.groups.all())
    give_phone(other)
    first = remembered(animateur)
    clock.shift(29 * DAY)

    cookies = remembered(other, first)
    clock.shift(2 * DAY)

    assert (is_remembered(animateur, cookies), is_remembered(other, cookies)) == (False, True)


def test_copy_of_the_cookie_is_worth_nothing_after_a_logout(animateur):  # SES-02, SES-03
    tablet, thief = Client(), Client()
    log_in(tablet, animateur.identifiant, STAFF_PASSWORD)
    give(tablet, code_of())
    thief.cookies["appareil"] = tablet.cookies["appareil"].value

    tablet.post("/deconnexion/")
    log_in(thief, animateur.identifiant, STAFF_PASSWORD)

    assert thief.get("/compte/")["Location"].startswith("/deuxieme-facteur/")


@pytest.mark.parametrize("closed", [True, False])
def test_copy_of_the_cookie_is_worth_nothing_once_the_sessions_are_closed(animateur, closed):  # SES-02, SES-04
    tablet, thief = Client(), Client()
    log_in(tablet, animateur.identifiant, STAFF_PASSWORD)
    give(tablet, code_of())
    thief.cookies["appareil"] = tablet.cookies["appareil"].value
    if closed:
        call_command("close_sessions", animateur.identifiant, verbosity=0)

    log_in(thief, animateur.identifiant, STAFF_PASSWORD)

    assert is_inside(thief) is not closed


@pytest.mark.parametrize("what", ["reset", "sessions", "password"])
def test_copy_of_the_cookie_does_not_come_back_to_life(animateur, clock, what):  # SES-02, SES-04
    """The owner gives a code once more on the same browser: what was copied before is worth nothing."""
    tablet, thief = Client(), Client()
    log_in(tablet, animateur.identifiant, STAFF_PASSWORD)
    give(tablet, code_of())
    thief.cookies["appareil"] = tablet.cookies["appareil"].value
    password = STAFF_PASSWORD
    match what:
        case "reset":
            second_factor.reset(animateur, now=timezone.now())
            give_phone(animateur)
        case "sessions":
            sessions.end_all(animateur)
        case "password":
            password = "Tout autre chose 99"
            passwords.change(User.objects.get(pk=animateur.pk), password, now=timezone.now())
    clock.shift(60)
    log_in(tablet, animateur.identifiant, password)
    give(tablet, code_of())
    assert is_inside(tablet)

    log_in(thief, animateur.identifiant, password)

    assert not is_inside(thief)


def test_who_used_the_tablet_before_is_not_taken_for_who_comes_after(animateur, clock):  # SES-02
    """The first one copies the cookie, and later knows the password of the second."""
    second = StaffFactory(identifiant="5550029", is_superuser=False)
    second.groups.set(animateur.groups.all())
    give_phone(second)
    tablet, thief = Client(), Client()
    log_in(tablet, animateur.identifiant, STAFF_PASSWORD)
    give(tablet, code_of())
    thief.cookies["appareil"] = tablet.cookies["appareil"].value
    del tablet.cookies["session"]
    clock.shift(60)
    log_in(tablet, second.identifiant, STAFF_PASSWORD)
    give(tablet, code_of())
    assert is_inside(tablet)

    log_in(thief, second.identifiant, STAFF_PASSWORD)

    assert not is_inside(thief)


def test_logout_of_a_session_that_is_over_forgets_the_device_too(animateur):  # SES-03
    tablet, thief = Client(), Client()
    log_in(tablet, animateur.identifiant, STAFF_PASSWORD)
    give(tablet, code_of())
    thief.cookies["appareil"] = tablet.cookies["appareil"].value
    del tablet.cookies["session"]

    tablet.post("/deconnexion/")
    log_in(thief, animateur.identifiant, STAFF_PASSWORD)

    assert not is_inside(thief)


# --- Another group ----------------------------------------------------------------------------------------------------


def put_in_another_group(user):
    user.groups.set([Group.objects.get(name="Secrétariat")])


def add_to_another_group(user):
    user.groups.add(Group.objects.get(name="Secrétariat"))


def take_every_group_away(user):
    user.groups.clear()


def make_a_superuser_of(user):
    User.objects.filter(pk=user.pk).update(is_superuser=True)


@pytest.mark.parametrize(
    "change", [put_in_another_group, add_to_another_group, take_every_group_away, make_a_superuser_of]
)
def test_session_of_the_ground_ends_when_the_groups_of_its_agent_change(animateur, client, change):
    """SES-04: it rests twelve hours, and was asked for no code: it does not open the families' files."""
    call_command("sync_groups", verbosity=0)
    client.cookies.load(remembered(animateur))
    log_in(client, "5550011", STAFF_PASSWORD)
    assert client.get("/equipe/").status_code in {200, 302}

    change(animateur)

    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert SESSION_KEY not in client.session
    log_in(client, "5550011", STAFF_PASSWORD)
    assert client.get("/admin/")["Location"].startswith("/deuxieme-facteur/")


def test_session_goes_on_when_its_groups_are_as_they_were(animateur, client, django_assert_num_queries):
    """What a group may do acts at once, and ends nothing; the account and its groups are one query each."""
    client.cookies.load(remembered(animateur))
    log_in(client, "5550011", STAFF_PASSWORD)
    animateur.groups.add(Group.objects.create(name="Autre"))
    log_in(client, "5550011", STAFF_PASSWORD)
    call_command("sync_groups", verbosity=0)
    animateur.groups.set(animateur.groups.all())

    assert client.get("/compte/").status_code in {200, 302}
    assert client.session[SESSION_KEY] == str(animateur.pk)
    with django_assert_num_queries(2):
        found = get_backends()[0].get_user(animateur.pk)
        found.get_session_auth_hash()
    assert found.get_session_auth_hash() == User.objects.get(pk=animateur.pk).get_session_auth_hash()
