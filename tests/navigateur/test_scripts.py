"""What scripts do to those who neither see nor click: RGAA 7.1, 7.3 and 7.5."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.factories import StaffFactory
from tests.navigateur.etats_comptes import restricted
from tests.navigateur.famille import MOIS, make_famille
from tests.navigateur.site import Site
from tests.navigateur.telephones import Gate, bar, box, hear

pytestmark = pytest.mark.navigateur

TWO_HOURS = 7_200_000  # milliseconds, after which a parent's session is over


def press_by_key(page: Page, name: str) -> None:
    button = page.get_by_role("button", name=name, exact=True)
    button.focus()
    button.press("Enter")
    expect(button).to_be_hidden()


def test_focus_stays_when_a_week_is_repeated_in_the_month(site: Site):
    page = make_famille("Léa").open(site, MOIS)
    page.get_by_role("checkbox", name="Léa, soir, mardi 8", exact=True).check()

    press_by_key(page, "Tous les mardis aussi")

    expect(page.get_by_role("button", name="Annuler le dernier")).to_be_focused()


def test_focus_goes_back_where_it_was_when_the_session_goes_on(site: Site):
    famille = make_famille("Léa")
    page = site.open(user=famille.camille.user)
    page.clock.install()
    page.goto("/compte/")
    came_from = page.get_by_role("button", name="Obtenir le lien pour mon calendrier")
    came_from.focus()
    page.clock.fast_forward(TWO_HOURS - 60_000)
    expect(page.get_by_role("alert").filter(has_text="Votre session se ferme")).to_be_visible()

    press_by_key(page, "Rester connecté")

    expect(came_from).to_be_focused()


def test_focus_goes_to_the_state_when_the_call_has_nothing_more_to_send(gate: Gate, enfants):
    page, reseau = gate.phone(StaffFactory())
    again = page.get_by_role("button", name="Réessayer")
    reseau.cut()
    box(page, "Anna").check()
    expect(again).to_be_visible()
    again.focus()

    reseau.mend()
    hear(page)
    expect(again).to_be_hidden()

    expect(bar(page)).to_be_focused()


def test_kept_boxes_are_said_when_they_come_under_the_title(site: Site):
    page = make_famille("Léa").open(site, MOIS)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(".tuile").first.check()
    page.goto("/historique/")

    said = page.get_by_role("alert")

    expect(said).to_have_text("1\u00a0case n’a pas été enregistrée")


def test_kept_boxes_of_which_the_server_says_nothing_are_an_alert(site: Site):
    page = make_famille("Léa").open(site, MOIS)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(".tuile").first.check()
    page.route("**/gardees/**", lambda route: route.abort())

    page.goto("/historique/")

    expect(page.get_by_role("alert")).to_contain_text("rechargez la page pour les voir")


def test_enter_goes_from_a_new_password_to_its_confirmation_then_sends_both(site: Site):
    page = restricted(site, True)
    expect(page.get_by_label("Nouveau mot de passe", exact=True)).to_be_focused()

    page.keyboard.type("Vélo nuage tartine 8")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Confirmation mot de passe", exact=True)).to_be_focused()
    page.keyboard.type("Vélo nuage tartine 8")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    expect(page.get_by_role("main")).to_contain_text("Votre mot de passe est changé")


def test_each_rule_of_a_password_says_whether_it_is_kept(site: Site):  # the tick drawn beside it is for the eyes
    page = restricted(site, True)
    rules = page.locator("[data-critere]")

    page.locator("[name=new_password1]").fill("Vélo")

    expect(rules.filter(has_text="une majuscule")).to_contain_text("une majuscule\u00a0: oui")
    expect(rules.filter(has_text="un chiffre")).to_contain_text("un chiffre\u00a0: pas encore")
