"""Ten ways to lose a tick: none doubled, none falsely told, none lost where the browser stores (REL-06, RGP-12)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from enfance.models import Evenement
from tests.navigateur.famille import MOIS, Famille, make_famille
from tests.navigateur.gestes import go
from tests.navigateur.reseau import Reseau
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

LEA, TOM = "Léa, soir, mardi 8", "Tom, midi, jeudi 10"
GARDEES = "Object.keys(localStorage).filter(cle => cle.startsWith('cases:')).length"


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=name, exact=True)


def save_button(page: Page) -> Locator:
    return page.locator("#enregistrer")


def told(page: Page) -> Locator:
    """What the page tells of the boxes that the device kept."""
    return page.locator("[data-restent] section")


@pytest.fixture
def famille(site: Site) -> Famille:
    return make_famille()


@pytest.fixture
def reseau(site: Site) -> Iterator[Reseau]:
    reseau = Reseau(site.url)
    yield reseau
    reseau.close()


@pytest.fixture
def page(site: Site, famille: Famille, reseau: Reseau) -> Page:
    """The phone of Camille, who came from home to the month and ticked a box for each of her children."""
    page = site.open("/", user=famille.camille.user, base=reseau.url)
    page.goto(MOIS)
    box(page, LEA).check()
    box(page, TOM).check()
    return page


def network(page: Page, reseau: Reseau) -> Page:
    """The network goes as « Enregistrer » is pressed; it is back, and so is Camille."""
    reseau.cut()
    save_button(page).click()
    page.wait_for_url("chrome-error://**")
    reseau.mend()
    page.go_back()
    return page


@pytest.mark.parametrize("lose", [network])
def test_tick_is_not_lost(page: Page, reseau: Reseau, lose: Callable[[Page, Reseau], Page]):
    page = lose(page, reseau)

    expect(told(page)).to_contain_text("2\u00a0cases n’ont pas été enregistrées")
    expect(page.get_by_text("Vous n’avez rien à faire")).not_to_be_visible()
    assert not Evenement.objects.exists()
    go(told(page).get_by_role("button", name="Enregistrer", exact=True))

    expect(page.locator("#resultat")).to_contain_text("C’est enregistré")
    expect(page.locator("[data-etat]")).to_contain_text("Tout est enregistré")
    expect(box(page, LEA)).to_be_checked()
    expect(box(page, TOM)).to_be_checked()
    assert page.evaluate(GARDEES) == 0
    assert Evenement.objects.count() == 2
