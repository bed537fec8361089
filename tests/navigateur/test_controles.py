"""What a page is checked by sees what it is there for, in each display."""

from __future__ import annotations

import pytest

from tests.navigateur.controles import ALL_DISPLAYS, DISPLAYS, violations
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

PAGE = """<!doctype html><html lang="fr"><head><title>Compte</title><style>
:root {{ color-scheme: light dark }} {} </style></head><body><main><h1>Compte</h1>{}</main></body></html>"""
GREY = "p, h1 { color: #333 } @media (prefers-color-scheme: dark) { body { background: #222 } }"
LINK = """body { background: #fff } p { color: #333 } a { color: #00f }
@media (prefers-color-scheme: dark) { a { text-decoration: none } }"""


@pytest.mark.parametrize(
    ("style", "body", "rule"),
    [
        (GREY, "<p>Un mot</p>", "axe color-contrast"),
        (LINK, '<p>Un long texte, et <a href="/">un lien</a> dans ce texte.</p>', "axe link-in-text-block"),
    ],
)
def test_a_fault_of_colour_is_seen_in_the_dark(site: Site, style: str, body: str, rule: str):
    page = site.open()
    page.set_content(PAGE.format(style, body))

    found = violations(page, ALL_DISPLAYS)

    assert {problem.split(":")[0] for problem in found} == {"390 dark"}
    assert any(rule in problem for problem in found)


def test_what_is_no_colour_is_told_once_of_what_is_shown(site: Site):
    page = site.open()
    page.set_content(PAGE.format("body { background: #fff; color: #333 }", "<input>"))

    found = [problem.split(":")[0] for problem in violations(page, ALL_DISPLAYS) if "axe label" in problem]

    assert found == ["390 light"]


def test_every_size_and_scheme_is_shown_once():
    assert set(DISPLAYS) <= set(ALL_DISPLAYS)
    assert {display.size for display in DISPLAYS} == {display.size for display in ALL_DISPLAYS}
    assert {display.scheme for display in DISPLAYS} == {"light", "dark"}
