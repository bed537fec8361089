"""The ten codes on paper, each good once."""

from threading import Barrier

import pytest
from django.utils import timezone

from accounts import recovery_codes
from accounts.models import RecoveryCode
from tests.accounts.phones import notices
from tests.factories import StaffFactory
from tests.races import at_once


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
def test_same_recovery_code_in_many_windows_opens_one(monkeypatch):  # ADM-01
    """None of them is told before all have found it unused."""
    agent, barrier = StaffFactory(), Barrier(6, timeout=60)
    (code, *_) = recovery_codes.draw(agent, now=timezone.now())
    monkeypatch.setattr(recovery_codes, "check_password", lambda *values: bool(barrier.wait() + 1))

    answers = at_once(*[lambda: recovery_codes.use(agent, code, now=timezone.now())] * 6)

    assert sorted(answers) == [False] * 5 + [True]
