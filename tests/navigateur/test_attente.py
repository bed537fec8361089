"""What waits for the network leaves from whichever page is open, once, and is said on every page until it has."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from enfance.models import Geste, Inscription
from tests.factories import StaffFactory
from tests.navigateur.telephones import JOUR, SOIR, Gate, bar, box, present, waits

pytestmark = pytest.mark.navigateur
MIDI = f"{JOUR}?creneau=midi"
LEFT = "() => Object.keys(localStorage).filter(key => key.startsWith('pointages:')).length"


@pytest.fixture
def midi(enfants) -> None:
    """The same children, at noon."""
    soir = Inscription.objects.select_related("creneau").first().creneau
    midi = type(soir).objects.get(code="midi")
    Inscription.objects.bulk_create(
        Inscription(enfant=enfant, jour=inscription.jour, creneau=midi)
        for enfant, inscription in zip(enfants, Inscription.objects.order_by("enfant"), strict=True)
    )


def tick_two_sheets(page: Page) -> None:
    """Three taps without network: two of the evening, one of noon."""
    box(page, "Anna").check()
    box(page, "Basile", "parti").check()
    expect(bar(page)).to_contain_text("En attente de réseau : 2 pointages")
    page.goto(MIDI)
    box(page, "Chloé").check()
    expect(bar(page)).to_contain_text("En attente de réseau : 3 pointages")


@pytest.mark.parametrize(
    "path",
    [
        "/compte/",
        "/aide/equipe/",
        f"{JOUR}imprimer/",
        f"{JOUR}ajouter/?creneau=soir",
        "/equipe/2026-12-09/",
        "/admin/",
    ],
)
def test_two_sheets_ticked_without_network_leave_from_a_third_page_within_ten_seconds(gate: Gate, midi, path):
    page, reseau = gate.phone(StaffFactory())
    page.goto(path)
    third = page.context.new_page()
    third.goto(SOIR)
    reseau.cut()
    tick_two_sheets(third)
    third.close()
    page.bring_to_front()
    expect(waits(page)).to_contain_text("3 pointages attendent le réseau.")

    reseau.mend()
    expect(waits(page)).to_be_hidden(timeout=10_000)
    assert Geste.objects.count() == 3
    assert present() == ["Anna", "Basile", "Chloé"]
    assert page.evaluate(LEFT) == 0
