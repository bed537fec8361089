"""Text that is large enough, and text that its reader makes larger: no size under 14 px, nothing over anything else."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from tests.navigateur.controles import OVERFLOW, Display, show
from tests.navigateur.site import DESKTOP, PHONE, TINY

# One state of each page of a family and of the gate, and those whose tiles say the most.
PAGES = {
    "accueil-4-enfants",
    "accueil-repas-4-enfants",
    "accueil-semaine-sur-deux",
    "planning-4-enfants",
    "planning-garde",
    "planning-complet",
    "planning-repas-4-enfants",
    "jour-4-enfants",
    "jour-complet",
    "jour-repas",
    "semaine-type-4-enfants",
    "semaine-type-vider",
    "semaine-type-apercu",
    "semaine-type-remplie",
    "historique-annuler",
    "enfant-absence-signalee",
    "compte-agenda",
    "equipe",
    "equipe-retard",
    "equipe-terminee",
    "equipe-ajouter-trouves",
    "equipe-enfant",
    "equipe-hors-ligne",
}
NARROW = (359, 740)
VALUE = re.compile(r"\b\w+\(\w+='.{0,40}|\bdatetime\.\w+\(.{0,40}|<\w+[: ][^<>]{0,40}>|\\x[0-9a-f]{2}.{0,20}")

# The texts that are seen, a rectangle a line: letters fill two thirds of the height of theirs.
TEXTS = """() => {
  document.querySelectorAll('details').forEach(details => { details.open = true; });
  const clipped = element => !!element && (getComputedStyle(element).clipPath.startsWith('inset(50%')
    || clipped(element.parentElement));
  const seen = element => element.checkVisibility({visibilityProperty: true})
    && !element.closest('.evitement, option, svg') && !clipped(element);
  const walker = document.createTreeWalker(document.querySelector('body'), NodeFilter.SHOW_TEXT);
  const lines = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !seen(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const {left, top, right, bottom} of range.getClientRects()) {
      if (right - left < 2) continue;
      const trim = (bottom - top) / 6;
      lines.push({node, element, left: left + 1, top: top + trim, right: right - 1, bottom: bottom - trim});
    }
  }
  return lines;
}"""
SMALL = f"""() => [...new Set(({TEXTS})().map(({{node, element}}) => {{
  const size = parseFloat(getComputedStyle(element).fontSize);
  const least = innerWidth < 360 && element.closest('.note, .fige') ? 13 : 14;
  return size < least ? `${{size}} px: ${{node.data.trim()}} (${{element.className || element.tagName}})` : '';
}}))].filter(Boolean)"""
# Two texts, or a text and what one taps, on the same place. The bar is over what is read by design: a third of the
# window at most; what is in a box is its own.
COVERED = f"""() => {{
  const bar = document.querySelector('.barre');
  const over = bar && getComputedStyle(bar).position === 'sticky' ? bar : null;
  const lines = ({TEXTS})();
  const found = [];
  const share = over ? over.getBoundingClientRect().height / innerHeight : 0;
  if (share > 0.34) found.push(`the bar takes ${{Math.round(share * 100)}} % of the window`);
  const name = ({{node, element}}) =>
    `« ${{node.data.trim().slice(0, 30)}} » (${{element.className || element.tagName}})`;
  const apart = (one, other) => !over || over.contains(one) === over.contains(other);
  const cross = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 2
    && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 2;
  lines.forEach((line, n) => {{
    for (const other of lines.slice(n + 1)) {{
      if (line.node !== other.node && apart(line.element, other.element) && cross(line, other))
        found.push(`${{name(line)}} is over ${{name(other)}}`);
    }}
  }});
  for (const control of document.querySelectorAll('button, input, select, textarea, a.btn')) {{
    if (!control.checkVisibility({{visibilityProperty: true}}) || control.closest('.vh, .evitement')) continue;
    const place = control.getBoundingClientRect();
    const own = control.closest('label') ?? control;
    for (const line of lines) {{
      if (!own.contains(line.element) && apart(control, line.element) && cross(line, place))
        found.push(`${{name(line)}} is over the control ${{control.name || control.textContent.trim()}}`);
    }}
  }}
  return [...new Set(found)].slice(0, 12);
}}"""


def values_of_python(page: Page) -> list[str]:
    """What is shown of a value of Python where its words should stand: « Cellule(texte='Lundi') »."""
    return [f"Python: {found}" for found in VALUE.findall(page.inner_text("body"))]


def small_texts(page: Page) -> list[str]:
    found = []
    for name, size in {"390": PHONE, "359": NARROW, "320": TINY, "1280": DESKTOP}.items():
        show(page, Display(name, size))
        found += [f"letters, {name}: {problem}" for problem in page.evaluate(SMALL)]
    return found


def covered_texts(page: Page) -> list[str]:
    """As the page is, then with letters of twice the size."""
    show(page, Display("390", PHONE))
    found = [f"letters, 390: {problem}" for problem in page.evaluate(COVERED)]
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    for name, size in {"390": PHONE, "1280": DESKTOP}.items():
        show(page, Display(name, size))
        found += [
            f"letters at 200 %, {name}: {problem}" for problem in page.evaluate(COVERED) + page.evaluate(OVERFLOW)
        ]
    page.evaluate("document.documentElement.style.fontSize = ''")
    return found
