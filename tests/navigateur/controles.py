"""What a page is checked by: the rules of axe and of RGAA, its reflow, its targets, the W3C's checker of HTML."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from playwright.sync_api import Page

from tests.install.versions_essai import free_port, is_open, wait_until
from tests.navigateur.regles_rgaa import broken_rules
from tests.navigateur.site import DESKTOP, PHONE, TINY
from tests.tools import AXE, VNU

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # the rules of these that look at them


@dataclass(frozen=True)
class Display:
    name: str
    size: tuple[int, int]
    scheme: str = "light"


DISPLAYS = [
    Display("390 light", PHONE),
    Display("390 dark", PHONE, "dark"),
    Display("1280 light", DESKTOP),
    Display("1280 dark", DESKTOP, "dark"),
    Display("320", TINY),
]

# Django's own heads of columns that hold nothing to name are empty: a best practice, no rule of WCAG.
RUN_AXE = """async asked => {
  const all = {exclude: [['.inline-group th:empty']]};
  const results = await axe.run(all, {runOnly: asked, resultTypes: ['violations']});
  return results.violations.flatMap(rule => rule.nodes.map(
    node => `axe ${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`));
}"""
# How far the page is wider than the window, and what makes it so.
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  const excess = document.documentElement.scrollWidth - width;
  if (excess <= 0) return [];
  const wide = [...document.querySelectorAll('body *')]
    .filter(element => element.getBoundingClientRect().right > width + 1 && !element.closest('.defile'));
  return [`overflow of ${excess} px: ${wide.slice(0, 4).map(e => `${e.tagName} ${e.className}`).join(', ')}`];
}"""
# Links inside a sentence are exempt (WCAG 2.5.8); the target of a box is its whole label.
SMALL_TARGETS = """() => [...document.querySelectorAll('a[href], button, input, select, summary')].filter(element => {
  if (!element.checkVisibility() || element.closest('.vh, .evitement, .select2-hidden-accessible')) return false;
  if (element.tagName === 'A' && getComputedStyle(element).display === 'inline') return false;
  const {width, height} = (element.closest('label') ?? element).getBoundingClientRect();
  return width && Math.min(width, height) < 24;
}).map(element => `target under 24 px: ${element.tagName} ${element.textContent.trim() || element.name}`)"""

# Where the focus is: the width of its ring, and how many of three of its points are outside or under the bar.
FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const ring = e => e && getComputedStyle(e).outlineStyle !== 'none' ? parseFloat(getComputedStyle(e).outlineWidth) : 0;
  const {left, top, right, bottom, width} = element.getBoundingClientRect();
  const bar = document.querySelector('.barre');
  const hidden = [[left + width / 2, (top + bottom) / 2], [left + 2, top + 2], [right - 2, bottom - 2]].filter(
    ([x, y]) => x < 0 || y < 0 || x > innerWidth || y > innerHeight
      || (bar && !bar.contains(element) && bar.contains(document.elementFromPoint(x, y))));
  return {
    what: `${element.tagName} ${element.id || element.textContent.trim()}`,
    ring: Math.max(ring(element), ring(element.closest('.switch'))),
    hidden: hidden.length === 3,
  };
}"""
STOPS = 400  # more is a trap

# axe counts as a small target a tile half under the sticky bar or head, or a head of column half under the choices of a
# filter; the keyboard is tried with all of it in its place.
LAY_FLAT = """() => {
  document.querySelectorAll('details').forEach(details => { details.open = true; });
  const sticky = document.querySelectorAll('.barre, .appel thead th, #changelist-filter ul');
  sticky.forEach(part => { part.style.position = 'static'; });
}"""


def show(page: Page, display: Display) -> None:
    width, height = display.size
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=display.scheme)
    for _ in range(100):  # the page's own letters: those of the machine are wider
        if page.evaluate("document.fonts.status") == "loaded":
            break
        page.wait_for_timeout(20)


def violations(page: Page, displays: Iterable[Display]) -> list[str]:
    """What the page has against it, shown in each of these ways; of a size that comes twice, nothing but colours is
    looked at again.
    """
    page.evaluate(LAY_FLAT)
    page.evaluate(AXE.read_text())
    found, sizes = [], set()
    for display in displays:
        show(page, display)
        if display.size in sizes:
            problems = page.evaluate(RUN_AXE, {"type": "rule", "values": COLOURS})
        else:
            problems = page.evaluate(RUN_AXE, {"type": "tag", "values": TAGS})
            problems += page.evaluate(OVERFLOW) + page.evaluate(SMALL_TARGETS)
        sizes.add(display.size)
        found += [f"{display.name}: {problem}" for problem in problems + broken_rules(page)]
    return found


def unseen_stops(page: Page) -> list[dict[str, object]]:
    """Where the Tab key goes, from the top of the page to its end, that is not seen."""
    stops = []
    page.keyboard.press("Tab")
    while (focus := page.evaluate(FOCUS)) and len(stops) < STOPS:
        stops.append(focus)
        page.keyboard.press("Tab")
    assert 0 < len(stops) < STOPS, f"{len(stops)} stops"
    return [stop for stop in stops if stop["ring"] < 2 or stop["hidden"]]


class HtmlChecker:
    """The W3C's checker, which answers on this port of the loopback as long as the tests go."""

    def __init__(self, port: int) -> None:
        self.port = port

    def said_of(self, html: str) -> str:
        """What it finds to say of a page, an error a line; empty when all is valid."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:  # whatever the machine's proxy
            headers = {"Content-Type": "text/html; charset=utf-8", "User-Agent": "tests"}  # without one: 400
            connection.request("POST", "/?out=gnu", html.encode(), headers)
            answer = connection.getresponse()
            assert answer.status == 200
            lines = answer.read().decode().splitlines()
        return "\n".join(line for line in lines if "Trailing slash on void elements" not in line)  # Django's admin


@contextmanager
def html_checker(folder: Path) -> Iterator[HtmlChecker]:
    """Start the checker; what it writes is kept in `folder`."""
    port = free_port()
    command = ["java", "-Xmx256m", "-Dnu.validator.servlet.bind-address=127.0.0.1", "-cp", str(VNU)]
    with (folder / "vnu.log").open("wb") as log:
        process = subprocess.Popen([*command, "nu.validator.servlet.Main", str(port)], stdout=log, stderr=log)
    try:
        wait_until(lambda: is_open(port) or process.poll() is not None)
        yield HtmlChecker(port)
    finally:
        process.terminate()
        process.wait()
