import hashlib
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from accounts import temporary
from accounts.models import TemporaryPassword, User
from portail.courriels import TIMEOUT
from tests.accounts.conftest import send_value
from tests.factories import UserFactory
from tests.races import at_once

Reason = TemporaryPassword.Reason
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=ZoneInfo("Europe/Paris"))
MICROSECOND = timedelta(microseconds=1)


def reasons(user):
    return list(user.temporary_passwords.order_by("created_at", "pk").values_list("reason", flat=True))


def test_value_is_128_random_bits_of_which_only_the_digest_is_kept(parent):
    row, value = temporary.issue(parent, now=NOW)  # TMP-01

    assert len(value) == 32
    assert set(value) <= set("0123456789abcdef")
    assert row.digest == hashlib.sha256(value.encode()).hexdigest()
    assert value not in str(TemporaryPassword.objects.values())


def test_value_is_drawn_by_secrets(parent, monkeypatch):
    drawn = []
    monkeypatch.setattr(temporary.secrets, "token_hex", lambda size: drawn.append(size) or "a" * 32)

    assert temporary.issue(parent, now=NOW)[1] == "a" * 32  # TMP-01
    assert drawn == [16]


@pytest.mark.parametrize(
    ("age", "accepted"),
    [
        (timedelta(0), True),
        (timedelta(hours=24) - MICROSECOND, True),
        (timedelta(hours=24), False),
        (timedelta(days=3), False),
    ],
)
@pytest.mark.parametrize(
    "sent",
    [NOW, datetime(2026, 10, 24, 12, 0, tzinfo=ZoneInfo("Europe/Paris"))],  # the second day has 25 hours
)
def test_value_serves_strictly_less_than_24_hours(parent, sent, age, accepted):
    value = send_value(parent, sent)

    accepted_row = temporary.accept(parent, value, now=sent.astimezone(UTC) + age)  # TMP-02

    assert (accepted_row is not None) == accepted


@pytest.mark.parametrize(
    "spelling",
    [
        str,
        str.upper,
        lambda value: f"  {value}\n",
        lambda value: f"\u00a0{value.capitalize()} ",
        lambda value: " ".join(value[n : n + 4] for n in range(0, 32, 4)),
    ],
)
def test_typed_value_forgives_blanks_and_capitals(parent, spelling):
    value = send_value(parent, NOW)

    assert temporary.accept(parent.identifiant, spelling(value), now=NOW) is not None  # TMP-13


@pytest.mark.parametrize("wrong", ["", "0" * 32, "azerty", "g" * 32])
def test_anything_else_is_not_accepted(parent, wrong):
    value = send_value(parent, NOW)

    assert temporary.accept(parent, wrong, now=NOW) is None
    assert temporary.accept(parent, value[:-1], now=NOW) is None
    assert temporary.accept(parent, value + "0", now=NOW) is None


def test_value_of_another_account_is_not_accepted(parent):
    other = UserFactory()
    value = send_value(other, NOW)

    assert temporary.accept(parent, value, now=NOW) is None  # TMP-17
    assert temporary.accept("n'importe qui", value, now=NOW) is None


def test_value_of_a_closed_account_is_not_accepted(parent):
    value = send_value(parent, NOW)
    parent.is_active = False
    parent.save()

    assert temporary.accept(parent, value, now=NOW) is None


def test_new_value_replaces_the_earlier_one(parent):
    first = send_value(parent, NOW)
    later = NOW + timedelta(minutes=10)

    second = send_value(parent, later)  # TMP-06

    assert temporary.accept(parent, first, now=later) is None
    assert temporary.accept(parent, second, now=later) is not None
    assert reasons(parent) == [Reason.REPLACED, ""]


def test_request_within_10_minutes_leaves_the_last_value_valid(parent):
    value = send_value(parent, NOW)
    soon = NOW + timedelta(minutes=10) - MICROSECOND

    assert temporary.issue(parent, now=soon) is None  # TMP-06
    assert temporary.accept(parent, value, now=soon) is not None


def test_value_of_an_account_that_was_closed_is_found_no_more(parent):
    row, _ = temporary.issue(parent, now=NOW)
    assert temporary.find_live(row.pk, now=NOW) == row

    User.objects.filter(pk=parent.pk).update(is_active=False)

    assert temporary.find_live(row.pk, now=NOW) is None


def test_value_is_found_strictly_less_than_24_hours_and_while_it_is_open(parent):
    row, _ = temporary.issue(parent, now=NOW)
    assert temporary.find_live(row.pk, now=NOW + timedelta(hours=24) - MICROSECOND) == row
    assert temporary.find_live(row.pk, now=NOW + timedelta(hours=24)) is None

    temporary.close(row, Reason.USED, now=NOW)

    assert temporary.find_live(row.pk, now=NOW) is None


def test_forced_value_passes_the_cool_down(parent):
    send_value(parent, NOW)

    assert temporary.issue(parent, now=NOW, force=True) is not None


