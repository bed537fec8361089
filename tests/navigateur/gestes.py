"""What somebody does on a page."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page

from tests.factories import AnneeFactory, ResponsableFactory
from tests.navigateur.site import Site

Reach = Callable[[Site, bool], Page]


def at(path: str) -> Reach:
    """The page as anybody sees it."""
    return lambda site, javascript: site.open(path, javascript=javascript)


def parent_at(path: str) -> Reach:
    """The page as a parent without children sees it."""

    def reach(site: Site, javascript: bool) -> Page:
        AnneeFactory()
        return site.open(path, user=ResponsableFactory().user, javascript=javascript)

    return reach


def go(target: Locator) -> None:
    """Click what leads to a page, and wait for that page: a click alone may return before the answer to a form."""
    with target.page.expect_navigation():
        target.click()


def press(page: Page, button: str) -> None:
    go(page.get_by_role("button", name=button, exact=True))


def send(page: Page, button: str, **fields: str) -> None:
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    press(page, button)
