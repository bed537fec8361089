"""The end of a session is told five minutes before, and whoever needs longer has longer (RGAA 13.1)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.factories import STAFF_PASSWORD, ResponsableFactory
from tests.navigateur.etats_equipe import agent
from tests.navigateur.gestes import press
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

HOUR = 3600
WARNING = "Votre session se ferme dans 5 minutes"


def opened(site: Site, path: str, user: User) -> Page:
    page = site.open(user=user)
    page.clock.install()
    page.goto(path, wait_until="networkidle")  # a request that were still under way would use the session later
    return page


def wait(site: Site, page: Page, seconds: int) -> None:
    """The same time goes by for the server and for the page."""
    site.clock.shift(seconds)
    page.clock.fast_forward(seconds * 1000)


def test_warning_of_a_rest_too_long_is_put_off_by_a_button(site: Site):  # SES-02
    page = opened(site, "/compte/", ResponsableFactory().user)
    warning = page.get_by_role("alert").filter(has_text=WARNING)
    wait(site, page, 2 * HOUR - 301)
    expect(warning).to_be_hidden()

    wait(site, page, 1)
    expect(warning).to_be_visible()
    expect(warning).to_contain_text("Vous n’avez rien fait depuis longtemps", use_inner_text=True)
    page.get_by_role("button", name="Rester connecté").click()
    expect(warning).to_be_hidden()

    wait(site, page, 2 * HOUR - 300)
    expect(warning).to_be_visible()


def test_warning_of_a_long_life_is_put_off_by_the_password(site: Site):  # SES-02
    page = opened(site, "/equipe/", agent("Équipe"))
    warning = page.get_by_role("alert").filter(has_text=WARNING)
    wait(site, page, 12 * HOUR - 300)
    expect(warning).to_be_visible()
    expect(warning).to_contain_text("Elle dure douze heures.", use_inner_text=True)
    expect(warning).not_to_contain_text("Vous n’avez rien fait", use_inner_text=True)
    page.get_by_role("button", name="Rester connecté").click()
    expect(warning).to_be_visible()

    with page.expect_popup() as popup:
        page.get_by_role("link", name=re.compile("Redonnez votre mot de passe")).click()
    popup.value.get_by_label("Mot de passe actuel").fill(STAFF_PASSWORD)
    press(popup.value, "Continuer")
    popup.value.close()
    page.get_by_role("button", name="Rester connecté").click()

    expect(warning).to_be_hidden()
    wait(site, page, 11 * HOUR)
    expect(warning).to_be_hidden()
    wait(site, page, HOUR - 300)
    expect(warning).to_be_visible()


@pytest.mark.parametrize("milliseconds", [0, 3, 250, 999])
def test_warning_of_a_long_life_is_the_same_at_any_instant(site: Site, milliseconds: int):  # SES-02
    # At 3 ms, an agent's life of twelve hours once came out longer than the rest of twelve hours, by a rounding.
    page = site.open(user=agent("Équipe"))
    page.clock.set_fixed_time(datetime(2026, 12, 3, 19, 41, 0, milliseconds * 1000, UTC))
    page.goto("/equipe/")
    expect(page.locator(".avis-session p").nth(0)).to_have_attribute("hidden", "")
    expect(page.locator(".avis-session p").nth(1)).not_to_have_attribute("hidden", "")


def test_button_says_when_the_session_is_already_closed(site: Site):
    page = opened(site, "/compte/", ResponsableFactory().user)
    page.clock.fast_forward((2 * HOUR - 300) * 1000)
    site.clock.shift(2 * HOUR)

    page.get_by_role("button", name="Rester connecté").click()

    expect(page.get_by_role("alert").filter(has_text=WARNING)).to_contain_text("Votre session est fermée.")
