"""The year of three children in twelve taps, a day in three; copied, previewed, filled, undone."""

from __future__ import annotations

import re
from contextlib import nullcontext
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from enfance.models import Creneau, Enregistrement, Inscription
from tests.factories import PASSWORD
from tests.navigateur.famille import MOIS, make_famille
from tests.navigateur.gestes import press
from tests.navigateur.site import PHONE, Site

pytestmark = pytest.mark.navigateur

PAGE = "/semaine-type/"
both = pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])


@dataclass
class Thumb:
    """What a parent does with one thumb: it taps what it sees, and counts."""

    page: Page
    taps: int = 0

    def tap(self, target: Locator) -> None:
        target.scroll_into_view_if_needed()
        target.click()
        self.taps += 1

    def link(self, name: str | re.Pattern) -> None:
        with self.page.expect_navigation():
            self.tap(self.page.get_by_role("link", name=name).first)

    def button(self, name: str, *, leads: bool = True) -> None:
        with self.page.expect_navigation() if leads else nullcontext():
            self.tap(self.page.get_by_role("button", name=name, exact=True))

    def box(self, name: str) -> None:
        self.tap(self.page.get_by_role("checkbox", name=name, exact=True))


def log_in(site: Site, user, javascript: bool) -> Page:
    page = site.open("/connexion/", javascript=javascript, size=PHONE)
    page.get_by_label("Identifiant", exact=True).fill(user.identifiant)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    press(page, "Connexion")
    return page


@both
def test_three_childrens_year_is_set_in_twelve_taps_and_a_day_changed_in_three(site: Site, javascript):
    famille = make_famille("Jules", "Léa", "Tom")
    thumb = Thumb(log_in(site, famille.camille.user, javascript))

    thumb.link("Choisir la semaine type")
    for jour in ("lundi", "mardi", "jeudi", "vendredi"):
        thumb.box(f"Jules, midi, {jour}")
        thumb.box(f"Jules, soir, {jour}")
    thumb.button("Tous comme Jules", leads=not javascript)
    thumb.button("Voir l’aperçu")
    thumb.button("Remplir le planning")

    assert thumb.taps <= 12
    page = thumb.page
    expect(page.get_by_role("heading", name="Le planning est rempli jusqu’au 2 juillet 2027")).to_be_visible()
    assert Inscription.objects.inscrit().count() == 3 * 2 * 93  # the school days from 7 December to 2 July
    assert {(i.enfant.prenom, i.creneau.code) for i in Inscription.objects.select_related("enfant", "creneau")} == {
        (prenom, creneau) for prenom in ("Jules", "Léa", "Tom") for creneau in ("midi", "soir")
    }
    site.run_tasks()
    assert [mail.to for mail in site.mails] == [[famille.camille.user.email]]

    page.goto("/")
    thumb = Thumb(page)
    thumb.link(re.compile("^Modifier le lundi 7"))
    thumb.box("Tom, soir, lundi 7")
    thumb.button("Enregistrer")

    assert thumb.taps <= 3
    expect(page.locator("#resultat")).to_contain_text("Tom : soir retiré, lundi 7")
    assert Inscription.objects.inscrit().count() == 3 * 2 * 93 - 1


@both
def test_pattern_filled_is_undone_at_once(site: Site, javascript):
    famille = make_famille("Léa")
    page = famille.open(site, PAGE, javascript)
    page.get_by_role("checkbox", name="Léa, soir, jeudi", exact=True).check()
    press(page, "Voir l’aperçu")
    expect(page.get_by_role("main")).to_contain_text("Rien n’est encore enregistré.")
    press(page, "Remplir le planning")

    press(page, "Annuler ces changements")

    expect(page.locator("#resultat")).to_contain_text("C’est annulé")
    assert Inscription.objects.inscrit().count() == 0
    page.goto("/historique/")
    expect(page.get_by_role("main")).to_contain_text("annulé par vous à 20 h 41")


@both
def test_way_back_from_the_preview_keeps_what_was_chosen(site: Site, javascript):
    page = make_famille().open(site, PAGE, javascript)
    page.get_by_role("checkbox", name="Tom, matin, mardi", exact=True).check()
    page.locator("summary", has_text="2. La période").click()
    page.get_by_label("Jusqu’aux vacances de Noël").check()
    page.get_by_label(re.compile("à partir du lundi 14.décembre")).check()
    press(page, "Voir l’aperçu")
    expect(page.get_by_role("main")).to_contain_text(re.compile("une semaine sur deux, à partir du lundi 14.décembre"))
    press(page, "Revenir")

    expect(page.get_by_role("checkbox", name="Tom, matin, mardi", exact=True)).to_be_checked()
    expect(page.locator("summary", has_text="2. La période")).to_contain_text(
        re.compile("Jusqu’aux vacances de Noël, une semaine sur deux, à partir du lundi 14.décembre")
    )
    assert Inscription.objects.count() == 0


def test_places_are_asked_again_without_touching_ticks(site: Site):
    famille, others = make_famille(), make_famille("Noé")
    Creneau.objects.filter(code="soir").update(places=1)
    page = site.open(user=famille.camille.user)
    page.clock.install()
    page.goto(MOIS)
    box = page.get_by_role("checkbox", name="Léa, soir, mardi 8", exact=True)
    page.get_by_role("checkbox", name="Tom, matin, mardi 8", exact=True).check()
    expect(box).to_have_accessible_description("1 place")

    others.enregistrer("Noé, 8, soir")
    with page.expect_response("**/planning/places.json?mois=2026-12"):
        page.clock.run_for(60_000)

    expect(box).to_have_accessible_description(re.compile("complet"))
    expect(box).to_have_attribute("name", "attente")
    expect(page.get_by_role("checkbox", name="Tom, matin, mardi 8", exact=True)).to_be_checked()
    assert Enregistrement.objects.count() == 1
