"""A page on paper, as Firefox cuts it: a grid goes whole to the next sheet, a tall body adds a blank one."""

from __future__ import annotations

import re

import pytest

from enfance.models import Enfant, PersonneAutorisee
from tests.enfance.gate import inscrire
from tests.factories import make_enfant
from tests.navigateur.etats import ETATS
from tests.navigateur.etats_equipe import JOUR, agent, at, evening
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

PRINTED = ["planning", "enfant", "cantine-jour", "cantine-semaine", "aide-cantine"]
GRIDS = """() => [...new Set([...document.querySelectorAll('main .carte, main .semaine, main tr')]
  .filter(block => block.checkVisibility())
  .flatMap(block => [...document.querySelectorAll("main, main *, body")].filter(e => e !== block && e.contains(block)))
  .filter(e => /grid|flex/.test(getComputedStyle(e).display)).map(e => e.className || e.tagName))]"""


@pytest.mark.parametrize("etat", [e for e in ETATS if e.name in PRINTED], ids=lambda etat: etat.name)
def test_page_is_cut_between_its_blocks(site: Site, etat):
    page = etat.open(site)

    page.emulate_media(media="print")

    assert page.evaluate(GRIDS) == []
    assert page.evaluate("getComputedStyle(document.body).minBlockSize") == "0px"


@pytest.mark.parametrize("etat", [e for e in ETATS if e.name == "guichet-papier"], ids=lambda etat: etat.name)
def test_month_of_three_children_is_one_page(site: Site, etat):
    page = etat.open(site)
    assert page.locator("article thead tr").first.locator("th").count() == 4  # three children, and the limit

    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
    page.emulate_media(media="print", color_scheme="dark")
    black_on_white = page.locator("article").evaluate(
        "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    )
    assert black_on_white == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]


@pytest.mark.parametrize("query", ["", "?creneau=soir"])
def test_evening_of_eighteen_children_and_who_may_fetch_them_is_one_page(site: Site, settings, query):
    settings.FEUILLE_AUTORISES = True
    evening(site, at(17, 50))
    for n in range(11):
        inscrire(make_enfant(prenom=f"Prénom {n}", nom="Sorbier"))
    for enfant in Enfant.objects.exclude(prenom="Ilyès"):
        PersonneAutorisee.objects.create(enfant=enfant, nom="Odile Morel", lien="grand-mère")
    page = site.open(f"{JOUR}imprimer/{query}", user=agent("Équipe"))
    rows = page.locator(".feuille tbody tr")
    assert rows.count() == 19 + 3  # eighteen with a place, one who waits, three free lines
    assert page.get_by_text("Aussi avec Odile Morel (grand-mère)").count() == 18  # Ilyès has another one first

    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
    page.emulate_media(media="print")
    assert {row.evaluate("e => getComputedStyle(e).breakInside") for row in rows.all()} == {"avoid"}
