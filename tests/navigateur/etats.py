"""Every page in every state that its readers may see: what the browser, axe and the HTML checker go through.

One line a state. `reach` brings a window on it; `status` is that of the page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.navigateur.site import Site


@dataclass(frozen=True)
class Etat:
    name: str
    reach: Callable[[Site, bool], Page]
    status: int = 200

    def open(self, site: Site, *, javascript: bool = True) -> Page:
        return self.reach(site, javascript)


def at(path: str) -> Callable[[Site, bool], Page]:
    """The page as anybody sees it."""
    return lambda site, javascript: site.open(path, javascript=javascript)


ETATS = [
    Etat("accessibilite", at("/accessibilite/")),
    Etat("donnees-personnelles", at("/donnees-personnelles/")),
    Etat("mentions-legales", at("/mentions-legales/")),
    Etat("404", at("/absente/"), status=404),
]
