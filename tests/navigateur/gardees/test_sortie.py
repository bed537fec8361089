"""Logging out with ticks that wait, and a network that is gone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Error, expect

from tests.navigateur.famille import MOIS, Famille
from tests.navigateur.gardees.scene import (
    CACHED,
    KEPT,
    TOM,
    Scene,
    box,
    tick,
    told,
    wait_for_service,
)
from tests.navigateur.gestes import go, press
from tests.navigateur.reseau import Reseau
from tests.navigateur.site import Site
from tests.navigateur.telephones import LEFT, wait_until

pytestmark = pytest.mark.navigateur


def test_logging_out_asks_first_then_clears(scene: Scene):
    page, dialogs = scene.page, []
    page.on("dialog", lambda dialog: dialogs.append(dialog.type))

    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_role("button", name="Revenir les enregistrer").click()
    expect(page.locator("#enregistrer")).to_be_focused()
    expect(page.locator("[data-quitter]")).to_have_count(0)
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.locator("[data-quitter]")).to_contain_text("2\u00a0cases ne sont pas enregistrées.")
    expect(page.locator("[data-quitter]")).to_be_focused()
    press(page, "Se déconnecter quand même")

    expect(page.get_by_role("heading", level=1)).to_have_text("Accès famille")
    assert dialogs == []  # asked once
    wait_until(page, KEPT, 0)
    scene.come_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bonsoir Camille")
    expect(told(page)).to_have_count(0)


def test_network_lost_shows_a_page_of_the_portal_and_no_personal_one(scene: Scene):
    page, reseau = scene.page, scene.reseau
    reseau.cut()
    for path in ("/", "/semaine-type/", "/compte/"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")
        expect(page.get_by_text("2\u00a0cases pas encore enregistrées sont gardées sur cet appareil")).to_be_visible()
        expect(page.get_by_text("Camille")).to_have_count(0)
    for path in ("/equipe/", "/admin/", "/connexion/"):  # not a family's: the browser's own page
        beside = page.context.new_page()
        with pytest.raises(Error, match="ERR_"):
            beside.goto(path)
        beside.close()
    reseau.mend()

    page.goto("/compte/")
    kept = page.evaluate(CACHED)

    assert [path for path in kept if not path.startswith("/static/")] == ["/hors-ligne/"]


def test_absence_that_did_not_leave_is_not_told_as_kept(site: Site, famille: Famille, reseau: Reseau):
    page = site.open("/", user=famille.camille.user, base=reseau.url)
    wait_for_service(page)
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', "
        "'<form method=post action=/jour/2026-12-04/absences/><button>Signaler sans réseau</button></form>')"
    )
    reseau.cut()
    go(page.get_by_role("button", name="Signaler sans réseau"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")
    expect(page.get_by_text("Ce n’est sans doute pas parti")).to_be_visible()
    expect(page.get_by_text("sera dans la grille")).not_to_be_visible()
    reseau.mend()

    go(page.get_by_role("link", name="Réessayer"))

    expect(page.get_by_role("heading", level=1)).to_have_text("Absent vendredi 4 décembre")


def test_logging_out_without_network_says_that_it_is_not_done(site: Site, famille: Famille, reseau: Reseau):
    page = site.open("/", user=famille.camille.user, base=reseau.url)
    wait_for_service(page)
    reseau.cut()
    go(page.get_by_role("button", name="Se déconnecter"))
    expect(page.get_by_text("Vous n’êtes pas encore déconnecté")).to_be_visible()
    reseau.mend()

    go(page.get_by_role("link", name="Réessayer"))
    press(page, "Se déconnecter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Accès famille")


def test_logging_out_without_network_nor_the_question_keeps_what_waits(site: Site, famille: Famille, reseau: Reseau):
    """The file that asks the question comes when a box waits: too late here."""
    page = site.open("/", user=famille.camille.user, base=reseau.url)
    wait_for_service(page)
    page.goto(MOIS)
    reseau.cut()
    tick(page, TOM)
    wait_until(page, KEPT, 1)
    go(page.get_by_role("button", name="Se déconnecter"))
    expect(page.get_by_text("Vous n’êtes pas encore déconnecté")).to_be_visible()
    reseau.mend()

    go(page.get_by_role("link", name="Réessayer"))

    expect(told(page)).to_contain_text("1\u00a0case")


def test_question_at_logging_out_leads_back_to_what_waits(scene: Scene):
    page = scene.page
    page.goto("/")
    expect(told(page)).to_be_visible()
    page.get_by_role("button", name="Se déconnecter", exact=True).click()

    page.get_by_role("button", name="Revenir les enregistrer").click()

    expect(told(page).get_by_role("link", name="Retrouver en décembre")).to_be_focused()


def test_one_box_is_told_in_the_singular(scene: Scene):
    page = scene.page
    box(page, TOM).uncheck()

    page.get_by_role("button", name="Se déconnecter", exact=True).click()

    expect(page.locator("[data-quitter]")).to_contain_text("1\u00a0case n’est pas enregistrée.")
    expect(page.locator("[data-quitter]")).to_contain_text("Se déconnecter l’efface de cet appareil.")


def test_login_page_says_how_many_boxes_the_device_keeps_and_neither_whose_nor_which(scene: Scene):
    page = scene.page
    page.context.clear_cookies()

    page.goto("/connexion/")

    expect(page.get_by_role("heading", name="2\u00a0cases gardées sur cet appareil")).to_be_visible()
    expect(page.get_by_text("Connectez-vous\u00a0: elles seront dans la grille, à enregistrer.")).to_be_visible()
    words = page.get_by_role("main").inner_text()
    identifiant = scene.famille.camille.user.identifiant
    assert [name for name in ("Léa", "Tom", "Camille", "décembre", identifiant) if name in words] == []


def test_login_page_of_a_device_that_keeps_nothing_says_and_makes_nothing(site: Site):
    page = site.open("/connexion/")
    page.wait_for_load_state("networkidle")

    expect(page.locator("[data-cases]")).to_be_hidden()
    assert page.evaluate("indexedDB.databases()") == []


def test_logging_out_leaves_nothing_on_the_device(site: Site, famille: Famille):
    page = site.open("/", user=famille.camille.user)
    wait_for_service(page)

    press(page, "Se déconnecter")

    wait_until(page, LEFT, [[], [], [], 0])
