"""Sick children, told from the home of a phone: the taps are counted. By keyboard, and without JavaScript, too."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, expect

from enfance.models import Absence
from tests.navigateur.famille import make_famille
from tests.navigateur.gestes import go
from tests.navigateur.site import PHONE, TINY, Site

pytestmark = pytest.mark.navigateur
MATIN = datetime(2026, 12, 7, 7, 40, tzinfo=timezone.get_default_timezone())


def make_malades():
    """Monday morning, three children awaited in the evening, the limit gone by since Friday."""
    famille = make_famille("Léa", "Tom", "Zoé")
    famille.enregistrer("Léa, 7, soir", "Tom, 7, soir", "Zoé, 7, soir")
    return famille


class Doigt:
    """Taps, and counts them."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, target: Locator, *, leads: bool = False) -> None:
        self.taps += 1
        if leads:
            go(target)
        else:
            target.click()


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no js"])
def test_three_sick_children_are_told_in_four_taps_at_most(site: Site, javascript):
    famille, doigt = make_malades(), Doigt()
    site.clock.move_to(MATIN)
    page = famille.open(site, "/", javascript=javascript)
    doigt.tap(page.get_by_text("Signaler une absence"))
    doigt.tap(page.get_by_role("button", name="Tous absents"), leads=True)
    assert doigt.taps <= 4
    expect(page.locator("#resultat")).to_contain_text("L’absence de Léa, de Tom et de Zoé est signalée pour lundi 7")
    assert Absence.objects.count() == 3

    doigt = Doigt()
    doigt.tap(page.get_by_role("button", name="Tom vient finalement"), leads=True)
    assert doigt.taps == 1
    expect(page.locator("#resultat")).to_contain_text("L’absence de Tom, lundi 7 décembre, est retirée")
    site.run_tasks()
    assert len([mail for mail in site.mails if mail.to == [famille.camille.user.email]]) == 3  # with the inscriptions


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no js"])
def test_two_of_three_are_told_in_four_taps(site: Site, javascript):
    famille, doigt = make_malades(), Doigt()
    site.clock.move_to(MATIN)
    page = famille.open(site, "/", javascript=javascript)
    doigt.tap(page.get_by_text("Signaler une absence"))
    doigt.tap(page.get_by_role("checkbox", name="Léa"))
    doigt.tap(page.get_by_role("checkbox", name="Zoé"))
    doigt.tap(page.get_by_role("button", name="Prévenir l’équipe"), leads=True)
    assert doigt.taps <= 4
    expect(page.locator("#resultat")).to_contain_text("L’absence de Léa et de Zoé est signalée")


def test_absence_is_told_by_keyboard_on_the_smallest_screen(site: Site):
    famille = make_malades()
    site.clock.move_to(MATIN)
    page = site.open("/", user=famille.camille.user, size=TINY)
    page.locator("summary", has_text="Signaler une absence").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(3):  # Tom, Zoé, then the button
        page.keyboard.press("Tab")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#resultat")).to_be_focused()
    assert Absence.objects.get().enfant == famille.enfants["Léa"]


def test_what_is_tapped_is_large_enough_for_a_finger(site: Site):
    famille = make_malades()
    site.clock.move_to(MATIN)
    page = site.open("/", user=famille.camille.user, size=PHONE)
    page.get_by_text("Signaler une absence").click()
    targets = page.locator(".absence summary, .absence label, .absence button").all()
    assert len(targets) == 6
    assert [round(box["height"]) for target in targets if (box := target.bounding_box()) and box["height"] < 44] == []
