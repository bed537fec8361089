"""An invoice by keyboard, without scripts, and on paper in an envelope with a window; the menu on a telephone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from enfance.models import Creneau
from tests.navigateur.etats_argent import become, billed, priced
from tests.navigateur.famille import MOIS
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

MM = 96 / 25.4  # CSS pixels


@pytest.mark.parametrize("javascript", [True, False])
def test_day_opens_by_keyboard_onto_its_why(site: Site, javascript):
    famille, facture = billed()
    page = famille.open(site, f"/factures/{facture.numero}/", javascript)
    why = page.get_by_text("Signalée par Dominique")
    expect(why.first).to_be_hidden()

    page.locator("summary", has_text="absence facturée").focus()
    page.keyboard.press("Enter")

    expect(why.first).to_be_visible()


def test_error_is_told_of_the_day_that_was_open(site: Site):
    famille, facture = billed()
    page = famille.open(site, f"/factures/{facture.numero}/", False)
    page.locator("summary", has_text="absence facturée").click()
    with page.expect_navigation():
        page.get_by_role("link", name=re.compile("Signaler une erreur.*mardi 24 novembre, Léa")).first.click()
    assert "mardi 24\u00a0novembre" in page.get_by_label("Quel moment").locator("option:checked").inner_text()

    page.get_by_label("Ce qui ne va pas").fill("Léa était là.")
    with page.expect_navigation():
        page.get_by_role("button", name="Envoyer à la mairie").click()

    expect(page.get_by_text("«\u00a0Léa était là.\u00a0»")).to_be_visible()


def test_paper_is_one_page_and_its_address_stands_in_the_window(site: Site):
    famille, facture = billed()
    page = famille.open(site, f"/factures/{facture.numero}/papier/")

    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1

    page.set_viewport_size({"width": round(186 * MM), "height": 900})  # the sheet, less its margins of 12 mm
    page.emulate_media(media="print")
    seen = page.evaluate(
        """() => {
          const range = document.createRange();
          range.selectNodeContents(document.querySelector('.papier__a'));
          const { top, bottom, left, right } = range.getBoundingClientRect();
          return { top, bottom, left, right };
        }"""
    )
    top, bottom, left, right = (seen[side] / MM for side in ("top", "bottom", "left", "right"))
    assert 55 <= top + 11 <= bottom + 11 <= 79  # the sheet has a margin of 11 mm above
    assert 100 <= left + 12 <= right + 12 <= 190


@pytest.mark.parametrize("width", [345, 390])
def test_menu_of_five_stands_on_one_line(site: Site, width):
    famille, _ = billed()
    page = famille.open(site, "/factures/")
    page.set_viewport_size({"width": width, "height": 800})

    tops = page.locator(".menu a").evaluate_all("links => links.map(link => link.getBoundingClientRect().top)")

    assert len(tops) == 5
    assert len(set(tops)) == 1
    assert page.evaluate("document.documentElement.scrollWidth") == width
    expect(page.get_by_role("link", name="Semaine type", exact=True)).to_be_visible()


def test_each_box_of_the_planning_says_the_price_of_its_row(site: Site):
    page = priced(site, True)

    box = page.get_by_role("checkbox", name="Léa, soir, mardi 8", exact=True)
    expect(box).to_have_accessible_description(re.compile(r"^0,65\s€ la demi-heure commencée$"))
    expect(page.get_by_text(re.compile("^Prix de décembre, pour votre quotient de 742"))).to_be_visible()
    expect(page.locator(".prix-l").filter(visible=True).first).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_save_leads_to_what_the_month_has_become(site: Site, javascript):
    page = become(site, javascript)

    expect(page.get_by_role("main")).to_contain_text(re.compile(r"Avant ce changement.*Maintenant.*\s€", re.DOTALL))
    if not javascript:
        expect(page.get_by_role("link", name="Retour au planning")).to_be_visible()


def test_price_is_said_still_once_the_places_have_been_asked_for_again(site: Site):
    famille, _ = billed()
    Creneau.objects.filter(code="soir").update(places=3)
    page = famille.open(site, "/compte/")
    page.clock.install()
    page.goto(MOIS)
    page.locator(".prix-l").first.wait_for()

    with page.expect_response("**/planning/places.json?mois=*") as asked:
        page.clock.run_for(61_000)
    asked.value.finished()
    page.evaluate("() => null")  # what was answered is shown

    box = page.get_by_role("checkbox", name="Léa, soir, mardi 8", exact=True)
    expect(box).to_have_accessible_description(re.compile(r"^3 places 0,65\s€ la demi-heure commencée$"))
