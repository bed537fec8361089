"""A page that the browser gives back, by « Retour » or on waking up, says what is saved and nothing else (SES-05)."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from enfance.models import Fermeture
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

    expect(page.locator(".tuile:checked:not(.modif *)")).to_have_count(0)
    if javascript:  # the device kept it
        expect(page.locator("[data-reprises]")).to_contain_text("1\u00a0case reprise")
        expect(page.locator("[data-etat]")).to_contain_text("1\u00a0changement à enregistrer")


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


# --- What answers a form has an address: « Retour » and a reload never ask to send it again -------------------------


def back_and_reload(page: Page) -> None:
    """Chromium shows an error page in the place of an answer that only sending again would give."""
    back(page)
    page.reload()
    expect(page.locator("h1")).to_be_visible()


def test_preview_of_ticks_is_come_back_to(site: Site):
    page = make_famille().open(site, MOIS, javascript=False)
    page.get_by_role("checkbox", name="Léa, soir, mardi 8", exact=True).check()
    go(page.get_by_role("button", name="Tom comme Léa").first)
    page.reload()
    expect(page.locator("[data-etat]")).to_contain_text("2 changements à enregistrer")
    press(page, "Enregistrer")

    back_and_reload(page)

    expect(page.locator("[data-etat]")).to_contain_text("Pensez à enregistrer")
    expect(page.get_by_role("checkbox", name="Tom, soir, mardi 8", exact=True)).to_be_checked()


@both
def test_refused_save_is_come_back_to(site: Site, javascript):
    famille = make_famille()
    page = famille.open(site, MOIS, javascript)
    page.get_by_role("checkbox", name="Tom, soir, mardi 8", exact=True).check()
    Fermeture.objects.create(debut=date(2026, 12, 8), fin=date(2026, 12, 8), motif="grève")
    press(page, "Enregistrer")
    go(page.get_by_role("link", name="Accueil", exact=True))

    back_and_reload(page)

    expect(page.locator("#resume-erreurs")).to_contain_text("garderie fermée (grève)")


@both
def test_preview_of_a_week_is_come_back_to(site: Site, javascript):
    page = make_famille().open(site, "/semaine-type/", javascript)
    page.locator(".tuile").first.check()
    press(page, "Voir l’aperçu")
    press(page, "Enregistrer l’année")

    back_and_reload(page)

    expect(page.locator("h1")).to_have_text("Voici ce qui va changer")
    expect(page.locator(".barre__txt b")).to_have_text("Rien ne change")
