"""What a try to log in counts on: a browser that is known on itself alone, any other on its address and the account."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts import devices, merging, passwords, ratelimit
from accounts.devices import Kind
from accounts.models import RememberedDevice
from tests.accounts.attempts import EVENING, known_browser, spend_the_day
from tests.accounts.conftest import (
    DAY,
    NEW_PASSWORD,
    PASSWORD,
    begin_a_day,
    begin_an_hour,
    choose,
    left_of_the_day,
    log_in,
    send_value,
)
from tests.factories import STAFF_PASSWORD, StaffFactory, UserFactory


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(EVENING, tick=False)
    return time_machine


def spend_the_quarter(identifiant):
    """As many tries of a stranger as a quarter of an hour gives to this account."""
    for _ in range(10):
        log_in(Client(REMOTE_ADDR="198.51.100.77"), identifiant, "Azerty123")


def test_stranger_does_not_lock_a_known_parent_out(parent, clock):  # LIM-15
    browser = known_browser()
    spend_the_day(clock, "3816238")

    assert log_in(Client(REMOTE_ADDR="203.0.113.7")).status_code == 429  # a browser that nobody knows
    assert log_in(browser)["Location"] == "/"


def test_stranger_does_not_lock_a_known_agent_out(enrolled, clock):  # LIM-15
    browser = known_browser("5550011", STAFF_PASSWORD)
    spend_the_day(clock, "5550011")

    assert log_in(browser, "5550011", STAFF_PASSWORD).status_code == 302


@pytest.mark.ci
def test_known_browsers_do_not_share_the_limit_of_their_address(db, clock):  # LIM-15
    """A school, a town hall, a telephone operator: hundreds behind one address, and a stranger among them."""
    clock.shift(-DAY)
    browsers = {}
    for n in range(3):
        user = UserFactory(identifiant=str(3816238 + n))
        browsers[user.identifiant] = known_browser(user.identifiant)
    clock.shift(DAY)
    stranger = Client()
    assert [log_in(stranger, str(n), "faux").status_code for n in range(101)] == [200] * 100 + [429]

    assert [log_in(browser, number).status_code for number, browser in browsers.items()] == [302] * 3


def test_known_browser_counts_on_itself(parent, clock):  # LIM-15
    browser, other = known_browser(), known_browser()
    begin_an_hour(clock, "3816238", *RememberedDevice.objects.values_list("pk", flat=True))

    assert [log_in(browser, password="faux").status_code for _ in range(10)] == [200] * 10
    # Past its own tries it has those of its address, then is a browser as any other, on the account, which spent none.
    assert [log_in(browser, password="faux").status_code for _ in range(21)] == [200] * 20 + [429]
    assert log_in(browser).status_code == 429
    assert log_in(other).status_code == 302
    clock.shift(15 * 60 + 5)
    assert log_in(browser).status_code == 302


def copy_of(browser, address):
    """The browser of who has copied the cookie of this one, elsewhere."""
    thief = Client(REMOTE_ADDR=address)
    thief.cookies["connu"] = browser.cookies["connu"].value
    return thief


@pytest.mark.ci
def test_copied_cookie_does_not_shut_its_owner_out(parent, clock):  # LIM-15
    """Whatever it spends: of the quarter of an hour or of the day, of the browser and of the account."""
    browser = known_browser()
    begin_a_day(clock, RememberedDevice.objects.get().pk, "198.51.100.9", "3816238")
    thief = copy_of(browser, "198.51.100.9")
    for quarter in range(8):
        if quarter:
            clock.shift(16 * 60)
            begin_an_hour(clock, "3816238")
        for _ in range(25):
            log_in(thief, password="faux")
    spend_the_quarter("3816238")
    assert log_in(thief).status_code == 429  # at this instant: no period of another counter has ended since

    assert log_in(browser)["Location"] == "/"
    browser.post("/deconnexion/")
    assert [log_in(browser, password="faux").status_code for _ in range(10)] == [200] * 10  # known anew, on itself


def test_copied_cookie_guesses_no_more_from_a_thousand_addresses(parent, clock, monkeypatch):  # LIM-15
    monkeypatch.setattr(ratelimit, "SPENT_DEVICE", ("15/d",))
    browser = known_browser()
    begin_a_day(clock, RememberedDevice.objects.get().pk)
    spend_the_quarter("3816238")
    for _ in range(10):
        log_in(copy_of(browser, "198.51.100.9"), password="faux")

    statuses = [log_in(copy_of(browser, f"198.51.101.{n}"), password="faux").status_code for n in range(16)]
    assert statuses == [200] * 15 + [429]
    call_command("unlock_account", "3816238")
    assert log_in(browser)["Location"] == "/"


def test_known_browser_waits_no_longer_than_its_own_pause(parent, clock):
    browser = known_browser()
    spend_the_day(clock, "3816238")
    statuses = [log_in(browser, password="faux") for _ in range(21)]

    assert int(statuses[-1]["Retry-After"]) <= 15 * 60


@pytest.mark.ci
def test_known_browser_has_50_tries_a_day_and_ten_of_its_address(parent, clock):  # LIM-15
    browser, statuses = known_browser(), []
    begin_a_day(clock, RememberedDevice.objects.get().pk, "127.0.0.1", "3816238")
    for _ in range(7):
        spend_the_quarter("3816238")
        statuses += [log_in(browser, password="faux").status_code for _ in range(9)]
        clock.shift(16 * 60)

    assert statuses == [200] * 60 + [429] * 3


def test_good_login_of_a_known_browser_gives_a_stranger_nothing_back(parent, clock):
    browser = known_browser()
    for _ in range(10):
        log_in(Client(), password="faux")

    log_in(browser)

    assert log_in(Client(), password="faux").status_code == 429  # LIM-01


@pytest.mark.ci
def test_browser_is_known_to_the_accounts_that_came_in_by_it(parent, clock):
    """Two parents on one telephone."""
    UserFactory(identifiant="2222222")
    browser = known_browser()
    log_in(browser, "2222222")
    browser.post("/deconnexion/")
    spend_the_day(clock, "3816238", "2222222")

    assert log_in(browser).status_code == 302
    browser.post("/deconnexion/")
    assert log_in(browser, "2222222").status_code == 302


def test_browser_of_one_account_is_a_stranger_to_the_others(parent, clock):
    UserFactory(identifiant="2222222")
    neighbour = known_browser("2222222")
    spend_the_day(clock, "3816238")

    assert log_in(neighbour).status_code == 429


@pytest.mark.ci
def test_browser_is_known_for_a_year(parent, clock):  # LIM-15
    browser = known_browser()
    clock.shift(364 * DAY)
    spend_the_day(clock, "3816238")
    assert log_in(browser).status_code == 302
    browser.post("/deconnexion/")

    clock.shift(366 * DAY)
    spend_the_day(clock, "3816238")
    assert log_in(browser).status_code == 429


@pytest.mark.parametrize("value", ["", "x", "a:b:c", "é", "0" * 5000])
def test_forged_cookie_is_no_known_browser(parent, clock, value, settings):
    browser = Client()
    browser.cookies[settings.KNOWN_DEVICE_COOKIE_NAME] = value
    for _ in range(10):
        log_in(Client(REMOTE_ADDR="198.51.100.4"), password="faux")

    assert log_in(browser).status_code == 429


def test_cookie_of_a_known_browser_is_closed_to_others(client, parent, settings):  # LIM-15, SES-01, LEG-02
    settings.SESSION_COOKIE_SECURE = True

    cookie = log_in(client).cookies["connu"]

    parts = ["max-age", "httponly", "secure", "samesite", "path", "domain"]
    assert [cookie[part] for part in parts] == [365 * DAY, True, True, "Lax", "/", ""]
    [row] = RememberedDevice.objects.all()
    assert (row.user, row.kind, row.digest in cookie.value) == (parent, Kind.KNOWN, False)


def test_cookie_of_a_known_browser_opens_nothing(client, parent):  # LIM-15
    browser = known_browser()

    assert set(browser.cookies) >= {"connu"}
    assert browser.get("/compte/")["Location"].startswith("/connexion/")


@pytest.mark.ci
@pytest.mark.parametrize("what", ["close_sessions", "closed", "other devices", "password", "forgotten", "admin"])
def test_what_ends_the_sessions_of_an_account_forgets_its_browsers(parent, clock, what):  # LIM-15, SES-04
    browser, present = known_browser(), Client()
    if what == "forgotten":
        log_in(present, password=send_value(parent))
    else:
        log_in(present)
    match what:
        case "close_sessions":
            call_command("close_sessions", "3816238", verbosity=0)
        case "closed":
            passwords.begin_anew(parent, now=timezone.now())
        case "other devices":
            present.post("/compte/appareils/")
        case "password":
            fields = {"password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
            present.post("/compte/", fields)
        case "forgotten":
            choose(present)
        case "admin":
            secretary = Client()
            secretary.force_login(StaffFactory())
            session = secretary.session
            session["second_factor"] = True
            session.save()
            address = "/admin/accounts/user/"
            secretary.post(address, {"action": "close_sessions", "_selected_action": parent.pk, "index": 0})

    present.post("/deconnexion/")
    spend_the_day(clock, "3816238")

    assert log_in(browser, password="faux").status_code == 429
    changed = what in {"password", "forgotten"}
    keeps = changed or what == "other devices"  # whoever did it stays known
    assert log_in(present, password=NEW_PASSWORD if changed else PASSWORD).status_code == (302 if keeps else 429)


def test_password_chosen_by_mail_logs_in_whatever_a_stranger_did(parent, clock):  # LIM-15, TMP-14
    spend_the_day(clock, "3816238")
    browser = Client()
    assert log_in(browser).status_code == 429
    log_in(browser, password=send_value(parent))
    choose(browser)
    for _ in range(20):
        log_in(Client(REMOTE_ADDR="198.51.100.9"), password="Azerty123")
    clock.shift(15)

    assert log_in(browser, password=NEW_PASSWORD)["Location"] == "/"


def test_copied_cookie_is_worth_nothing_after_the_next_login(parent, clock):  # LIM-15
    """Whoever copied it cannot spend the tries of its owner."""
    browser, thief = known_browser(), Client()
    thief.cookies["connu"] = browser.cookies["connu"].value
    log_in(browser)
    browser.post("/deconnexion/")
    spend_the_day(clock, "3816238")

    assert log_in(thief, password="faux").status_code == 429
    assert log_in(browser).status_code == 302


def test_who_used_the_browser_before_is_a_stranger_to_who_comes_after(parent, clock):  # LIM-15
    UserFactory(identifiant="2222222")
    browser, thief = known_browser("2222222"), Client()
    thief.cookies["connu"] = browser.cookies["connu"].value
    log_in(browser)
    browser.post("/deconnexion/")
    spend_the_day(clock, "3816238")

    assert log_in(thief, password="faux").status_code == 429
    assert log_in(browser).status_code == 302


@pytest.mark.ci
def test_browser_keeps_eight_accounts(db, clock):
    numbers_ = [UserFactory().identifiant for _ in range(9)]
    browser = Client()
    for number in numbers_:
        log_in(browser, number)
        browser.post("/deconnexion/")

    assert len(browser.cookies["connu"].value.split(":")[0].strip('"').split()) == 8
    spend_the_day(clock, numbers_[1])
    assert log_in(browser, numbers_[1]).status_code == 302


def test_unlock_frees_the_known_browsers_too(parent, clock):  # LIM-10, LIM-15
    browser = known_browser()
    for _ in range(21):
        log_in(browser, password="faux")

    call_command("unlock_account", "3816238", verbosity=0)

    assert log_in(browser).status_code == 302


def test_refusals_are_alike_on_a_known_browser(parent, clock):  # AUT-08
    """What a browser has logged in to tells nothing of other accounts."""
    UserFactory(identifiant="2222222")
    browser = known_browser()

    answers = [log_in(browser, identifiant, "faux") for identifiant in ["2222222", "9999999"]]

    assert {answer.status_code for answer in answers} == {200}
    assert len({frozenset(answer.headers) for answer in answers}) == 1


def test_browsers_of_a_double_go_with_it(parent):
    double = UserFactory(identifiant="2222222")
    browser = known_browser("2222222")

    merging.merge(parent, double, {}, email_of=parent, now=timezone.now())

    assert RememberedDevice.objects.count() == 0
    assert log_in(browser, "2222222").status_code == 302  # by the number that leads to the account that stays


def test_find_looks_up_by_account_and_browser_in_one_query(rf, parent, django_assert_num_queries):
    request = rf.get("/")
    with django_assert_num_queries(0):
        assert devices.find(request, Kind.KNOWN, "3816238", now=timezone.now()) is None
    request.COOKIES["connu"] = known_browser().cookies["connu"].value

    with django_assert_num_queries(1):
        found = devices.find(request, Kind.KNOWN, "3816238", now=timezone.now())

    assert found == RememberedDevice.objects.get()


@pytest.mark.lent
def test_two_hundred_parents_at_one_address_after_a_stranger_tried_each(db, clock, journal):  # LIM-15
    """The evening when the school opens its registrations, and somebody has tried each account 51 times."""
    clock.move_to("2026-12-03 17:00:00+01:00", tick=False)
    numbers_ = [str(n) for n in range(1_000_000, 1_000_400) if left_of_the_day(n) > 2 * 3600][:200]
    clock.shift(-3 * DAY)
    browsers = {}
    for n, number in enumerate(numbers_):
        UserFactory(identifiant=number)
        browsers[number] = known_browser(number, REMOTE_ADDR=f"192.0.2.{n + 1}")
    clock.move_to("2026-12-03 17:00:00+01:00", tick=False)
    journal.lines.clear()
    spend_the_day(clock, *numbers_)
    tries = list(journal.events)

    statuses = [log_in(browser, number, REMOTE_ADDR="192.0.2.1").status_code for number, browser in browsers.items()]

    assert statuses == [302] * 200
    logins = [line for line in journal.events if (line["event"], line["result"]) == ("login", "ok")]
    assert len({line["user"] for line in logins}) == 200
    count = {}
    for line in tries:
        key = (line["event"], line["result"])
        count[key] = count.get(key, 0) + 1
    assert count[("login", "refused")] == 50 * 200
    assert count[("limit_reached", "refused")] == 200
    assert count[("day_limit_reached", "alert")] == 200
    assert count[("spraying", "alert")] == 2  # once an hour
