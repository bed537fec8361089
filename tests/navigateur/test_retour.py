"""A page that the browser gives back, by « Retour » or on waking up, says what is saved and nothing else (SES-05)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.navigateur.famille import MOIS, make_famille
from tests.navigateur.gestes import go, press
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

both = pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])


def back(page: Page) -> None:
    with page.expect_navigation():
        page.go_back()


@both
@pytest.mark.parametrize("path", [MOIS, "/jour/2026-12-08/"])
def test_ticks_left_unsaved_are_not_shown_as_saved(site: Site, path, javascript):
    page = make_famille().open(site, path, javascript)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(".tuile").first.check()

    go(page.get_by_role("link", name="Accueil", exact=True))
    back(page)

    expect(page.locator(".tuile:checked")).to_have_count(0)


@both
def test_ticks_undone_do_not_come_back(site: Site, javascript):
    page = make_famille().open(site, MOIS, javascript)
    page.locator(".tuile").first.check()
    press(page, "Enregistrer")
    press(page, "Annuler ces changements")

    back(page)

    expect(page.locator(".tuile:checked")).to_have_count(0)


def test_chosen_week_is_still_there_after_its_preview(site: Site):
    page = make_famille().open(site, "/semaine-type/")
    page.locator(".tuile").first.check()
    press(page, "Voir l’aperçu")

    back(page)

    expect(page.locator(".tuile").first).to_be_checked()
    expect(page.locator("[data-etat]")).to_contain_text("1 changement à enregistrer")


def test_page_kept_in_memory_is_asked_for_again(site: Site):
    famille = make_famille()
    page = famille.open(site, MOIS)
    famille.enregistrer("Léa, 8, soir")

    with page.expect_navigation():  # Safari keeps pages in memory, whatever they say, unless they came by HTTPS
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")

    expect(page.get_by_role("checkbox", name="Léa, soir, mardi 8", exact=True)).to_be_checked()
