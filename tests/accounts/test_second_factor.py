"""The second factor: codes of the phone and on paper, each good once; the device that is remembered."""

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connections
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_tasks_db.models import DBTaskResult
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import recovery_codes, second_factor, sessions
from accounts.models import RecoveryCode, User
from tests.accounts.phones import KEY, code_of, give_phone
from tests.factories import StaffFactory

HOUR = 3600
DAY = 24 * HOUR
OTHER_KEY = b"abcdefghijklmnopqrst"
NOON = "2026-11-25T12:00:05Z"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


def notices():
    return sorted(row.args_kwargs["args"][:2] for row in DBTaskResult.objects.all())


def at_once(number, do):
    """What `do` answers to each of so many threads, started together."""
    barrier, answers = threading.Barrier(number), []

    def run():
        barrier.wait()
        try:
            answers.append(do())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


# --- The phone --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(agent, clock, seconds, code):  # ADM-01
    """Its appendix B, for SHA-1: the last six of its eight digits."""
    give_phone(agent)
    clock.move_to(seconds, tick=False)

    assert second_factor.accepts(agent, code) is True


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_code_is_good_one_step_early_or_late(agent, steps, accepted):  # ADM-01
    give_phone(agent)

    assert second_factor.accepts(agent, code_of(steps=steps)) is accepted


def test_clock_of_a_phone_shifts_nothing(agent, clock):
    """A phone one step late, many times in a row, is never believed two steps late."""
    give_phone(agent)
    for _ in range(3):
        assert second_factor.accepts(agent, code_of(steps=-1)) is True
        clock.shift(60)

    assert second_factor.accepts(agent, code_of(steps=-2)) is False


def test_code_serves_once(agent, clock):  # ADM-01
    give_phone(agent)
    code = code_of()

    assert [second_factor.accepts(agent, code) for _ in range(2)] == [True, False]
    clock.shift(30)
    assert second_factor.accepts(agent, code) is False


def test_code_older_than_the_last_one_is_refused(agent):
    give_phone(agent)
    assert second_factor.accepts(agent, code_of()) is True

    assert second_factor.accepts(agent, code_of(steps=-1)) is False


def test_spaces_of_a_code_are_forgiven(agent):
    give_phone(agent)
    code = code_of()

    assert second_factor.accepts(agent, f" {code[:3]}\u00a0{code[3:]} ") is True


@pytest.mark.parametrize(
    "text", ["", "12345", "1234567", "-12345", "+12345", "1e5000", "12 34 5x", "１２３４５６", "٣٤٥٦٧٨", "123456" * 20]
)
def test_what_is_no_code_is_refused_and_not_looked_at(agent, text):
    device = give_phone(agent)

    assert second_factor.accepts(agent, text) is False
    device.refresh_from_db()
    assert device.throttling_failure_count == 0


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(), st.text("0123456789 ", max_size=9), st.integers().map(str)))
def test_no_text_breaks_the_check_of_a_code(agent, text):  # VAL-08
    if not TOTPDevice.objects.exists():
        give_phone(agent)
        recovery_codes.draw(agent, now=timezone.now())
    second_factor.forgive(agent)

    assert second_factor.accepts(agent, text) is ("".join(text.split()) in {code_of(steps=n) for n in (-1, 0, 1)})
    assert recovery_codes.use(agent, text, now=timezone.now()) is False


def test_code_of_another_phone_is_refused(agent):
    give_phone(agent, OTHER_KEY)
    give_phone(StaffFactory(identifiant="5550029"))

    assert second_factor.accepts(agent, code_of()) is False


def test_agent_without_phone_has_no_code(agent):
    assert second_factor.accepts(agent, code_of()) is False
    assert second_factor.pause(agent, now=timezone.now()) == 0


def test_wrong_codes_are_answered_later_and_later(agent, clock):  # LIM-11
    give_phone(agent)
    pauses = []
    for _ in range(7):
        second_factor.accepts(agent, code_of(OTHER_KEY))
        pauses.append(second_factor.pause(agent, now=timezone.now()))
        clock.shift(pauses[-1])

    assert pauses == [1, 2, 4, 8, 16, 32, 64]
    second_factor.accepts(agent, code_of(OTHER_KEY))
    assert second_factor.accepts(agent, code_of()) is False  # the right one, too early
    second_factor.forgive(agent)
    assert second_factor.accepts(agent, code_of()) is True


@pytest.mark.django_db(transaction=True)
def test_same_code_in_many_windows_opens_one():  # ADM-01
    agent = StaffFactory()
    give_phone(agent)
    code = code_of()

    assert sorted(at_once(6, lambda: second_factor.accepts(agent, code))) == [False] * 5 + [True]


# --- Enrolment --------------------------------------------------------------------------------------------------------


def new_phone(user):
    return TOTPDevice(user=user, name=second_factor.PHONE, key=KEY.hex())


def test_enrolment_keeps_the_phone_and_draws_ten_codes(agent):  # ADM-01
    codes = second_factor.enrol(new_phone(agent), code_of(), now=timezone.now())

    assert len(set(codes)) == 10
    assert second_factor.find_device(agent).bin_key == KEY
    assert recovery_codes.left(agent) == 10
    assert notices() == [[agent.pk, "enrolled"]]


def test_code_of_the_enrolment_does_not_open_the_next_session(agent, clock):  # ADM-01
    code = code_of()
    second_factor.enrol(new_phone(agent), code, now=timezone.now())

    assert second_factor.accepts(agent, code) is False
    clock.shift(1)
    assert second_factor.accepts(agent, code_of(steps=1)) is True


