"""The guide of each agent's work."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.factories import StaffFactory
from tests.navigateur.gestes import Reach
from tests.navigateur.site import Site


def guide(nom: str) -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        return site.open(f"/aide/{nom}/", user=StaffFactory(), javascript=javascript)

    return reach


ETATS = [(f"aide-{nom}", guide(nom)) for nom in ("mairie", "equipe", "cantine")]
