"""The HTML of every page in every state, and of the mails, is valid by the W3C's checker."""

from __future__ import annotations

import pytest

from tests.navigateur.controles import OVERFLOW, Display, HtmlChecker, show
from tests.navigateur.courriels import html_of, send_each
from tests.navigateur.etats import ETATS, Etat
from tests.navigateur.regles_pages import broken_page_rules
from tests.navigateur.site import PHONE, Site

pytestmark = [pytest.mark.navigateur, pytest.mark.java]

ZOOMED = [Display("200 %", (640, 450)), Display("400 %", (320, 256))]
SPACE_TEXT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* {line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important}
    p {margin-bottom: 2em !important}`);
  document.adoptedStyleSheets = [sheet];
}"""


def test_checker_sees_an_error(checker: HtmlChecker):
    said = checker.said_of('<!doctype html><html lang="fr"><title>Page</title><p><div></p>')

    assert "Unclosed element" in said


@pytest.mark.parametrize("etat", ETATS, ids=lambda etat: etat.name)
def test_page_is_valid_and_keeps_its_width_when_zoomed_or_spaced(site: Site, checker: HtmlChecker, etat: Etat):
    # RGA-10, RGA-13: both look at the page without JavaScript, and opening it is what takes long; so do RGAA's rules
    page = etat.open(site, javascript=False)
    found = broken_page_rules(page)

    for display in ZOOMED:
        show(page, display)
        found += [f"{display.name}: {problem}" for problem in page.evaluate(OVERFLOW)]
    show(page, Display("390", PHONE))
    page.evaluate(SPACE_TEXT)
    found += [f"spaced: {problem}" for problem in page.evaluate(OVERFLOW)]

    assert site.status(page) == etat.status
    assert found == []
    assert checker.said_of(site.source(page)) == ""


def test_mails_are_valid(site: Site, checker: HtmlChecker):  # RGA-13
    mails = [html_of(mail) for mail in send_each(site)]

    assert len(mails) > 5
    assert [said for mail in mails if (said := checker.said_of(mail))] == []
