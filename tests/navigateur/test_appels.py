"""The week of calls at the town hall: what somebody at the counter clicks while the telephone is at the ear."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from enfance.models import Absence, Inscription
from tests.factories import StaffFactory
from tests.navigateur.famille import make_famille
from tests.navigateur.gestes import Doigt, go
from tests.navigateur.site import DESKTOP, PHONE, Site

pytestmark = pytest.mark.navigateur
MATIN = datetime(2026, 12, 7, 7, 40, tzinfo=timezone.get_default_timezone())


def find(page: Page, doigt: Doigt, typed: str) -> None:
    """Type in the header's search, and find: by its button, or by the telephone's own key where it has no room."""
    page.get_by_role("searchbox").fill(typed)
    if (page.viewport_size or {}).get("width") == PHONE[0]:
        doigt.taps += 1
        with page.expect_navigation():
            page.keyboard.press("Enter")
    else:
        doigt.tap(page.get_by_role("button", name="Trouver"), leads=True)


@pytest.mark.parametrize(("screen", "javascript"), [(DESKTOP, True), (DESKTOP, False), (PHONE, True)])
def test_sick_child_is_noted_in_three_clicks(site: Site, screen, javascript):
    famille, doigt = make_famille("Léa", "Tom", "Zoé"), Doigt()
    famille.enregistrer(*(f"{nom}, 7, {creneau}" for nom in famille.enfants for creneau in ("midi", "soir")))
    site.clock.move_to(MATIN)
    page = site.open("/admin/", user=StaffFactory(), size=screen, javascript=javascript)

    find(page, doigt, famille.camille.user.identifiant)
    doigt.tap(page.get_by_role("checkbox", name="Tom", exact=True))
    doigt.tap(page.get_by_role("button", name="Noter l’absence"), leads=True)

    assert doigt.taps == 3
    expect(page.locator(".absence-f h2")).to_have_text("Absence de Tom aujourd’hui, midi et soir")
    absence = Absence.objects.get()
    assert (absence.enfant, absence.moments) == (famille.enfants["Tom"], "midi et soir")

    page.reload()  # nothing is sent again
    go(page.get_by_role("button", name="Tom vient finalement"))
    expect(page.get_by_role("button", name="Tom vient finalement")).to_have_count(0)
    assert Absence.objects.get().retiree_le is not None


@pytest.mark.parametrize(("screen", "javascript"), [(DESKTOP, True), (DESKTOP, False), (PHONE, True)])
def test_each_tuesday_until_june_is_booked_in_six_clicks(site: Site, screen, javascript):
    famille, doigt = make_famille("Léa", "Tom", "Zoé"), Doigt()
    page = site.open("/admin/", user=StaffFactory(), size=screen, javascript=javascript)

    find(page, doigt, famille.camille.user.identifiant)
    doigt.tap(page.get_by_role("link", name="Semaine type, jusqu’à une date"), leads=True)
    doigt.tap(page.get_by_role("link", name="Tom", exact=True), leads=True)
    doigt.tap(page.get_by_role("checkbox", name="Tom, soir, mardi", exact=True))
    doigt.tap(page.get_by_role("button", name="Voir ce qui change"), leads=True)
    doigt.tap(page.get_by_role("button", name="Enregistrer 24\u00a0soirs"), leads=True)

    assert doigt.taps == 6  # five for the eldest, who is shown first
    expect(page.locator("#resultat")).to_contain_text("Tom\u00a0: soir ajouté, 24\u00a0jours du mardi 8\u00a0décembre")
    jours = Inscription.objects.filter(enfant=famille.enfants["Tom"], etat="inscrit").order_by("jour")
    assert [jours.first().jour, jours.last().jour] == [date(2026, 12, 8), date(2027, 6, 29)]


def test_week_of_the_planning_is_copied_past_its_month(site: Site):
    famille, doigt = make_famille("Léa"), Doigt()
    famille.enregistrer("Léa, 8, soir", "Léa, 10, matin")
    page = site.open(f"/guichet/{famille.camille.foyer_id}/planning/2026-12/", user=StaffFactory())

    doigt.tap(page.get_by_role("link", name="Recopier au-delà du mois\u00a0: semaine du 7 au 11 décembre"), leads=True)
    doigt.tap(page.get_by_role("button", name="Voir ce qui change"), leads=True)
    doigt.tap(page.locator("button[name=confirmer]"), leads=True)

    assert doigt.taps == 3
    jours = Inscription.objects.filter(etat="inscrit", jour__gte=date(2027, 6, 28)).order_by("jour")
    assert [(ligne.jour.day, ligne.creneau.code) for ligne in jours] == [(29, "soir"), (1, "matin")]
