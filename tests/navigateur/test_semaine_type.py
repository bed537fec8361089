"""The semaine type: previewed, filled, undone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from enfance.models import Creneau, Enregistrement, Inscription
from tests.navigateur.famille import MOIS, make_famille
from tests.navigateur.gestes import go, press
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

PAGE = "/semaine-type/"
both = pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])


@both
def test_pattern_filled_is_undone_at_once(site: Site, javascript):
    famille = make_famille("Léa")
    page = famille.open(site, PAGE, javascript)
    page.get_by_role("checkbox", name="Léa, soir, jeudi", exact=True).check()
    press(page, "Voir l’aperçu")
    expect(page.get_by_role("main")).to_contain_text("Rien n’est encore enregistré.")
    press(page, "Enregistrer l’année")

    go(page.get_by_role("button", name=re.compile("^Annuler, jusqu’à")))

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
