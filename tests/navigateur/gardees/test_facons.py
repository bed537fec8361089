"""Nine ways to lose a tick: none doubled, none falsely told, none lost where the browser stores (REL-06, RGP-12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts.sessions import end_all
from enfance.models import Evenement
from tests.faults import FAULTS
from tests.navigateur.famille import MOIS, Famille
from tests.navigateur.gardees.scene import (
    KEPT,
    LEA,
    REFUSES,
    TOM,
    Scene,
    back_in_grid,
    box,
    cut,
    expect_back,
    tick,
    to_grid,
    told,
    wait_for_service,
)
from tests.navigateur.gestes import go, press
from tests.navigateur.reseau import Reseau
from tests.navigateur.site import Site
from tests.navigateur.telephones import wait_until

pytestmark = pytest.mark.navigateur


# --- The ways to lose a tick; each leads back to a page of the portal -------------------------------------------------


def network(scene: Scene) -> Page:
    """It goes as « Enregistrer » is pressed; then « Retour »."""
    cut(scene.page, scene.reseau)
    expect(scene.page.get_by_text("2\u00a0cases pas encore enregistrées sont gardées sur cet appareil")).to_be_visible()
    scene.page.go_back()
    return scene.page


def session(scene: Scene) -> Page:
    """The cookies are gone: the form is refused."""
    scene.page.context.clear_cookies()
    go(scene.page.locator("#enregistrer"))
    expect(scene.page.get_by_role("heading", level=1)).to_have_text("Ce formulaire n’est plus valable")
    return scene.come_back()


def device(scene: Scene) -> Page:
    """Camille changes her password on another device: this one is logged out as she saves."""
    end_all(scene.famille.camille.user)
    go(scene.page.locator("#enregistrer"))
    expect(scene.page.get_by_role("heading", level=1)).to_have_text("Accès famille")
    return scene.come_back()


def tab(scene: Scene) -> Page:
    """It is closed; another one is opened later."""
    context = scene.page.context
    wait_until(scene.page, KEPT, 2)
    scene.page.close()
    page = context.new_page()
    page.goto("/")
    return page


def sleep(scene: Scene) -> Page:
    """The phone sleeps for a day; the browser, which had put the page away, asks for it again."""
    scene.site.clock.shift(timedelta(days=1))
    scene.page.reload()
    return scene.come_back()


def back(scene: Scene) -> Page:
    scene.page.go_back()
    return scene.page


def dialog(scene: Scene) -> Page:
    """« Quitter le site ? » is answered yes, on the way to another page."""
    go(scene.page.get_by_role("link", name="Compte", exact=True))
    return scene.page


def server(scene: Scene) -> Page:
    """503: its page, which could send the form again, is left for another one."""
    scene.site.fails = True
    with FAULTS["locked"]():
        go(scene.page.locator("#enregistrer"))
        assert scene.site.status(scene.page) == 503
    scene.page.goto("/")
    return scene.page


def test_what_came_back_is_told_below_the_title(scene: Scene):
    page = tab(scene)
    to_grid(page)
    expect_back(page, LEA, TOM)

    title, notice = (it.bounding_box() for it in (page.locator("h1"), back_in_grid(page)))

    assert title
    assert notice
    assert notice["y"] >= title["y"] + title["height"]


@pytest.mark.parametrize("lose", [network, session, device, tab, sleep, back, dialog, server])
def test_tick_is_not_lost(scene: Scene, lose: Callable[[Scene], Page]):
    page = lose(scene)

    if not page.url.endswith(MOIS):
        expect(told(page)).to_contain_text("2\u00a0cases n’ont pas été enregistrées")
        expect(page.get_by_text("Vous n’avez rien à faire")).not_to_be_visible()
    to_grid(page)
    expect_back(page, LEA, TOM)
    expect(told(page)).to_have_count(0)
    assert not Evenement.objects.exists()
    press(page, "Enregistrer")

    expect(page.locator("#resultat")).to_contain_text("C’est enregistré")
    expect(page.locator("[data-etat]")).to_contain_text("Tout est enregistré")
    expect(box(page, LEA)).to_be_checked()
    expect(box(page, TOM)).to_be_checked()
    expect(told(page)).to_have_count(0)
    wait_until(page, KEPT, 0)
    assert Evenement.objects.count() == 2


def test_browser_that_stores_nothing_is_said_to_before(site: Site, famille: Famille, reseau: Reseau):
    page = site.open(user=famille.camille.user, base=reseau.url)
    page.add_init_script(REFUSES)
    page.goto("/")
    expect(page.get_by_text("Ce navigateur ne garde rien")).to_have_count(0)
    wait_for_service(page)
    page.goto(MOIS)
    expect(page.get_by_role("status").get_by_text("Ce navigateur ne garde rien")).to_be_visible()
    tick(page, LEA)
    cut(page, reseau)

    page.goto(MOIS)

    expect(box(page, LEA)).not_to_be_checked()
    expect(told(page)).to_have_count(0)
    assert not Evenement.objects.exists()
