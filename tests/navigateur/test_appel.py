"""The sheet in the hand of an animator: what it counts, what it asks before it is closed, what it finds."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from enfance.models import Absence, Appel, Enfant, Pointage
from tests.enfance.gate import JEUDI, inscrire
from tests.factories import StaffFactory, make_enfant
from tests.navigateur.gestes import go, press
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

SOIR = "/equipe/2026-12-10/?creneau=soir"
BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])


def box(page: Page, prenom: str, quoi: str = "présent"):
    return page.get_by_role("checkbox", name=re.compile(f"^{prenom} Morel, {quoi}"))


def sent(page: Page) -> None:
    """Every tap has been answered for."""
    expect(page.locator("[data-reseau]")).to_contain_text("Appel enregistré")
    expect(page.locator(".modif")).to_have_count(0)


def test_counts_follow_the_boxes_in_the_words_of_the_server(site: Site, enfants):
    Absence.objects.create(enfant=Enfant.objects.get(prenom="Anna"), jour=JEUDI)
    for prenom in ("Mona", "Nils"):
        inscrire(make_enfant(prenom=prenom), etat="attente")
    page = site.open(SOIR, user=StaffFactory())
    comptes, encore = page.locator(".jauge p").first, page.locator("[data-encore]")
    for ticks, words in [
        ([], "0 présent sur 11 attendus"),
        (["Basile"], "1 présent sur 11 attendus"),
        (["Anna", "Mona"], "2 présents sur 12 attendus et 1 venu sans inscription"),
        (["Nils"], "2 présents sur 12 attendus et 2 venus sans inscription"),
    ]:
        for prenom in ticks:
            box(page, prenom).check()
        expect(comptes).to_have_text(words)
    box(page, "Nils", "parti").check()
    sent(page)
    expect(encore).to_have_text("3")
    page.reload()
    expect(comptes).to_have_text("2 présents sur 12 attendus et 2 venus sans inscription")
    expect(encore).to_have_text("3")


@BOTH
def test_sheet_is_closed_on_children_still_there_once_they_are_named(site: Site, enfants, javascript):
    page = site.open(SOIR, user=StaffFactory(), javascript=javascript)
    for prenom in ("Anna", "Basile"):
        box(page, prenom).check()
    box(page, "Chloé", "parti").check()
    if javascript:
        sent(page)
    page.locator("summary", has_text="Terminer l’appel").click()
    press(page, "Appel terminé")
    question = page.locator("#clore")
    expect(question).to_contain_text("Encore là : Anna Morel et Basile Morel")
    expect(page.get_by_role("button", name="Appel terminé")).to_have_count(0)
    if javascript:
        expect(question).to_be_focused()
    go(page.get_by_role("link", name="Revenir"))
    assert (Appel.objects.count(), Pointage.objects.filter(present=True).count()) == (0, 3)

    page.locator("summary", has_text="Terminer l’appel").click()
    press(page, "Appel terminé")
    box(page, "Anna", "parti").check()
    if javascript:
        sent(page)
        expect(question).to_contain_text("Encore là : Basile Morel")
    press(page, "Clore quand même")
    expect(page.get_by_role("heading", name="Appel terminé")).to_be_visible()
    assert (Appel.objects.count(), Pointage.objects.filter(depart=None, present=True).count()) == (1, 1)


def test_saving_is_offered_while_something_waits_alone(site: Site, enfants):
    page = site.open(SOIR, user=StaffFactory())
    button = page.locator("[data-barre] .btn")
    expect(button).to_be_hidden()
    page.route("**/pointage/", lambda route: route.abort())
    box(page, "Anna").check()
    expect(button).to_have_text("Réessayer")
    page.unroute("**/pointage/")
    button.click()
    sent(page)
    expect(button).to_be_hidden()
