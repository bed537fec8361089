"""Sick children, told from the home of a phone: the taps are counted. By keyboard, and without JavaScript, too."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from enfance.models import Absence
from tests.navigateur.famille import make_famille
from tests.navigateur.gestes import Doigt, go
from tests.navigateur.site import PHONE, TINY, Site

pytestmark = pytest.mark.navigateur
MATIN = datetime(2026, 12, 7, 7, 40, tzinfo=timezone.get_default_timezone())


def make_malades():
    """Monday morning, three children awaited at noon and in the evening, the limit gone by since Friday."""
    famille = make_famille("Léa", "Tom", "Zoé")
    famille.enregistrer(*(f"{nom}, 7, {creneau}" for nom in famille.enfants for creneau in ("midi", "soir")))
    return famille


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no js"])
def test_sick_child_is_told_in_three_taps(site: Site, javascript):
    famille, doigt = make_malades(), Doigt()
    site.clock.move_to(MATIN)
    page = famille.open(site, "/", javascript=javascript)
    doigt.tap(page.get_by_role("link", name="Absent aujourd’hui ?"), leads=True)
    doigt.tap(page.get_by_role("checkbox", name="Tom"))
    doigt.tap(page.get_by_role("button", name="Prévenir la garderie"), leads=True)
    assert doigt.taps == 3
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tom aujourd’hui, midi et soir")
    absence = Absence.objects.get()
    assert (absence.enfant, absence.moments) == (famille.enfants["Tom"], "midi et soir")

    page.reload()  # it has its own address: nothing is asked nor sent again
    page.go_back()
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tom aujourd’hui")
    assert Absence.objects.count() == 1

    go(page.get_by_role("button", name="Tom vient finalement"))
    expect(page.locator("#resultat")).to_contain_text("L’absence de Tom, lundi 7 décembre, est retirée")
    assert Absence.objects.standing().count() == 0
    site.run_tasks()
    assert len([mail for mail in site.mails if mail.to == [famille.camille.user.email]]) == 2  # bookings, taken back


def test_moments_open_with_their_child(site: Site):
    famille = make_malades()
    site.clock.move_to(MATIN)
    page = famille.open(site, "/jour/2026-12-07/absences/", javascript=False)
    moments = page.get_by_role("group", name="Moments où Léa")
    expect(moments).to_be_hidden()
    page.get_by_role("checkbox", name="Léa").check()
    expect(moments).to_be_visible()
    moments.get_by_role("checkbox", name="Soir").uncheck()
    go(page.get_by_role("button", name="Prévenir la garderie"))
    assert Absence.objects.get().moments == "midi"


def test_absence_is_told_by_keyboard_on_the_smallest_screen(site: Site):
    famille = make_malades()
    site.clock.move_to(MATIN)
    page = site.open("/jour/2026-12-07/absences/", user=famille.camille.user, size=TINY)
    page.get_by_role("checkbox", name="Léa").focus()
    page.keyboard.press("Space")
    for _ in range(5):  # her two moments, Tom, Zoé, the button
        page.keyboard.press("Tab")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Absence.objects.get().enfant == famille.enfants["Léa"]


def test_what_is_tapped_is_large_enough_for_a_finger(site: Site):
    famille = make_malades()
    site.clock.move_to(MATIN)
    page = site.open("/jour/2026-12-07/absences/", user=famille.camille.user, size=PHONE)
    page.get_by_role("checkbox", name="Léa").check()
    targets = page.locator("form.pile label:visible, form.pile button").all()
    assert len(targets) == 6
    assert [round(box["height"]) for target in targets if (box := target.bounding_box()) and box["height"] < 44] == []
