"""The home and the page of a day on a phone: names whole, and a box that waits that does not look planned."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from enfance.models import Creneau, Enregistrement, Fermeture, Inscription
from tests.navigateur.famille import make_famille
from tests.navigateur.gestes import go, press
from tests.navigateur.site import PHONE, TINY, Site

pytestmark = pytest.mark.navigateur

LUNDI_MATIN = datetime(2026, 12, 7, 7, 40, tzinfo=timezone.get_default_timezone())
FERME = "Fermé vendredi 8 janvier : formation de l’équipe"
OF_A_DAY = {"Modifier", "Appeler"}  # a reader hears the day as well
CRENEAUX = ["matin", "midi", "soir"]
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


def make_trio(jours: int, loin: bool = True):
    """Three children awaited at each moment of so many days a week; a closure far away."""
    famille = make_famille("Léa", "Tom", "Zoé")
    semaine = [jour for jour in (7, 8, 10, 11) if jour <= [7, 8, 10, 11][jours - 1]]
    famille.enregistrer(*(f"{nom}, {j}, {c}" for nom in famille.enfants for j in semaine for c in CRENEAUX))
    if loin:
        Fermeture.objects.create(debut=date(2027, 1, 8), fin=date(2027, 1, 8), motif="formation de l’équipe")
    return famille


@pytest.mark.parametrize("heure", [None, LUNDI_MATIN], ids=["evening", "morning"])
@pytest.mark.parametrize("jours", [1, 2, 3, 4])
def test_home_of_three_children_is_under_two_screens(site: Site, jours, heure):
    famille = make_trio(jours)
    if heure:
        site.clock.move_to(heure)  # an absence may be told
    page = famille.open(site, "/")
    assert page.locator(".jour").count() == 4
    assert page.evaluate("document.documentElement.scrollHeight") <= 2 * PHONE[1]


def test_home_of_three_children_has_no_link_thrice(site: Site):
    page = make_trio(4).open(site, "/")
    links = "[...document.querySelectorAll('main a')]"
    targets = Counter(page.evaluate(f"{links}.filter(a => a.protocol !== 'tel:').map(a => a.pathname)"))
    said = Counter(page.evaluate(f"{links}.map(a => a.innerText.trim().split('\\n')[0])"))
    assert [link for link, n in targets.items() if n > 1] == []
    assert [words for words, n in said.items() if n > 1 and words not in OF_A_DAY] == []


@pytest.mark.parametrize("prenoms", [["Léa"], ["Léa", "Tom", "Zoé"]], ids=["one", "three"])
def test_home_of_who_has_nothing_yet_has_one_sentence_and_one_button(site: Site, prenoms):
    page = make_famille(*prenoms).open(site, "/")
    expect(page.locator("main p:visible")).to_have_count(1)
    expect(page.locator("main .btn:visible")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollHeight") <= PHONE[1] * 1.2
    go(page.get_by_role("link", name="Choisir la semaine type"))
    expect(page).to_have_url(re.compile("/semaine-type/$"))


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no js"])
def test_closure_far_away_is_put_away_by_its_reader(site: Site, javascript):
    famille = make_trio(1)
    page = famille.open(site, "/", javascript=javascript)
    ligne = page.get_by_text(FERME, exact=True)
    expect(ligne).to_be_visible()
    assert page.locator(".loin li").evaluate("e => e.clientHeight") <= 48
    go(page.get_by_role("button", name="Masquer cette ligne"))
    expect(ligne).to_have_count(0)
    expect(site.open("/", user=famille.dominique.user).get_by_text(FERME, exact=True)).to_be_visible()
    expect(famille.open(site, "/").get_by_text(FERME, exact=True)).to_have_count(0)


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
