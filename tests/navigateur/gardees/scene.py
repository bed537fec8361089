"""A phone whose ticks are lost and found: its boxes, its network, what it keeps."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from tests.factories import PASSWORD
from tests.navigateur.famille import MOIS, Famille
from tests.navigateur.gestes import go, send
from tests.navigateur.reseau import Reseau
from tests.navigateur.site import Site
from tests.navigateur.telephones import stored, wait_until

LEA, TOM = "Léa, soir, mardi 8", "Tom, midi, jeudi 10"
KEPT = stored("cases:")
CACHED = """async () => {
  const caches_ = await Promise.all((await caches.keys()).map(nom => caches.open(nom)));
  const requetes = (await Promise.all(caches_.map(cache => cache.keys()))).flat();
  return requetes.map(requete => new URL(requete.url).pathname).sort();
}"""
SERVES = "async () => !!(await navigator.serviceWorker.getRegistration('/'))?.active"
REFUSES = "IDBFactory.prototype.open = () => { throw new DOMException('private', 'SecurityError'); };"


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=name, exact=True)


def tick(page: Page, *names: str) -> None:
    for name in names:
        box(page, name).check()


def told(page: Page) -> Locator:
    """What the page tells of the boxes that the device kept and that it does not show, or that are possible no more."""
    return page.locator("section[data-gardees]")


def back_in_grid(page: Page) -> Locator:
    """The notice of the boxes that came back in the grid of the page."""
    return page.locator("[data-reprises]")


def to_grid(page: Page) -> None:
    """By the link of what is told, unless the page is the grid."""
    if not page.url.endswith(MOIS):
        go(told(page).get_by_role("link", name="Retrouver en décembre"))


def expect_back(page: Page, *names: str) -> None:
    """These boxes are back as they were left, each says that it is not saved, and one button saves them."""
    expect(back_in_grid(page)).to_contain_text(f"{len(names)}\u00a0case{'s' if len(names) > 1 else ''} reprise")
    expect(page.locator(".modif .tuile")).to_have_count(len(names))
    for name in names:
        expect(box(page, name)).to_be_checked()
        expect(box(page, name)).to_have_accessible_description("à enregistrer")
    expect(page.get_by_role("button", name="Enregistrer", exact=True)).to_have_count(1)


def log_in(page: Page, user: User, path: str = "/") -> None:
    page.goto(path)
    send(page, "Connexion", identifiant=user.identifiant, password=PASSWORD)


def wait_for_service(page: Page) -> None:
    """Until the portal can show a page of its own without network."""
    wait_until(page, SERVES, True)


def cut(page: Page, reseau: Reseau) -> None:
    """The network is gone as the button is pressed, and comes back."""
    reseau.cut()
    go(page.locator("#enregistrer"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")
    reseau.mend()


@dataclass
class Scene:
    """The phone of Camille, who came from home to the month and ticked a box for each of her children."""

    site: Site
    famille: Famille
    reseau: Reseau
    page: Page

    def come_back(self) -> Page:
        log_in(self.page, self.famille.camille.user)
        wait_for_service(self.page)
        return self.page


def without_service(page: Page) -> None:
    """The same month, whose form goes straight to the server: what a service sends cannot be caught on the way."""
    page.evaluate("navigator.serviceWorker.getRegistration('/').then(service => service.unregister())")
    page.reload()
    page.get_by_role("button", name="Oublier ces 2\u00a0cases").click()
    tick(page, LEA, TOM)
