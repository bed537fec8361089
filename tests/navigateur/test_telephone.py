"""What a telephone does of its own: touch without hovering, a page on its home screen, numbers taken for telephones."""

from __future__ import annotations

import struct

import pytest
from playwright.sync_api import Page

from tests.navigateur.famille import MOIS, make_famille
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur


DOUBLED = (195, 422)  # what a telephone has left when its text is at 200 %


def colour(page: Page) -> str:
    return page.locator(".tuile").first.evaluate("tile => getComputedStyle(tile).backgroundColor")


def test_tile_unticked_by_a_finger_looks_like_the_others(site: Site):
    page = make_famille().open(site, MOIS)
    client = page.context.new_cdp_session(page)
    client.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    client.send("Emulation.setEmulatedMedia", {"features": [{"name": "hover", "value": "none"}]})
    plain = colour(page)

    page.locator(".tuile").first.hover()  # a finger leaves its tile « hovered »

    assert colour(page) == plain


def test_page_tells_a_telephone_its_icon_and_not_to_guess_numbers(site: Site):
    page = site.open("/connexion/")

    icon = page.locator('link[rel="apple-touch-icon"]').get_attribute("href")
    answer = page.request.get(icon)

    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    assert struct.unpack(">II", answer.body()[16:24]) == (180, 180)
    assert page.locator('meta[name="format-detection"]').get_attribute("content") == "telephone=no"


@pytest.mark.parametrize("path", [MOIS, "/semaine-type/", "/compte/", "/enfants/{enfant}/"])
def test_page_is_not_zoomed_into_its_fields(site: Site, path):
    """An iPhone does, under 16 px, and leaves the page so."""
    famille = make_famille()

    page = famille.open(site, path.format(enfant=famille.enfants["Léa"].pk))

    sizes = page.locator(".saisie").evaluate_all(
        "all => all.map(field => parseFloat(getComputedStyle(field).fontSize))"
    )
    assert sizes
    assert [size for size in sizes if size < 16] == []


@pytest.mark.parametrize("path", [MOIS, "/jour/2026-12-08/", "/historique/", "/", "/compte/", "/semaine-type/"])
def test_text_twice_as_big_stays_in_the_page(site: Site, path):
    famille = make_famille()
    famille.enregistrer("Léa, 8, soir")

    page = site.open(path, user=famille.camille.user, size=DOUBLED)

    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
