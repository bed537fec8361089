"""All that is asked of a page in one of its states, in one visit, as opening it is what takes long.

Each fault says the name of its check and, where there are several, how the page was shown.
"""

from __future__ import annotations

from playwright.sync_api import Page

from tests.navigateur.controles import DISPLAYS, Display, HtmlChecker, overflows, unseen_stops, violations
from tests.navigateur.etats import Etat
from tests.navigateur.regles_pages import broken_page_rules
from tests.navigateur.site import Site
from tests.navigateur.textes import PAGES, covered_texts, small_texts, values_of_python


def faults(
    site: Site, page: Page, etat: Etat, checker: HtmlChecker | None, displays: list[Display] = DISPLAYS
) -> list[str]:
    """What is against this state, which the window has just reached; what changes the page comes last."""
    found = faults_of_any_reader(site, page, etat, checker)
    found += unseen_stops(page)
    found += overflows(page)
    if etat.name in PAGES:
        found += small_texts(page) + covered_texts(page)
    return found + violations(page, displays)


def faults_without_script(site: Site, etat: Etat, checker: HtmlChecker | None) -> list[str]:
    """What is against what the server answers to the same gestures where no script helps them.

    A state that no gesture leads to is the page of an address, whose source was judged: it is the same without script.
    """
    site.start_again()
    page = etat.open(site, javascript=False)
    found = faults_of_any_reader(site, page, etat, checker) + overflows(page)
    return [f"no script: {fault}" for fault in found]


def faults_of_any_reader(site: Site, page: Page, etat: Etat, checker: HtmlChecker | None) -> list[str]:
    status = site.status(page)
    found = [f"status: {status}"] if status != etat.status else []
    found += [f"page: {problem}" for problem in broken_page_rules(page)]
    found += values_of_python(page)
    said = checker.said_of(site.source(page)) if checker else ""
    return found + [f"html: {line}" for line in said.splitlines()]
