"""The sheets on paper: A4, black on white whatever the theme, a page for eighteen children, nothing cut at the edge."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import Page

from enfance.models import Creneau, Inscription
from tests.factories import AnneeFactory, StaffFactory, make_creneaux, make_enfant
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur
JOUR = "/equipe/2026-12-10/imprimer/"
A4 = {"width": 703, "height": 1032}  # CSS pixels, within the margins
READ = """() => {
  const style = e => getComputedStyle(e), sheet = document.querySelector('.feuille');
  return {
    wide: document.documentElement.scrollWidth,
    head: style(sheet.querySelector('thead')).display,
    rows: [...new Set([...sheet.querySelectorAll('tbody tr')].map(row => style(row).breakInside))],
    ink: [...new Set([...sheet.querySelectorAll('h1, th, td, b')].map(e => style(e).color))].sort(),
    ground: [style(document.body).backgroundColor, style(sheet).backgroundColor],
    screen: [...document.querySelectorAll('.entete, .pied, .no-print')].filter(e => e.checkVisibility()).length,
  };
}"""


def sheet(site: Site, enfants: int, query: str = "") -> Page:
    """The paper of so many children, each of them at each moment of the week."""
    annee, creneaux = AnneeFactory(), make_creneaux()
    jours = [date(2026, 12, jour) for jour in (7, 8, 10, 11)]
    for n in range(enfants):
        enfant = make_enfant(annee=annee, prenom=f"Apolline {n}", nom="Tessier-Chevalier", pai=n % 9 == 0)
        Inscription.objects.bulk_create(
            Inscription(enfant=enfant, jour=jour, creneau=creneau) for jour in jours for creneau in creneaux.values()
        )
    return site.open(f"{JOUR}{query}", user=StaffFactory())


def pages(page: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True)))


@pytest.mark.parametrize(
    ("enfants", "query", "most"),
    [
        (18, "", 1),
        (18, "?creneau=soir", 1),
        (18, "?semaine=1", 1),
        (80, "", 3),
        (80, "?creneau=soir", 3),
        (80, "?semaine=1", 4),
    ],
)
def test_sheet_fits_its_pages(site: Site, enfants, query, most):
    page = sheet(site, enfants, query)
    assert 1 <= pages(page) <= most
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size(A4)
    seen = page.evaluate(READ)
    assert seen["wide"] <= A4["width"]
    assert (seen["head"], seen["rows"], seen["screen"]) == ("table-header-group", ["avoid"], 0)
    assert seen["ink"] == ["rgb(0, 0, 0)", "rgb(68, 68, 68)"]  # black, and the grey of the numbers
    assert set(seen["ground"]) == {"rgb(255, 255, 255)"}


def test_sheet_without_one_of_its_moments_keeps_its_columns(site: Site):
    page = sheet(site, 2)
    Creneau.objects.filter(code="midi").update(vendredi=False)
    page.goto(f"{JOUR}?semaine=1")
    assert page.locator("thead tr:last-child th").count() == page.locator("tbody tr:first-child > *").count() == 15
