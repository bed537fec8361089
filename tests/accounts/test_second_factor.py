"""The second factor: the codes of the phone, each good once, its enrolment and its reset."""

from threading import Event

import pytest
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import recovery_codes, second_factor
from accounts.models import RecoveryCode
from tests.accounts.phones import KEY, code_of, give_phone, notices
from tests.factories import StaffFactory
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("clock")

OTHER_KEY = b"abcdefghijklmnopqrst"


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


@pytest.mark.ci
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(), st.text("0123456789 ", max_size=9), st.integers().map(str)))
def test_no_text_breaks_the_check_of_a_code(agent, text):  # VAL-08
    if not TOTPDevice.objects.exists():
        give_phone(agent)
        recovery_codes.draw(agent, now=timezone.now())
    second_factor.forget_wrong_codes(agent)

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
    second_factor.forget_wrong_codes(agent)
    assert second_factor.accepts(agent, code_of()) is True


@pytest.mark.ci
@pytest.mark.django_db(transaction=True)
def test_same_code_in_many_windows_opens_one(monkeypatch):  # ADM-01
    """Each of them takes its time between reading the phone's row and believing the code."""
    agent, code, verify = StaffFactory(), code_of(), TOTPDevice.verify_token
    give_phone(agent)
    monkeypatch.setattr(TOTPDevice, "verify_token", lambda *values: Event().wait(0.05) or verify(*values))

    assert sorted(at_once(*[lambda: second_factor.accepts(agent, code)] * 6)) == [False] * 5 + [True]


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

    answers = at_once(*[lambda: second_factor.enrol(new_phone(agent), code_of(), now=timezone.now())] * 6)

    assert [codes is None for codes in answers].count(False) == 1
    assert (TOTPDevice.objects.count(), recovery_codes.left(agent)) == (1, 10)


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
