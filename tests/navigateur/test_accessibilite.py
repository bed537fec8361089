"""Accessibility of every page in every state: rules, reflow, targets, text spacing, keyboard."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.conf import settings
from playwright.sync_api import Page

from tests.navigateur.courriels import bodies, html_of, send_each
from tests.navigateur.etats import ETATS, Etat
from tests.navigateur.site import DESKTOP, PHONE, TINY, Site
from tests.tools import AXE

pytestmark = pytest.mark.navigateur

MAILS = settings.BASE_DIR / "templates" / "emails"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


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
ZOOMED = [Display("200 %", (640, 450)), Display("400 %", (320, 256))]

RUN_AXE = """async tags => {
  const results = await axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']});
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
  if (!element.checkVisibility() || element.closest('.vh, .evitement')) return false;
  if (element.tagName === 'A' && getComputedStyle(element).display === 'inline') return false;
  const {width, height} = (element.closest('label') ?? element).getBoundingClientRect();
  return width && Math.min(width, height) < 24;
}).map(element => `target under 24 px: ${element.tagName} ${element.textContent.trim() || element.name}`)"""
SPACE_TEXT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* {line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important}
    p {margin-bottom: 2em !important}`);
  document.adoptedStyleSheets = [sheet];
}"""
# axe counts a tile half under the sticky bar as a small target; the keyboard is tried with the bar in its place.
LAY_FLAT = """() => {
  document.querySelectorAll('details').forEach(details => { details.open = true; });
  document.querySelectorAll('.barre').forEach(bar => { bar.style.position = 'static'; });
}"""
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


def show(page: Page, display: Display) -> None:
    width, height = display.size
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=display.scheme)


@pytest.mark.parametrize("etat", ETATS, ids=lambda etat: etat.name)
def test_page_has_no_violation(site: Site, etat: Etat):  # RGA-10
    page = etat.open(site)
    assert site.status(page) == etat.status
    page.evaluate(LAY_FLAT)
    page.evaluate(AXE.read_text())
    found = []

    for display in DISPLAYS:
        show(page, display)
        problems = page.evaluate(RUN_AXE, TAGS) + page.evaluate(OVERFLOW) + page.evaluate(SMALL_TARGETS)
        found += [f"{display.name}: {problem}" for problem in problems]

    assert found == []


@pytest.mark.parametrize("etat", ETATS, ids=lambda etat: etat.name)
def test_page_keeps_its_width_when_zoomed_or_spaced(site: Site, etat: Etat):  # RGA-10
    page = etat.open(site, javascript=False)
    found = []

    for display in ZOOMED:
        show(page, display)
        found += [f"{display.name}: {problem}" for problem in page.evaluate(OVERFLOW)]
    show(page, DISPLAYS[0])
    page.evaluate(SPACE_TEXT)
    found += [f"spaced: {problem}" for problem in page.evaluate(OVERFLOW)]

    assert found == []


@pytest.mark.parametrize("etat", ETATS, ids=lambda etat: etat.name)
def test_focus_is_always_seen(site: Site, etat: Etat):  # RGA-10
    page = etat.open(site)
    stops = []

    page.keyboard.press("Tab")
    while (focus := page.evaluate(FOCUS)) and len(stops) < 400:
        stops.append(focus)
        page.keyboard.press("Tab")

    assert 0 < len(stops) < 400
    assert [stop for stop in stops if stop["ring"] < 2 or stop["hidden"]] == []


def test_every_mail_has_no_violation(site: Site):  # RGA-13
    with bodies() as shown:
        mails = send_each(site)
    page = site.open()
    found = []

    for mail in mails:
        page.set_content(html_of(mail))
        page.evaluate(AXE.read_text())
        for display in DISPLAYS:
            show(page, display)
            problems = page.evaluate(RUN_AXE, TAGS) + page.evaluate(OVERFLOW)
            found += [f"{mail.subject}, {display.name}: {problem}" for problem in problems]

    assert shown == {path.name for path in MAILS.glob("*_body.html")}
    assert found == []
