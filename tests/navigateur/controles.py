"""What a page is checked by: the rules of axe and of RGAA, its reflow, its targets, its stops, the W3C's checker."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.install.versions_essai import free_port, is_open, wait_until
from tests.navigateur.regles_rgaa import broken_rules
from tests.navigateur.site import DESKTOP, PHONE, TINY
from tests.tools import AXE, VNU

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # the rules of these that look at them
OF_ALL = {"runOnly": {"type": "tag", "values": TAGS}}
OF_COLOURS = {"runOnly": {"type": "rule", "values": COLOURS}}
OF_SIZES = {"runOnly": {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]}}
OF_ALL_ELSE = OF_ALL | {"rules": {rule: {"enabled": False} for rule in COLOURS}}


@dataclass(frozen=True)
class Display:
    name: str
    size: tuple[int, int]
    scheme: str = "light"


# Every size and both schemes once: the colours of a scheme are named in one place for all widths.
DISPLAYS = [Display("390 light", PHONE), Display("1280 dark", DESKTOP, "dark"), Display("320", TINY)]
# Each size in each scheme, for the pages of the sample.
ALL_DISPLAYS = [
    Display("390 light", PHONE),
    Display("390 dark", PHONE, "dark"),
    Display("1280 light", DESKTOP),
    Display("1280 dark", DESKTOP, "dark"),
    Display("320", TINY),
]

# Django's own heads of columns that hold nothing to name are empty: a best practice, no rule of WCAG.
RUN_AXE = """async ({asked, only}) => {
  const nodes = only ? [...globalThis.__look] : [];
  if (only && !nodes.length) return [];
  const all = {...(only && {include: nodes}), exclude: [['.inline-group th:empty']]};
  const results = await axe.run(all, {...asked, resultTypes: ['violations']});
  return results.violations.flatMap(rule => rule.nodes.map(
    node => `axe ${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`));
}"""
# The elements whose look is not one that the page has had: what the rules of colours judge, which take the longest.
# Whether those that are shown are not together for the first time: nothing else is then new but where they stand.
LOOK = """again => {
  if (!again) globalThis.__had = new Set();
  const had = globalThis.__had, all = [];
  globalThis.__look = [...document.querySelectorAll('body, body *')].filter((element, n) => {
    if (!element.checkVisibility({checkVisibilityCSS: true, opacityProperty: true})) return false;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.6 && style.fontWeight >= 700;
    const look = [n, large, style.color, style.backgroundColor, style.backgroundImage, style.opacity,
      style.textDecorationLine, style.borderBlockEndWidth].join();
    all.push(n);
    return !had.has(look) && had.add(look);
  });
  const shown = all.join(), known = had.has(shown);
  had.add(shown);
  return known;
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
ZOOMED = [Display("200 %", (640, 450)), Display("400 %", (320, 256))]
SPACE_TEXT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* {line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important}
    p {margin-bottom: 2em !important}`);
  document.adoptedStyleSheets = [sheet];
}"""
# Links inside a sentence are exempt (WCAG 2.5.8); the target of a box is its whole label.
SMALL_TARGETS = """() => [...document.querySelectorAll('a[href], button, input, select, summary')].filter(element => {
  if (!element.checkVisibility() || element.closest('.vh, .evitement, .select2-hidden-accessible')) return false;
  if (element.tagName === 'A' && getComputedStyle(element).display === 'inline') return false;
  const {width, height} = (element.closest('label') ?? element).getBoundingClientRect();
  return width && Math.min(width, height) < 24;
}).map(element => `target under 24 px: ${element.tagName} ${element.textContent.trim() || element.name}`)"""

# Where the focus is each time that the Tab key is about to move it: the width of its ring, and whether three of its
# points are outside or under the bar. One look for many keys: to ask the page after each took longer than all axe.
HEAR_STOPS = """() => {
  const stop = element => {
    const thick = e => parseFloat(getComputedStyle(e).outlineWidth);
    const ring = e => e && getComputedStyle(e).outlineStyle !== 'none' ? thick(e) : 0;
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
  };
  const stops = globalThis.__stops = {begun: false, ended: false, seen: []};
  globalThis.__tab = event => {
    if (event.key !== 'Tab' || stops.ended) return;
    const element = document.activeElement;
    if (!stops.begun) stops.begun = true;
    else if (element && element !== document.body) stops.seen.push(stop(element));
    else stops.ended = true;
  };
  addEventListener('keydown', globalThis.__tab, true);
}"""
LEAVE_STOPS = """() => {
  removeEventListener('keydown', globalThis.__tab, true);
  document.activeElement?.blur();
}"""
TAB = {"type": "rawKeyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
TABS = 8  # keys between two looks at what was heard
STOPS = 400  # more is a trap
# The checker reads its schemas deep, which on a busy machine is more than the stack that Java gives. Compiled once, not
# twice, its code says as soon what it has to say of a few hundred pages.
JAVA = ["-Xmx256m", "-Xss16m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]

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
    """What the page has against it, shown in each of these ways. Of a size that comes twice, nothing but colours is
    looked at again, and of elements that have the look that they had, nothing but where they stand.
    """
    page.evaluate(LAY_FLAT)
    page.evaluate(AXE.read_text())
    found, sizes = [], set()
    for display in displays:
        show(page, display)
        known = page.evaluate(LOOK, bool(sizes))
        problems = page.evaluate(RUN_AXE, {"asked": OF_COLOURS, "only": True}) if sizes else []
        if display.size not in sizes:
            asked = OF_ALL if not sizes else OF_SIZES if known else OF_ALL_ELSE
            problems += page.evaluate(RUN_AXE, {"asked": asked, "only": False})
            problems += page.evaluate(OVERFLOW) + page.evaluate(SMALL_TARGETS)
        sizes.add(display.size)
        found += [f"{display.name}: {problem}" for problem in problems + broken_rules(page)]
    return found


def overflows(page: Page) -> list[str]:
    """What is wider than the window of a page that is zoomed, or whose text is spaced."""
    found = []
    for display in ZOOMED:
        show(page, display)
        found += [f"{display.name}: {problem}" for problem in page.evaluate(OVERFLOW)]
    show(page, Display("390", PHONE))
    page.evaluate(SPACE_TEXT)
    found += [f"spaced: {problem}" for problem in page.evaluate(OVERFLOW)]
    page.evaluate("document.adoptedStyleSheets = []")
    return found


def unseen_stops(page: Page) -> list[str]:
    """Where the Tab key goes, from the top of the page to its end, that is not seen."""
    devtools = page.context.new_cdp_session(page)
    page.evaluate(HEAR_STOPS)
    stops: dict[str, Any] = {"ended": False, "seen": []}
    while not stops["ended"] and len(stops["seen"]) < STOPS:
        for _ in range(TABS):
            devtools.send("Input.dispatchKeyEvent", TAB)
        stops = page.evaluate("globalThis.__stops")
    page.evaluate(LEAVE_STOPS)
    devtools.detach()
    if not 0 < len(stops["seen"]) < STOPS:
        return [f"{len(stops['seen'])} stops"]
    return [f"stop unseen: {stop['what']}" for stop in stops["seen"] if stop["ring"] < 2 or stop["hidden"]]


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
    command = ["java", *JAVA, "-Dnu.validator.servlet.bind-address=127.0.0.1", "-cp", str(VNU)]
    with (folder / "vnu.log").open("wb") as log:
        process = subprocess.Popen([*command, "nu.validator.servlet.Main", str(port)], stdout=log, stderr=log)
    try:
        wait_until(lambda: is_open(port) or process.poll() is not None)
        yield HtmlChecker(port)
    finally:
        process.terminate()
        process.wait()
