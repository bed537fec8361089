"""What a page is checked by: the rules of accessibility, its reflow, its targets, the W3C's checker of HTML."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tests.tools import AXE, VNU

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Display:
    name: str
    size: tuple[int, int]
    scheme: str = "light"


# Django's own heads of columns that hold nothing to name are empty: a best practice, no rule of WCAG.
RUN_AXE = """async tags => {
  const all = {exclude: [['.inline-group th:empty']]};
  const results = await axe.run(all, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']});
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

# axe counts as a small target a tile half under the sticky bar, or a head of column half under the choices of a filter;
# the keyboard is tried with the bar in its place.
LAY_FLAT = """() => {
  document.querySelectorAll('details').forEach(details => { details.open = true; });
  document.querySelectorAll('.barre, #changelist-filter ul').forEach(part => { part.style.position = 'static'; });
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
    """What the page has against it, shown in each of these ways."""
    page.evaluate(LAY_FLAT)
    page.evaluate(AXE.read_text())
    found = []
    for display in displays:
        show(page, display)
        problems = page.evaluate(RUN_AXE, TAGS) + page.evaluate(OVERFLOW) + page.evaluate(SMALL_TARGETS)
        found += [f"{display.name}: {problem}" for problem in problems]
    return found


def check(folder: Path) -> str:
    """What vnu finds to say of the folder's pages; empty when all is valid."""
    django_s_own = ["--filterpattern", ".*Trailing slash on void elements.*"]  # an information: its admin writes <br />
    command = ["java", "-jar", str(VNU), "--Werror", *django_s_own, "--stdout", "--format", "text", str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return run.stdout if run.returncode else ""
