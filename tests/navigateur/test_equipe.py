"""An animator's evening: the network goes and comes back, nothing is lost or doubled, and a second phone agrees."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from enfance.models import Geste, Pointage
from tests.factories import StaffFactory, make_enfant
from tests.navigateur.conftest import PRENOMS
from tests.navigateur.gestes import go, press
from tests.navigateur.site import Site
from tests.navigateur.telephones import (
    CARDS_KEPT,
    HEURE,
    KEPT,
    LEFT,
    SOIR,
    Gate,
    bar,
    box,
    hear,
    present,
    sent,
    wait_until,
)

pytestmark = pytest.mark.navigateur


def test_ten_taps_without_network_all_arrive_once_and_a_second_phone_agrees(gate: Gate, enfants):
    alix, noa = StaffFactory(first_name="Alix"), StaffFactory(first_name="Noa")
    (page, reseau), (autre, _) = gate.phone(alix), gate.phone(noa)

    reseau.cut()
    for prenom in PRENOMS[:9]:
        box(page, prenom).check()
    box(page, "Anna", "parti").check()
    expect(bar(page)).to_contain_text("10 pointages gardés sur ce téléphone")
    box(autre, "Léo").check()
    sent(autre)
    assert present() == ["Léo"]

    page.reload()
    expect(box(page, "Inès")).to_be_checked()
    expect(box(page, "Anna", "parti")).to_be_checked()
    expect(page.locator("[data-presents]")).to_have_text("9")
    expect(bar(page)).to_contain_text("10 pointages gardés sur ce téléphone")

    reseau.mend()
    hear(page)
    sent(page)
    expect(box(page, "Léo")).to_be_checked()
    expect(page.locator("[data-presents]")).to_have_text("10")
    assert present() == [*PRENOMS[:9], "Léo"]
    assert Geste.objects.count() == 11
    assert Pointage.objects.get(enfant__prenom="Anna").depart.astimezone(HEURE.tzinfo).hour == HEURE.hour

    hear(autre)
    expect(autre.locator("[data-presents]")).to_have_text("10")
    expect(box(autre, "Anna", "parti")).to_be_checked()


def test_answer_lost_on_the_way_doubles_nothing(gate: Gate, enfants):
    page, reseau = gate.phone(StaffFactory())
    page.route("**/pointage/", lambda route: (route.fetch(), route.abort()))
    box(page, "Anna").check()
    expect(bar(page)).to_contain_text("1 pointage gardé sur ce téléphone")
    assert Geste.objects.count() == 1
    page.unroute("**/pointage/")
    hear(page)
    sent(page)
    assert (Geste.objects.count(), present()) == (1, ["Anna"])


def test_whole_day_opens_without_network_from_the_address_of_the_team(gate: Gate, enfants):
    page, reseau = gate.phone(StaffFactory())
    reseau.cut()
    page.goto("/equipe/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Jeudi 10 décembre")
    page.goto("/equipe/2026-12-10/?creneau=midi")
    expect(page).to_have_title("Feuille d’appel du jeudi 10 décembre, midi – Accès famille, Saint-Sauveur")
    page.goto("/equipe/2026-12-08/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")


def test_what_was_sent_before_the_network_went_is_not_forgotten(gate: Gate, enfants):
    page, reseau = gate.phone(StaffFactory())
    box(page, "Anna").check()
    sent(page)
    reseau.cut()
    page.reload()
    expect(box(page, "Anna")).to_be_checked()
    expect(page.locator("[data-presents]")).to_have_text("1")


def test_logging_out_warns_while_taps_wait_then_leaves_nothing_on_the_device(gate: Gate, enfants):
    page, reseau = gate.phone(StaffFactory())
    reseau.cut()
    box(page, "Anna").check()
    expect(bar(page)).to_contain_text("1 pointage gardé sur ce téléphone")
    page.get_by_role("button", name="Se déconnecter", exact=True).click()
    warning = page.locator("[data-sortie]")
    expect(warning).to_be_focused()
    expect(warning).to_contain_text("1 pointage n’est pas encore envoyé.")
    reseau.mend()
    hear(page)
    sent(page)
    expect(warning).to_be_hidden()

    page.get_by_role("button", name="Se déconnecter", exact=True).click()
    page.wait_for_url("**/connexion/?sortie=1")
    wait_until(page, LEFT, [[], [], [], 0])
    assert present() == ["Anna"]


def page_that_keeps_a_tap(gate: Gate) -> Page:
    """The portal answers again, but for taps."""
    page, reseau = gate.phone(StaffFactory())
    reseau.cut()
    box(page, "Anna").check()
    expect(bar(page)).to_contain_text("1 pointage gardé sur ce téléphone")
    reseau.mend()
    page.route("**/pointage/", lambda route: route.abort())
    return page


def log_out(page: Page) -> None:
    """Press « Se déconnecter », under « Menu » where a telephone shows the town hall's header."""
    if (menu := page.get_by_role("link", name="Menu", exact=True)).is_visible():
        menu.click()
    page.locator("form.sortie button").click()


