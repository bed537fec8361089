"""Attempts to log in, as the tests make them."""

from __future__ import annotations

from django.test import Client

from tests.accounts.conftest import (
    PASSWORD,
    left_of_the_day,
    log_in,
)

EVENING = "2026-12-03 20:40:00+01:00"


def spend_the_day(clock, *identifiants):
    """51 wrong tries of a stranger on each of these, from many addresses: ten in each quarter of an hour, as many as
    are looked at. The last is refused."""
    if any(left_of_the_day(identifiant) < 2 * 3600 for identifiant in identifiants):
        assert len(identifiants) < 3, "no moment suits them all"
        clock.shift(2 * 3600)
    statuses = {identifiant: [] for identifiant in identifiants}
    for turn in range(51):
        if turn and turn % 10 == 0:
            clock.shift(16 * 60)
        for n, identifiant in enumerate(identifiants):
            stranger = Client(REMOTE_ADDR=f"198.51.{100 + n % 50}.{turn + 1}")
            statuses[identifiant].append(log_in(stranger, identifiant, "Azerty123").status_code)
    assert all(tries == [200] * 50 + [429] for tries in statuses.values())


def known_browser(identifiant="3816238", password=PASSWORD, **options):
    """A browser that has logged in once, and out."""
    browser = Client(**options)
    assert log_in(browser, identifiant, password).status_code == 302
    browser.post("/deconnexion/")
    return browser
