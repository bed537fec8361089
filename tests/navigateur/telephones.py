"""The phones at the gate, each behind a network that can be cut, and what their screens and their memory hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from enfance.models import Pointage
from tests.navigateur.reseau import Reseau
from tests.navigateur.site import Site

HEURE = datetime(2026, 12, 10, 16, 40, tzinfo=timezone.get_default_timezone())  # of the gate, a school day
JOUR = "/equipe/2026-12-10/"
SOIR = f"{JOUR}?creneau=soir"
KEPT = """async () => {
  const keys = await (await caches.open('feuilles')).keys();
  return keys.filter(request => request.url.includes('creneau=')).length;
}"""
CARDS_KEPT = "async () => !!(await (await caches.open('feuilles')).match('/equipe/fiches.json'))"
STORED = """(prefix => new Promise(resolve => {
  const asked = indexedDB.open('garde', 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore('gardes');
  asked.onsuccess = () => {
    const keys = asked.result.transaction('gardes').objectStore('gardes').getAllKeys();
    keys.onsuccess = () => {
      asked.result.close();
      resolve(keys.result.filter(key => key.startsWith(prefix)));
    };
  };
}))"""
LEFT = f"""async () => [await caches.keys(), Object.keys(localStorage), await {STORED}(''),
  (await navigator.serviceWorker.getRegistrations()).length]"""


def stored(prefix: str = "") -> str:
    """A script: how many things of this kind the device keeps, written to its disk."""
    return f"async () => (await {STORED}('{prefix}')).length"


def wait_until(page: Page, script: str, answer: object) -> None:
    """The device keeps, or forgets, beside what the page shows."""
    for _ in range(100):
        if page.evaluate(script) == answer:
            return
        page.wait_for_timeout(100)
    assert page.evaluate(script) == answer


@dataclass
class Gate:
    """The phones at the gate, each behind a network of its own."""

    site: Site
    reseaux: list[Reseau] = field(default_factory=list)

    def phone(self, user: User, *, clock: datetime = HEURE) -> tuple[Page, Reseau]:
        """A phone on the evening's sheet, which keeps the day and its cards: no answer is under way any more that
        could bring back a cookie taken away. Its clock is right unless told otherwise."""
        reseau = Reseau(self.site.url)
        self.reseaux.append(reseau)
        page = self.site.open(user=user, base=reseau.url)
        page.clock.install(time=clock)
        page.goto(SOIR)
        wait_until(page, KEPT, 3)
        wait_until(page, CARDS_KEPT, True)
        return page, reseau


def bar(page: Page) -> Locator:
    return page.locator("[data-reseau]")


def waits(page: Page) -> Locator:
    """The line that says, on every page of the team, what waits for the network."""
    return page.locator("[data-attente]")


def box(page: Page, prenom: str, quoi: str = "présent") -> Locator:
    return page.get_by_role("checkbox", name=re.compile(f"^{prenom} Morel, {quoi}"))


def sent(page: Page) -> None:
    """Every tap has been answered for."""
    expect(page.locator(".modif")).to_have_count(0)


def hear(page: Page) -> None:
    """What happens every few seconds."""
    page.evaluate("dispatchEvent(new Event('online'))")


def present() -> list[str]:
    return list(
        Pointage.objects.filter(present=True).order_by("enfant__prenom").values_list("enfant__prenom", flat=True)
    )
