"""Two services of the lunch break: on a canteen day the hour changes in one save, with and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from enfance.models import Inscription
from tests.navigateur.etats_repas import with_two_services
from tests.navigateur.famille import MOIS
from tests.navigateur.gestes import press
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur
both = pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])
pages = pytest.mark.parametrize("path", [MOIS, "/jour/2026-12-08/"], ids=["month", "day"])


def box(page: Page, moment: str):
    return page.get_by_role("checkbox", name=f"Léa, {moment}, mardi 8", exact=True)


def services() -> list[str]:
    return list(Inscription.objects.inscrit().values_list("creneau__code", flat=True))


@both
@pages
def test_hour_of_a_canteen_day_changes_in_one_save(site: Site, path, javascript):
    page = with_two_services().open(site, path, javascript)

    box(page, "midi 2").check()
    box(page, "midi").uncheck()
    press(page, "Enregistrer")

    expect(page.locator("#resultat")).to_contain_text("C’est enregistré")
    assert services() == ["midi-2"]


@both
@pages
def test_lunch_break_of_a_meal_is_not_left_alone(site: Site, path, javascript):
    page = with_two_services().open(site, path, javascript)

    box(page, "midi").uncheck()
    press(page, "Enregistrer")

    expect(page.get_by_role("main")).to_contain_text("un repas de cantine est commandé")
    assert services() == ["midi"]


def test_box_says_how_the_hour_changes(site: Site):
    page = with_two_services().open(site, MOIS)

    expect(box(page, "midi")).to_have_accessible_description(
        "repas de cantine commandé, pour changer d’heure cochez l’autre midi et décochez celui-ci"
    )
