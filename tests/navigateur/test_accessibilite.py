"""Accessibility of every page in every state: rules, reflow, targets, keyboard.

Its text spaced: test_html.py; the rules, on the pages of the sample: test_arbres.py, which opens them too.
"""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.navigateur.controles import DISPLAYS, violations
from tests.navigateur.courriels import bodies, html_of, send_each
from tests.navigateur.echantillon import SAMPLE
from tests.navigateur.etats import ETATS, Etat
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

MAILS = settings.BASE_DIR / "templates" / "emails"
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


@pytest.mark.parametrize("etat", [etat for etat in ETATS if etat not in SAMPLE], ids=lambda etat: etat.name)
def test_page_has_no_violation(site: Site, etat: Etat):  # RGA-10
    page = etat.open(site)
    assert site.status(page) == etat.status

    assert violations(page, DISPLAYS) == []


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
        found += [f"{mail.subject}, {problem}" for problem in violations(page, DISPLAYS)]

    assert shown == {path.name for path in MAILS.glob("*_body.html")}
    assert found == []
