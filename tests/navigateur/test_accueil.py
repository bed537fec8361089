"""The home and the page of a day on a phone: names whole, and a box that waits that does not look planned."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from enfance.models import Creneau, Enregistrement, Inscription
from tests.navigateur.famille import make_famille
from tests.navigateur.gestes import press
from tests.navigateur.site import PHONE, TINY, Site

pytestmark = pytest.mark.navigateur

CUT = """() => [...document.querySelectorAll('.trois dt')].filter(dt => {
  const range = document.createRange(), text = dt.firstChild;
  const top = i => { range.setStart(text, i); range.setEnd(text, i + 1); return range.getBoundingClientRect().top; };
  return [...text.data].some((_, i) => i && top(i) !== top(i - 1) && !text.data.slice(i - 1, i + 1).includes('-'));
}).map(dt => dt.textContent)"""
WIDE = """() => [...document.querySelectorAll('.trois dd')].filter(dd => dd.scrollWidth > dd.clientWidth + 1).length"""


@pytest.mark.parametrize("size", [PHONE, (360, 740), TINY], ids=["390", "360", "320"])
def test_first_names_are_never_cut(site: Site, size):
    famille = make_famille("Ambre", "Victoire", "Clémentine", "Maximilien-Alexandre")
    famille.enregistrer("Ambre, 7, matin", "Ambre, 7, midi", "Ambre, 7, soir", "Victoire, 7, midi")
    page = site.open("/", user=famille.camille.user, size=size)
    assert page.evaluate(CUT) == []
    assert page.evaluate(WIDE) == 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_day_says_that_a_full_box_waits_in_one_place(site: Site):
    famille = make_famille()
    Creneau.objects.filter(code="soir").update(places=1)
    make_famille("Noé").enregistrer("Noé, 8, soir")
    page = site.open("/jour/2026-12-08/", user=famille.camille.user, size=PHONE)
    ligne = page.locator("label.switch", has=page.get_by_role("checkbox", name="Léa, soir, mardi 8"))
    expect(ligne).to_contain_text("complet")
    planned = page.locator("label.switch", has=page.get_by_role("checkbox", name="Léa, midi, mardi 8"))

    ligne.get_by_role("checkbox").check()
    planned.get_by_role("checkbox").check()

    expect(ligne).not_to_contain_text("complet")
    expect(ligne.locator("small", has_text="attente")).to_have_count(1)
    expect(ligne.locator(".note")).to_have_count(0)
    colour = "e => getComputedStyle(e).backgroundColor"
    assert ligne.evaluate(colour) != planned.evaluate(colour)
    press(page, "Enregistrer")
    expect(ligne).to_contain_text("attente n° 1")
    assert Inscription.objects.filter(enfant=famille.enfants["Léa"], etat="attente").count() == 1


def test_what_was_done_takes_the_focus_on_the_file_of_a_child(site: Site):
    famille = make_famille()
    page = famille.open(site, f"/enfants/{famille.enfants['Léa'].pk}/")
    page.get_by_text("Ajouter une personne", exact=True).click()
    page.get_by_label("Prénom et nom").fill("Odile Morel")
    press(page, "Ajouter cette personne")
    expect(page.locator("#resultat")).to_be_focused()
    expect(page.locator("#resultat")).to_have_text("Odile Morel peut venir chercher Léa.")

    page.get_by_text("Ajouter une personne", exact=True).click()
    page.get_by_label("Téléphone").fill("06")
    press(page, "Ajouter cette personne")
    expect(page.locator("#resume-erreurs")).to_be_focused()
    expect(page.locator("#resume-erreurs a").last).to_have_text(
        "Téléphone : Écrivez un numéro complet, comme 06 39 98 00 00."
    )


def test_what_was_undone_takes_the_focus_on_home(site: Site):
    famille = make_famille()
    page = famille.open(site, "/planning/2026-12/")
    page.get_by_role("checkbox", name="Léa, soir, mardi 8", exact=True).check()
    press(page, "Enregistrer")
    expect(page.locator("#resultat")).to_be_focused()
    page.goto("/historique/")
    reference = Enregistrement.objects.get().pk
    press(page, f"Annuler les changements de 20 h 41, référence {reference}")
    expect(page.locator("#resultat")).to_be_focused()