@pytest.mark.parametrize("path", ["/compte/", "/aide/equipe/", "/equipe/2026-12-10/imprimer/", "/admin/", "/cantine/"])
def test_logging_out_of_any_page_warns_while_taps_wait(gate: Gate, enfants, path):
    page = page_that_keeps_a_tap(gate)
    page.goto(path)
    log_out(page)
    warning = page.locator("[data-sortie]")
    expect(warning).to_be_focused()
    expect(warning).to_contain_text("1 pointage n’est pas encore envoyé.")
    press(page, "Se déconnecter quand même")
    wait_until(page, LEFT, [[], [], [], 0])
    assert present() == []


def test_logging_out_before_the_device_has_read_what_it_keeps_warns_too(gate: Gate, enfants):
    page = page_that_keeps_a_tap(gate)
    page.add_init_script(
        "const ouvrir = indexedDB.open.bind(indexedDB);"
        "indexedDB.open = (...suite) => {"
        "  const demande = {};"
        "  setTimeout(() => {"
        "    const vraie = ouvrir(...suite);"
        "    for (const nom of ['onupgradeneeded', 'onsuccess', 'onerror']) vraie[nom] = demande[nom];"
        "    Object.defineProperty(demande, 'result', {get: () => vraie.result});"
        "  }, 1500);"
        "  return demande;"
        "};"
    )
    page.goto("/compte/")
    log_out(page)
    warning = page.locator("[data-sortie]")
    expect(warning).to_contain_text("1 pointage n’est pas encore envoyé.")
    expect(warning).to_be_focused()


def no_session(page: Page) -> list:
    cookies = page.context.cookies()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    return cookies


@pytest.mark.parametrize("path", ["/equipe/", SOIR, "/compte/"])
def test_sheets_are_gone_once_the_login_page_was_shown(gate: Gate, enfants, path):
    """To whoever finds the phone: the server said that nobody is logged in."""
    page, reseau = gate.phone(StaffFactory())
    no_session(page)
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Accès famille")
    wait_until(page, KEPT, 0)
    reseau.cut()
    page.goto(SOIR)
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")


def test_sheets_are_gone_once_an_open_sheet_heard_of_it(gate: Gate, enfants):
    page, reseau = gate.phone(StaffFactory())
    no_session(page)
    hear(page)
    expect(bar(page)).to_contain_text("Session finie à")
    reseau.cut()
    page.goto(SOIR)
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")


@pytest.mark.parametrize("minutes", [-7, 7])
def test_phone_of_a_wrong_clock_tells_the_hour_of_the_server(gate: Gate, enfants, minutes):
    page, _ = gate.phone(StaffFactory(), clock=HEURE + timedelta(minutes=minutes))
    for quoi in ("présent", "parti"):
        box(page, "Anna", quoi).check()
    sent(page)
    assert abs(Pointage.objects.get().depart - timezone.now()) < timedelta(minutes=1)


def test_child_is_not_added_without_network_and_the_page_says_what_to_do(gate: Gate, enfants):
    page, reseau = gate.phone(StaffFactory())
    reseau.cut()
    go(page.get_by_role("link", name="Ajouter un enfant non inscrit"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")
    expect(page.locator("main")).to_contain_text("On ne peut pas l’ajouter sans réseau : notez son nom et son heure")


@pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])
def test_child_who_came_is_found_added_and_the_search_come_back_to(site: Site, enfants, javascript):
    zoe = make_enfant(prenom="Zoé", nom="Sorbier")
    page = site.open(SOIR, user=StaffFactory(), javascript=javascript)
    if javascript:  # the answer with the cards writes the session as well, and would undo the search begun meanwhile
        wait_until(page, CARDS_KEPT, True)
    go(page.get_by_role("link", name="Ajouter un enfant non inscrit"))
    page.get_by_label("Nom ou prénom").fill("sorbier")
    press(page, "Chercher")
    go(page.get_by_role("button", name=re.compile("Noter présent")))
    expect(page.get_by_role("checkbox", name="Zoé Sorbier, présent")).to_be_checked()
    assert present() == [zoe.prenom]
    with page.expect_navigation():
        page.go_back()
    expect(page.locator("main")).to_contain_text("déjà sur la feuille")
    assert "sorbier" not in page.url.lower()


def test_session_that_ended_keeps_the_taps_until_the_next_login(gate: Gate, enfants):
    alix = StaffFactory()
    page, _ = gate.phone(alix)
    cookies = no_session(page)
    box(page, "Anna").check()
    expect(bar(page)).to_contain_text("Session finie à")
    assert present() == []
    expect(bar(page)).to_contain_text("Pointez encore : tout est gardé ici.")
    go(page.get_by_role("link", name="Se reconnecter"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Accès famille")
    page.context.add_cookies(cookies)
    page.goto(SOIR)
    expect(bar(page)).to_contain_text("Tout est reçu")
    assert present() == ["Anna"]


def test_sheet_works_without_javascript(site: Site, enfants):
    page = site.open(SOIR, user=StaffFactory(), javascript=False)
    box(page, "Anna").check()
    for quoi in ("présent", "parti"):
        box(page, "Basile", quoi).check()
    press(page, "Enregistrer l’appel")
    expect(box(page, "Basile")).to_be_checked()
    assert present() == ["Anna", "Basile"]
