"""What somebody does on a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from tests.factories import PASSWORD, AnneeFactory, ResponsableFactory
from tests.navigateur.site import PHONE, Site

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


def terminate(page: Page, javascript: bool) -> None:
    """« Appel terminé » on a sheet with children still there: the page asks, or the one that follows without script."""
    button = page.get_by_role("button", name="Appel terminé", exact=True)
    if javascript:
        button.click()
    else:
        go(button)


def send(page: Page, button: str, **fields: str) -> None:
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    press(page, button)


def log_in(site: Site, user: User, javascript: bool) -> Page:
    """The home page of this parent, as the login form opens it on a phone."""
    page = site.open("/connexion/", javascript=javascript, size=PHONE)
    page.get_by_label("Identifiant", exact=True).fill(user.identifiant)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    press(page, "Connexion")
    return page


def is_focused(target: Locator) -> bool:
    return target.evaluate("element => element === document.activeElement")


@dataclass
class Thumb:
    """What a parent does with one thumb: it taps what it sees, and counts. A paste is two taps, a long press and
    « Coller »; `signs` are those that are typed."""

    page: Page
    taps: int = 0
    signs: int = 0

    def tap(self, target: Locator) -> None:
        target.scroll_into_view_if_needed()
        target.click()
        self.taps += 1

    def link(self, name: str | re.Pattern) -> None:
        with self.page.expect_navigation():
            self.tap(self.page.get_by_role("link", name=name).first)

    def button(self, name: str, *, leads: bool = True) -> None:
        with self.page.expect_navigation() if leads else nullcontext():
            self.tap(self.page.get_by_role("button", name=name, exact=True))

    def box(self, name: str) -> None:
        self.tap(self.page.get_by_role("checkbox", name=name, exact=True))

    def enter(self, target: Locator) -> None:
        """Into a field; no tap where the page has put the thumb there already."""
        if not is_focused(target):
            self.tap(target)

    def write(self, label: str, text: str) -> None:
        self.enter(self.page.get_by_label(label, exact=True))
        self.page.keyboard.type(text)
        self.signs += len(text)

    def paste(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)
        self.taps += 2


@dataclass
class Keys(Thumb):
    """The same with a keyboard alone: `taps` counts what is pressed, `moves` the keys that lead to it."""

    moves: int = 0

    def tap(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")
        self.taps += 1

    def enter(self, target: Locator) -> None:
        self.reach(target)

    def reach(self, target: Locator) -> None:
        """Tab to it; from a heading of its table, with JavaScript, the arrow keys."""
        expect(target).to_be_visible()
        for _ in range(80):
            if is_focused(target):
                return
            beside = "element => !!document.activeElement.closest('th') && element.tabIndex === -1 && " + (
                "element.closest('table') === document.activeElement.closest('table')"
            )
            self.page.keyboard.press("ArrowDown" if target.evaluate(beside) else "Tab")
            self.moves += 1
        raise AssertionError(f"no key leads to {target}")


class Doigt:
    """Taps, and counts them."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, target: Locator, *, leads: bool = False) -> None:
        self.taps += 1
        if leads:
            go(target)
        else:
            target.click()
