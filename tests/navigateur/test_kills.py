"""A browser killed (−9) forty times: what it said to be kept is there, and its page opens without network (REL-10)."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect

from enfance.models import Geste, Inscription, Pointage
from tests.factories import StaffFactory, make_enfant
from tests.navigateur.conftest import FLAGS
from tests.navigateur.famille import MOIS, make_famille
from tests.navigateur.gardees.scene import wait_for_service
from tests.navigateur.reseau import Reseau
from tests.navigateur.site import PHONE, Site, session_of
from tests.navigateur.telephones import SOIR, STORED, bar
from tests.tools import chromium

pytestmark = [pytest.mark.navigateur, pytest.mark.une_fois]
KILLS = 40
SOON = 150  # milliseconds from a tap to « gardé », but for a machine that does something else
LONGEST = 0.4  # seconds from there to the kill
EACH_ROUND = pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.lent) for seed in range(1, 20))]
)

# One tap more, by the finger; the milliseconds until the page says that it is kept.
TAP = """async ([rank, said]) => {
  const start = performance.now();
  document.querySelectorAll('.pointage')[rank].click();
  const told = () => document.querySelector('[data-reseau]').textContent.includes(said);
  while (!told() && performance.now() - start < 5000) await new Promise(requestAnimationFrame);
  return told() ? performance.now() - start : document.querySelector('[data-reseau]').textContent;
}"""
# One tick more; the milliseconds until it is on the disk: another transaction reads it.
TICK = f"""async kept => {{
  const start = performance.now();
  document.querySelectorAll('.tuile:enabled')[kept - 1].click(); // those before it are kept, and back or not
  while ((await {STORED}('cases:')).length < kept && performance.now() - start < 5000);
  return performance.now() - start;
}}"""


@dataclass
class Killed:
    """A phone of its own, which keeps what it stores in a folder; no page hears of its end."""

    site: Site
    reseau: Reseau
    folder: Path
    contexts: list[BrowserContext] = field(default_factory=list)

    def start(self) -> Page:
        width, height = PHONE
        context = self.site.profils.browser.browser_type.launch_persistent_context(
            self.folder,
            executable_path=chromium(),
            args=FLAGS,
            base_url=self.reseau.url,
            viewport={"width": width, "height": height},
        )
        self.contexts.append(context)
        return context.pages[0]

    def log_in(self, page: Page, session: str) -> None:
        """With the cookie of a session, which a killed browser has lost."""
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.reseau.url}])

    def kill(self) -> None:
        process = process_of(self.folder)
        os.killpg(process, signal.SIGKILL)
        while is_alive(process):
            time.sleep(0.005)


def process_of(folder: Path) -> int:
    """The browser that works in this folder, its helpers apart: Playwright makes it the head of its group."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        words = path.read_bytes().split(b"\0") if path.exists() else []
        if f"--user-data-dir={folder}".encode() in words and not any(word.startswith(b"--type=") for word in words):
            return int(path.parent.name)
    raise AssertionError("no such browser")


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except (FileNotFoundError, ProcessLookupError):  # gone before it was opened, or read
        return False


@pytest.fixture
def phone(site: Site, tmp_path: Path) -> Iterator[Killed]:
    phone = Killed(site, Reseau(site.url), tmp_path)
    yield phone
    for context in phone.contexts:
        context.close()
    phone.reseau.close()


@EACH_ROUND
def test_forty_kills_lose_no_tap_and_the_sheet_opens_without_network(phone: Killed, enfants, seed):
    jour, soir = Inscription.objects.values_list("jour", "creneau").first()
    for n in range(len(enfants), KILLS // 2):
        Inscription.objects.create(enfant=make_enfant(prenom=f"Zoé {n}"), jour=jour, creneau_id=soir)
    alix, chance, delays = session_of(StaffFactory()), random.Random(seed), []
    page = phone.start()
    phone.log_in(page, alix)
    page.goto(SOIR)
    expect(page.locator("[data-gardee]")).to_have_count(1)
    phone.reseau.cut()
    for kept in range(KILLS):
        phone.kill()
        page = phone.start()
        page.goto(SOIR)
        expect(page.locator("main")).to_contain_text("Pas de réseau" if not kept else f"{kept}\u00a0pointage")
        assert page.locator(".pointage:checked").count() == kept
        said = f"{kept + 1}\u00a0pointage{'s' if kept else ''} gardé"
        delays.append(page.evaluate(TAP, [kept, said]))
        time.sleep(chance.uniform(0, LONGEST))
    phone.kill()

    phone.reseau.mend()
    page = phone.start()
    phone.log_in(page, alix)
    page.goto(SOIR)
    expect(bar(page)).to_contain_text("Tout est reçu")
    assert (Geste.objects.count(), Pointage.objects.exclude(depart=None).count()) == (KILLS, KILLS // 2)
    assert sorted(delays)[KILLS // 2] <= SOON


@EACH_ROUND
def test_forty_kills_lose_no_tick_and_a_page_counts_them_without_network(phone: Killed, clock, seed):
    camille, chance, delays = session_of(make_famille().camille.user), random.Random(seed), []
    page = phone.start()
    phone.log_in(page, camille)
    page.goto("/")
    wait_for_service(page)
    for kept in range(KILLS):
        page.goto(MOIS)
        phone.reseau.cut()
        delays.append(page.evaluate(TICK, kept + 1))
        time.sleep(chance.uniform(0, LONGEST))
        phone.kill()
        page = phone.start()
        page.goto(MOIS)
        expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")
        expect(page.locator("[data-nombre]")).to_contain_text(f"{kept + 1}\u00a0case")
        phone.reseau.mend()
        phone.log_in(page, camille)

    page.goto("/")
    expect(page.locator("section[data-gardees]")).to_contain_text(f"{KILLS}\u00a0cases n’ont pas été enregistrées")
    assert sorted(delays)[KILLS // 2] <= SOON