@pytest.mark.parametrize("text", ["000000", "", "abc"])
def test_enrolment_wants_the_phones_own_code(agent, text):
    assert second_factor.enrol(new_phone(agent), text, now=timezone.now()) is None

    assert not TOTPDevice.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert notices() == []


def test_second_phone_does_not_take_the_place_of_the_first(agent):
    give_phone(agent, OTHER_KEY)

    assert second_factor.enrol(new_phone(agent), code_of(), now=timezone.now()) is None
    assert TOTPDevice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_enrolment_sent_many_times_is_done_once():
    agent = StaffFactory()

    answers = at_once(6, lambda: second_factor.enrol(new_phone(agent), code_of(), now=timezone.now()))

    assert [codes is None for codes in answers].count(False) == 1
    assert (TOTPDevice.objects.count(), recovery_codes.left(agent)) == (1, 10)


# --- Codes on paper ---------------------------------------------------------------------------------------------------


def test_recovery_code_serves_once_and_a_mail_tells(agent):  # ADM-01
    codes = recovery_codes.draw(agent, now=timezone.now())

    assert [recovery_codes.use(agent, codes[3], now=timezone.now()) for _ in range(2)] == [True, False]
    assert recovery_codes.left(agent) == 9
    assert notices() == [[agent.pk, "used"]]


def test_each_recovery_code_serves(agent):
    codes = recovery_codes.draw(agent, now=timezone.now())

    assert [recovery_codes.use(agent, code, now=timezone.now()) for code in codes] == [True] * 10
    assert recovery_codes.left(agent) == 0


@pytest.mark.parametrize(
    "write", [str.upper, lambda code: code.replace("-", ""), lambda code: f" {code[:5]} - {code[6:]}\n"]
)
def test_recovery_code_is_copied_from_paper_as_one_may(agent, write):
    (code, *_) = recovery_codes.draw(agent, now=timezone.now())

    assert recovery_codes.use(agent, write(code), now=timezone.now()) is True


@pytest.mark.parametrize("text", ["", "-", "k7dum", "k7dum-m2rep-9", "é" * 10, "0" * 5000, "!!!!!!!!!!"])
def test_what_is_no_recovery_code_is_refused(agent, text):
    recovery_codes.draw(agent, now=timezone.now())

    assert recovery_codes.use(agent, text, now=timezone.now()) is False
    assert notices() == []


def test_recovery_codes_are_of_one_account(agent):
    codes = recovery_codes.draw(StaffFactory(identifiant="5550029"), now=timezone.now())

    assert recovery_codes.use(agent, codes[0], now=timezone.now()) is False


def test_new_recovery_codes_kill_those_of_before(agent):
    old = recovery_codes.draw(agent, now=timezone.now())
    new = recovery_codes.draw(agent, now=timezone.now())

    assert recovery_codes.use(agent, old[0], now=timezone.now()) is False
    assert recovery_codes.use(agent, new[0], now=timezone.now()) is True
    assert recovery_codes.left(agent) == 9


def test_recovery_codes_are_hashed_like_passwords(agent, settings):  # ADM-01
    settings.PASSWORD_HASHERS = ["accounts.hashers.Argon2idHasher"]
    codes = recovery_codes.draw(agent, now=timezone.now())

    digests = list(RecoveryCode.objects.values_list("digest", flat=True))
    assert {digest.split("$")[1] for digest in digests} == {"argon2id"}
    assert not any(part in digest for digest in digests for code in codes for part in code.split("-"))
    assert recovery_codes.use(agent, codes[0], now=timezone.now()) is True


@pytest.mark.django_db(transaction=True)
def test_same_recovery_code_in_many_windows_opens_one():  # ADM-01
    agent = StaffFactory()
    (code, *_) = recovery_codes.draw(agent, now=timezone.now())

    answers = at_once(6, lambda: recovery_codes.use(agent, code, now=timezone.now()))

    assert sorted(answers) == [False] * 5 + [True]
    assert (recovery_codes.left(agent), len(notices())) == (9, 1)


# --- The device that is remembered ------------------------------------------------------------------------------------


@pytest.fixture
def animateur(db):
    user = StaffFactory(identifiant="5550011", is_superuser=False)
    user.groups.add(Group.objects.get_or_create(name="Équipe")[0])
    give_phone(user)
    return user


def remembered(user):
    """The cookies of a device where this account has shown its factor."""
    response = HttpResponse()
    second_factor.remember_device(response, user)
    return {name: cookie.value for name, cookie in response.cookies.items()}


def is_remembered(user, cookies):
    request = RequestFactory().get("/")
    request.COOKIES.update(cookies)
    return second_factor.is_remembered(request, User.objects.get(pk=user.pk))


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
    assert is_remembered(animateur, before) is expected  # whoever changes groups is asked again


@pytest.mark.parametrize("what", ["password", "sessions", "reset", "other phone"])
def test_what_ends_sessions_ends_the_memory_of_devices(animateur, what):  # SES-02, SES-04
    cookies = remembered(animateur)
    match what:
        case "password":
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


# --- Reset ------------------------------------------------------------------------------------------------------------


def test_reset_forgets_phone_and_codes_and_ends_sessions(agent):  # ADM-01
    second_factor.enrol(new_phone(agent), code_of(), now=timezone.now())

    assert second_factor.reset(agent, now=timezone.now()) is True

    agent.refresh_from_db()
    assert (second_factor.find_device(agent), recovery_codes.left(agent), agent.session_version) == (None, 0, 2)
    assert notices() == [[agent.pk, "enrolled"], [agent.pk, "reset"]]


def test_reset_of_nothing_changes_nothing(agent):
    assert second_factor.reset(agent, now=timezone.now()) is False

    agent.refresh_from_db()
    assert (agent.session_version, notices()) == (1, [])
