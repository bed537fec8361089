"""The town hall's header: one line on a telephone, whose menu opens without a script; on a wide screen, all of it."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import AnneeFactory, StaffFactory
from tests.navigateur.site import DESKTOP, PHONE, Site

pytestmark = pytest.mark.navigateur

PAGES = ["/admin/", "/admin/enfance/foyer/"]  # one of our own, one of Django's
HEIGHT = "() => document.getElementById('header').getBoundingClientRect().height"
SMALL = """() => [...document.querySelectorAll('#menu a, #menu button')].filter(
  link => link.getBoundingClientRect().height < 44).map(link => link.textContent)"""
COVERED = """() => {
  const {x, y, width, height} = document.activeElement.getBoundingClientRect();
  return !document.activeElement.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""


def menu(page: Page):
    return page.get_by_role("navigation", name="Menu principal")


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("address", PAGES)
def test_the_header_is_one_line_on_a_telephone_and_its_menu_opens_without_a_script(site: Site, address, javascript):
    AnneeFactory()
    page = site.open(address, user=StaffFactory(), size=PHONE, javascript=javascript)

    assert page.evaluate(HEIGHT) <= 61
    expect(menu(page)).to_be_hidden()

    page.get_by_role("link", name="Menu", exact=True).click()
    expect(menu(page).get_by_role("link", name="Factures")).to_be_visible()
    expect(page.get_by_role("link", name="Mon compte").first).to_be_visible()
    assert page.evaluate(SMALL) == []

    page.get_by_role("link", name="Fermer le menu").click()
    expect(menu(page)).to_be_hidden()
    assert page.evaluate(HEIGHT) <= 61


@pytest.mark.parametrize("address", PAGES)
def test_the_menu_is_opened_walked_and_closed_by_the_keyboard(site: Site, address):
    AnneeFactory()
    page = site.open(address, user=StaffFactory(), size=PHONE, javascript=False)

    page.get_by_role("link", name="Menu", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Fermer le menu")).to_be_focused()
    page.keyboard.press("Tab")
    expect(menu(page).get_by_role("link").first).to_be_focused()
    assert not page.evaluate(COVERED)

    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(menu(page)).to_be_hidden()
    expect(page.get_by_role("link", name="Menu", exact=True)).to_be_focused()


@pytest.mark.parametrize("address", PAGES)
def test_a_wide_screen_shows_the_whole_menu(site: Site, address):
    AnneeFactory()
    page = site.open(address, user=StaffFactory(), size=DESKTOP)

    expect(menu(page)).to_be_visible()
    expect(page.get_by_role("link", name="Menu", exact=True)).to_be_hidden()
    expect(page.get_by_role("link", name="Fermer le menu")).to_be_hidden()