def test_value_never_sent_does_not_silence_the_next_request(parent):
    """A worker killed between writing and sending leaves one: it may still be leaving for a while, not longer."""
    temporary.issue(parent, now=NOW)

    for force in [False, True]:
        with pytest.raises(temporary.StillSending):
            temporary.issue(parent, now=NOW + timedelta(minutes=4) - MICROSECOND, force=force)  # TMP-07
    assert temporary.issue(parent, now=NOW + timedelta(minutes=4)) is not None  # TMP-06
    assert reasons(parent) == [Reason.REPLACED, ""]


def test_mail_that_starts_at_the_last_moment_has_ended_when_the_next_value_is_made(parent):
    row, _ = temporary.issue(parent, now=NOW)
    greeting, envelope, text, answer = 2, 2, 2, 1  # EHLO and HELO, MAIL and RCPT, DATA and its text, what it says
    slowest = (greeting + envelope + text + answer) * timedelta(seconds=TIMEOUT)

    assert temporary.may_leave(row, now=NOW + temporary.START_WITHIN - MICROSECOND)  # TMP-07
    assert not temporary.may_leave(row, now=NOW + temporary.START_WITHIN)
    assert temporary.START_WITHIN + slowest < temporary.SENDING


def test_value_whose_sending_failed_serves_until_the_next_attempt(parent):
    """The server may have taken the mail, and its answer be lost."""
    failed, value = temporary.issue(parent, now=NOW)
    assert temporary.accept(parent, value, now=NOW) == failed  # TMP-07

    temporary.issue(parent, now=NOW, instead_of=failed.pk)  # TMP-11

    assert temporary.accept(parent, value, now=NOW) is None
    assert reasons(parent) == [Reason.FAILED, ""]


def test_value_past_its_day_is_closed_as_expired(parent):
    send_value(parent, NOW)

    temporary.issue(parent, now=NOW + timedelta(hours=24))

    assert reasons(parent) == [Reason.EXPIRED, ""]


def test_value_is_closed_once(parent):
    row, _ = temporary.issue(parent, now=NOW)

    closings = [temporary.close(row, Reason.FAILED, now=NOW), temporary.close(row, Reason.USED, now=NOW)]

    assert closings == [True, False]
    assert reasons(parent) == [Reason.FAILED]


def test_database_refuses_two_live_values(parent):
    row, _ = temporary.issue(parent, now=NOW)
    row.pk = None

    with pytest.raises(IntegrityError, match="temporary_password_one_live|user_id"):
        row.save(force_insert=True)  # TMP-06


@pytest.mark.django_db(transaction=True)
def test_concurrent_issues_leave_one_live_value():
    parent = UserFactory()

    def issue():
        try:
            return temporary.issue(parent, now=NOW)
        except temporary.StillSending:
            return None

    [(live, value)] = filter(None, at_once(*[issue] * 6))

    assert reasons(parent) == [""]  # TMP-06
    assert temporary.accept(parent, value, now=NOW) == live


# --- Printed at the counter (AUT-12) ----------------------------------------------------------------------------------


def test_printed_value_is_twelve_signs_that_a_hand_can_copy(parent):
    row, value = temporary.issue(parent, now=NOW, printed=True)

    assert re.fullmatch(r"[a-hj-km-np-z2-9]{4}(-[a-hj-km-np-z2-9]{4}){2}", value)
    assert value.replace("-", "") not in str(TemporaryPassword.objects.values())
    assert row.digest != hashlib.sha256(value.replace("-", "").encode()).hexdigest()


@pytest.mark.parametrize(
    "typed",
    [str, str.upper, lambda v: v.replace("-", ""), lambda v: v.replace("-", " "), lambda v: f" {v.replace('-', '–')} "],
    ids=["as is", "capitals", "no hyphen", "blanks", "dashes of a phone"],
)
def test_printed_value_is_accepted_as_hands_type_it(parent, typed):
    row, value = temporary.issue(parent, now=NOW, printed=True)

    assert temporary.accept(parent, typed(value), now=NOW) == row


def test_printed_value_is_of_one_account_and_hangs_on_the_key(parent, settings):
    row, value = temporary.issue(parent, now=NOW, printed=True)
    other = UserFactory(email="")
    TemporaryPassword.objects.create(user=other, digest=row.digest, created_at=NOW, expires_at=row.expires_at)

    assert temporary.accept(other, value, now=NOW) is None
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key, of another day, which is long enough"
    assert temporary.accept(parent, value, now=NOW) is None
    settings.SECRET_KEY_FALLBACKS = [former]
    assert temporary.accept(parent, value, now=NOW) == row


def test_printed_value_is_never_a_chosen_password(parent):  # TMP-08
    _, value = temporary.issue(parent, now=timezone.now(), printed=True)

    with pytest.raises(ValidationError, match="différent du mot de passe temporaire"):
        validate_password(f"{value[0].upper()}{value[1:]}", parent)
