"""The week of calls at the town hall: what somebody at the counter clicks while the telephone is at the ear."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from enfance.models import Absence
from tests.factories import StaffFactory
from tests.navigateur.famille import make_famille
from tests.navigateur.gestes import Doigt, go
from tests.navigateur.site import DESKTOP, PHONE, Site

pytestmark = pytest.mark.navigateur
MATIN = datetime(2026, 12, 7, 7, 40, tzinfo=timezone.get_default_timezone())


@pytest.mark.parametrize(("screen", "javascript"), [(DESKTOP, True), (DESKTOP, False), (PHONE, True)])
def test_sick_child_is_noted_in_three_clicks(site: Site, screen, javascript):
    famille, doigt = make_famille("Léa", "Tom", "Zoé"), Doigt()
    famille.enregistrer(*(f"{nom}, 7, {creneau}" for nom in famille.enfants for creneau in ("midi", "soir")))
    site.clock.move_to(MATIN)
    page = site.open("/admin/", user=StaffFactory(), size=screen, javascript=javascript)

    page.get_by_role("searchbox").fill(famille.camille.user.identifiant)
    doigt.tap(page.get_by_role("button", name="Trouver"), leads=True)
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
