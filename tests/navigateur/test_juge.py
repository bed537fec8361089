"""The judge of every state sees each fault that it is there for, where it is, and nothing else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.navigateur.controles import ALL_DISPLAYS, HtmlChecker
from tests.navigateur.etats import Etat
from tests.navigateur.juge import faults, faults_without_script
from tests.navigateur.site import Site

pytestmark = [pytest.mark.navigateur, pytest.mark.java]

PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Compte</title>
<meta name="viewport" content="width=device-width"><style>
body {{ margin: 8px; background: #fff; color: #222; font: 16px/1.6 sans-serif }}
a {{ color: #123 }}
a, button {{ display: inline-block; min-width: 48px; min-height: 32px; margin: 8px; font-size: 16px }}
:focus {{ outline: 3px solid }}
@media (prefers-color-scheme: dark) {{ body {{ background: #111; color: #eee }} a {{ color: #cde }} }}
{style}</style></head><body><a href="#contenu">Aller au contenu</a><header>Mairie</header>
<main id="contenu"><h1>Compte</h1>{body}</main>{after}<footer>Pied</footer></body></html>"""
WIDE = "@media {} {{ .essai {{ width: 2000px }} }}"
# By the fault: the style, the body, what follows it, and what is said, with how the page was then shown.
FAULTS = {
    "nothing": ("", "<p>Un mot</p>", "", set()),
    "axe": ("", "", "<p>Seul</p>", {"390 light: axe region"}),
    "axe at 1280": (
        "@media (max-width: 1200px) { .essai { display: none } }",
        "",
        '<p class="essai">Seul</p>',
        {"1280 light: axe region"},
    ),
    "axe at 320": (
        "@media (min-width: 321px) { .essai { display: none } }",
        "",
        '<p class="essai">Seul</p>',
        {"320: axe region"},
    ),
    "colours in the dark": (
        "@media (prefers-color-scheme: dark) { p { color: #333 } }",
        "<p>Un mot</p>",
        "",
        {"390 dark: axe color-contrast"},
    ),
    "colours in the dark, wide": (
        "@media (prefers-color-scheme: dark) and (min-width: 1000px) { p { color: #333 } }",
        "<p>Un mot</p>",
        "",
        {"1280 dark: axe color-contrast"},
    ),
    "colours at 320": (
        "@media (width: 320px) { p { color: #bbb } }",
        "<p>Un mot</p>",
        "",
        {"320: axe color-contrast"},
    ),
    "overflow at 320": (
        WIDE.format("(width: 320px) and (min-height: 600px)"),
        '<div class="essai">x</div>',
        "",
        {"320: overflow"},
    ),
    "overflow at 1280": (
        WIDE.format("(min-width: 1200px)"),
        '<div class="essai">x</div>',
        "",
        {"letters at 200 %, 1280: overflow", "1280 light: overflow"},
    ),
    "overflow at 400 %": (
        WIDE.format("(max-height: 300px)"),
        '<div class="essai">x</div>',
        "",
        {"400 %: overflow"},
    ),
    "overflow once spaced": (
        "p { font: 16px monospace; white-space: nowrap } @media (width: 320px) { p { display: none } }",
        f"<p>{'x' * 37}</p>",
        "",
        {"spaced: overflow"},
    ),
    "small target": (
        "button { min-width: 0; min-height: 0; width: 20px; height: 20px; padding: 0; margin: 30px }",
        "<button>?</button>",
        "",
        {"390 light: target under 24 px", "1280 light: target under 24 px", "320: target under 24 px"},
    ),
    "unseen stop": ("button:focus { outline: 0 }", "<button>Envoyer</button>", "", {"stop unseen"}),
    "HTML": ("", "<p>Un mot</p></p>", "", {"html"}),
    "page": ("", '<button accesskey="s">Envoyer</button>', "", {"page: 12.10"}),
    "value of Python": ("", "<p>Cellule(texte='Lundi')</p>", "", {"Python"}),
    "object of Python": ("", "<p>&lt;Payeur: Payeur object (3)&gt;</p>", "", {"Python"}),
    "RGAA": (
        "",
        '<svg aria-hidden="true" width="9" height="9"><title>Décor</title></svg>',
        "",
        {f"{name}: 1.2" for name in ("390 light", "390 dark", "1280 light", "1280 dark", "320")},
    ),
    "small letters": (
        "@media (width: 359px) { p { font-size: 12px } }",
        "<p>Un mot</p>",
        "",
        {"letters, 359: 12 px"},
    ),
    "covered": (
        "@media (min-width: 1000px) { p + p { margin-top: -2.5em } }",
        "<p>Un mot</p><p>Un autre</p>",
        "",
        {"letters at 200 %, 1280: « Un mot » (P) is over « Un autre » (P)"},
    ),
}
SHOWN = {"390 light", "390 dark", "1280 light", "1280 dark", "320", "200 %", "400 %", "spaced", "page", "letters, 359"}


def shown(site: Site, html: str, *, javascript: bool = True, status: int = 200) -> Page:
    page = site.open(javascript=javascript)
    page.route("**/essai/", lambda route: route.fulfill(body=html, status=status, content_type="text/html"))
    page.goto("/essai/")
    return page


def named(fault: str) -> str:
    """The fault without the words of the page: its check, its rule, and how the page was shown."""
    parts = fault.split(": ")
    return ": ".join(parts[:2]) if parts[0] in SHOWN or parts[0].startswith("letters") else parts[0]


@pytest.mark.parametrize(("style", "body", "after", "said"), FAULTS.values(), ids=FAULTS)
def test_fault_is_said_and_nothing_else(site: Site, w3c: HtmlChecker, style, body, after, said):
    page = shown(site, PAGE.format(style=style, body=body, after=after))

    found = faults(site, page, Etat("equipe", None), w3c, ALL_DISPLAYS)  # one of those whose letters are judged

    assert {named(fault).split(" of ")[0] for fault in found} == said, found


def test_another_status_is_a_fault(site: Site, w3c: HtmlChecker):
    page = shown(site, PAGE.format(style="", body="", after=""), status=404)

    assert faults(site, page, Etat("essai", None, 200), w3c) == ["status: 404"]
    assert faults(site, page, Etat("essai", None, 404), w3c) == []


def test_what_is_answered_without_script_is_judged_too(site: Site, w3c: HtmlChecker):
    def reach(site: Site, javascript: bool) -> Page:
        return shown(site, PAGE.format(style="", body='<p accesskey="s">x</p>', after=""), javascript=javascript)

    found = faults_without_script(site, Etat("essai", reach), w3c)

    assert [fault.split(": <")[0] for fault in found] == ["no script: page: 12.10"]


def test_a_gesture_is_a_click_or_another_page(site: Site):
    page = shown(site, PAGE.format(style="", body='<button type="button">Cocher</button>', after=""))
    assert not site.was_led_by_a_gesture(page)
    page.locator("button").evaluate("button => button.click()")  # by a script of the page
    assert not site.was_led_by_a_gesture(page)

    page.locator("button").click()
    assert site.was_led_by_a_gesture(page)
    page.goto("/connexion/")
    assert site.was_led_by_a_gesture(page)
