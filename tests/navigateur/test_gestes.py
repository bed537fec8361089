"""What a box asks, under its line: an arrival forgotten, a departure brushed away, to whom a child is handed, who came;
what a finger did is undone from the bar, with its hours.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from enfance.equipe.pointages import enregistrer
from enfance.models import Enfant, PersonneAutorisee, Pointage, RemiseEnfant, Responsabilite
from tests.enfance import gate
from tests.enfance.gate import JEUDI, at
from tests.factories import ResponsableFactory, StaffFactory, UserFactory
from tests.navigateur.gestes import go, press
from tests.navigateur.site import Site
from tests.navigateur.telephones import SOIR, bar, box

pytestmark = pytest.mark.navigateur


@pytest.fixture
def anna(enfants) -> Enfant:
    """She was there from half past four to five past five; her mother and Odile may fetch her, Gérard may not."""
    anna = Enfant.objects.get(prenom="Anna")
    mere = ResponsableFactory(user=UserFactory(first_name="Isabelle", last_name="Morel"), telephone="06 39 98 02 10")
    Responsabilite.objects.create(enfant=anna, responsable=mere)
    PersonneAutorisee.objects.create(enfant=anna, nom="Odile Verne", lien="nourrice")
    PersonneAutorisee.objects.create(enfant=anna, nom="Gérard Dubreuil", interdite=True)
    taps = [gate.tap(anna, a=at(16, 31)), gate.tap(anna, "parti", a=at(16, 35))]
    enregistrer(taps, JEUDI, "soir", StaffFactory(), now=at(16, 40))
    return anna


def tap(page: Page, target: Locator) -> None:
    """Tap on it; the server has answered."""
    with page.expect_response("**/pointage/"):
        target.click()


def hours(anna: Enfant):
    pointage = Pointage.objects.get(enfant=anna)
    return pointage.present, pointage.arrivee, pointage.depart


def test_arrival_brushed_after_the_departure_is_asked_about_and_given_back(site: Site, anna):
    page = site.open(SOIR, user=StaffFactory())
    page.evaluate(
        "window.dits = []; new MutationObserver(() => dits.push(document.querySelector('[data-reseau]').innerText))"
        ".observe(document.querySelector('[data-reseau]'), {childList: true, subtree: true, characterData: true})"
    )
    box(page, "Anna").click()
    demande = page.locator(".suite-l .demande--att")
    expect(demande).to_contain_text("est parti à 16 h 35. Effacer son arrivée et son départ")
    expect(bar(page)).to_contain_text("Une question attend sur Anna Morel")
    expect(box(page, "Anna")).to_be_checked()
    assert not Pointage.objects.get(enfant=anna).gestes.filter(coche=False).exists()
    demande.get_by_role("button", name="Non, rien ne change").click()
    expect(demande).to_have_count(0)

    box(page, "Anna").click()
    tap(page, demande.get_by_role("button", name="n’est pas venu"))
    expect(box(page, "Anna", "parti")).not_to_be_checked()
    assert hours(anna) == (False, None, None)
    tap(page, box(page, "Anna"))
    expect(box(page, "Anna", "parti")).to_be_checked()
    expect(bar(page)).to_contain_text("Anna Morel, CE1 : parti à 16 h 35")
    assert hours(anna) == (True, at(16, 31), at(16, 35))

    page.evaluate("dits.length = 0")
    tap(page, box(page, "Basile"))
    page.wait_for_timeout(200)
    assert len(set(page.evaluate("dits"))) == 1  # once: what has gone well is not said over it
    tap(page, page.get_by_role("button", name="Annuler"))
    expect(box(page, "Basile")).not_to_be_checked()
    assert Pointage.objects.get(enfant__prenom="Basile").present is False
    expect(page.get_by_role("button", name="Annuler")).to_be_hidden()


def test_undo_without_network_leaves_as_it_was_made(site: Site, anna):
    page = site.open(SOIR, user=StaffFactory())
    page.route("**/pointage/", lambda route: route.abort())
    box(page, "Anna", "parti").click()
    expect(box(page, "Anna", "parti")).not_to_be_checked()
    page.get_by_role("button", name="Annuler").click()
    expect(box(page, "Anna", "parti")).to_be_checked()
    page.reload()
    expect(box(page, "Anna", "parti")).to_be_checked()
    page.unroute("**/pointage/")
    with page.expect_response("**/pointage/"):
        page.evaluate("dispatchEvent(new Event('online'))")
    assert hours(anna) == (True, at(16, 31), at(16, 35))


@pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])
@pytest.mark.parametrize(
    ("reponse", "present", "gone"),
    [("est là : c’était Présent", True, False), ("est venu", True, True), ("n’est pas venu", False, False)],
)
def test_departure_without_arrival_is_asked_and_counts_as_there(
    site: Site, enfants, javascript, reponse, present, gone
):
    page = site.open(SOIR, user=StaffFactory(), javascript=javascript)
    if javascript:
        tap(page, box(page, "Chloé", "parti"))
    else:
        box(page, "Chloé", "parti").check()
        press(page, "Enregistrer l’appel")
    demande = page.locator(".suite-l .demande--att")
    expect(demande).to_contain_text("sans être arrivé. Arrivée oubliée")
    expect(box(page, "Chloé")).not_to_be_checked()
    expect(page.locator("[data-encore]")).to_have_text("1")
    button = demande.get_by_role("button", name=reponse).first
    if javascript:
        page.reload()
        expect(demande).to_be_visible()
        tap(page, button)
        expect(demande).to_have_count(0)
    else:
        go(button)
    pointage = Pointage.objects.get(enfant__prenom="Chloé")
    assert (pointage.present, pointage.depart_recu is not None, pointage.sans_arrivee) == (present, gone, None)


@pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])
def test_who_fetches_a_child_is_one_tap_and_who_should_not_a_choice(site: Site, anna, javascript):
    page = site.open(SOIR, user=StaffFactory(), javascript=javascript)
    for _ in "12":
        if javascript:
            tap(page, box(page, "Anna", "parti"))
        else:
            box(page, "Anna", "parti").click()
            press(page, "Enregistrer l’appel")
    demande = page.locator(".suite-l .demande")
    assert demande.locator(".jeton").all_inner_texts() == ["Isabelle Morel responsable", "Odile Verne nourrice"]
    odile = demande.get_by_role("button", name="Odile Verne")
    if javascript:
        tap(page, odile)
        expect(odile).to_have_attribute("aria-pressed", "true")
        expect(bar(page)).to_contain_text("remis à Odile Verne")
        page.get_by_role("link", name="Une autre personne").click()
    else:
        go(odile)
        page.goto(f"{SOIR}&remis={anna.pk}")
        expect(odile).to_have_attribute("aria-pressed", "true")
        go(page.get_by_role("link", name="Une autre personne"))
    assert RemiseEnfant.objects.get().personne.nom == "Odile Verne"

    demande = page.locator(".suite-l .demande--err")
    assert demande.locator("input[name=suite]").count() == 2
    noter = demande.get_by_role("button", name="Noter")
    if javascript:
        noter.click()
        expect(bar(page)).to_contain_text("Dites qui se présente")
    demande.get_by_role("radio", name="Gérard Dubreuil").check()
    if javascript:
        tap(page, noter)
        expect(bar(page)).to_contain_text("non remis")
    else:
        go(noter)
    venu = RemiseEnfant.objects.a_voir().get()
    assert (venu.personne.nom, venu.suite) == ("Gérard Dubreuil", "non_remis")

    mairie = site.open("/admin/", user=StaffFactory())
    go(mairie.get_by_role("link", name=re.compile("^1 personne interdite ou inconnue venue")))
    expect(mairie.locator("main")).to_contain_text("Gérard Dubreuil, personne interdite")
    press(mairie, re.compile("^C’est vu"))
    expect(mairie.locator("main")).to_contain_text("Rien à voir")


def test_child_who_is_not_handed_over_stays_until_it_is_undone(site: Site, anna):
    page = site.open(SOIR, user=StaffFactory())
    encore, parti = page.locator("[data-encore]"), box(page, "Anna", "parti")
    tap(page, parti)
    tap(page, parti)
    page.get_by_role("link", name="Une autre personne").click()
    expect(bar(page)).to_contain_text("Anna Morel, CE1 : parti à")
    expect(page.get_by_role("button", name="Annuler")).to_be_visible()
    demande = page.locator(".suite-l .demande--err")
    expect(demande.locator("input[name=venu]:checked")).to_have_count(0)
    expect(demande).to_contain_text("Anna reste encore là")
    demande.get_by_role("radio", name="pas sur la liste").check()
    tap(page, demande.get_by_role("button", name="Noter"))
    expect(bar(page)).to_contain_text("Anna Morel, CE1 : non remis, reste encore là")
    expect(parti).not_to_be_checked()
    expect(encore).to_have_text("1")
    assert hours(anna) == (True, at(16, 31), None)
    tap(page, page.get_by_role("button", name="Annuler"))
    expect(parti).to_be_checked()
    assert (hours(anna)[2] is None, RemiseEnfant.objects.a_voir().count()) == (False, 0)


def test_question_of_an_address_is_asked_once_and_may_be_left(site: Site, anna):
    page = site.open(f"{SOIR}&personne={anna.pk}", user=StaffFactory())
    page.get_by_label("Chercher un enfant sur cette feuille").fill("anna")
    page.get_by_role("link", name="Ne rien noter").click()
    expect(page.locator(".suite-l")).to_have_count(0)
    assert page.url.endswith(SOIR)


def test_closing_asks_of_departures_only_where_a_child_may_have_left(site: Site, enfants):
    page = site.open(SOIR, user=StaffFactory())
    tap(page, box(page, "Chloé", "parti"))
    page.locator("summary", has_text="Terminer l’appel").click()
    page.get_by_role("button", name="Appel terminé").click()
    question = page.locator("[data-cloture=question]")
    expect(question).to_contain_text("sans réponse : Chloé Morel.")
    expect(question.get_by_text("Partis depuis")).to_be_hidden()
    tap(page, box(page, "Anna"))
    expect(question.get_by_text("Partis depuis")).to_be_visible()


def test_bar_says_what_the_server_made_of_a_tap(site: Site, enfants):
    """A page opened since does not know the hours that ticking again gives back; its server does."""
    page = site.open(SOIR, user=StaffFactory())
    tap(page, box(page, "Chloé"))
    tap(page, box(page, "Chloé", "parti"))
    box(page, "Chloé").click()
    tap(page, page.get_by_role("button", name="n’est pas venu"))
    page.reload()
    tap(page, box(page, "Chloé"))
    expect(box(page, "Chloé", "parti")).to_be_checked()
    expect(bar(page)).to_contain_text("Chloé Morel, CE1 : parti à 16 h 40")


def test_hours_given_back_ask_again_to_whom(site: Site, anna):
    page = site.open(SOIR, user=StaffFactory())
    tap(page, box(page, "Anna", "parti"))
    tap(page, box(page, "Anna", "parti"))
    chip = page.get_by_role("button", name="Odile Verne")
    tap(page, chip)
    expect(chip).to_have_attribute("aria-pressed", "true")
    box(page, "Anna").click()
    tap(page, page.get_by_role("button", name="n’est pas venu"))
    page.route("**/pointage/", lambda route: route.abort())  # what the phone says by itself
    box(page, "Anna").click()
    expect(chip).to_have_attribute("aria-pressed", "false")
    expect(bar(page)).not_to_contain_text("Odile")


def test_undo_says_what_the_line_is_again(site: Site, enfants):
    page = site.open(SOIR, user=StaffFactory())
    tap(page, box(page, "Chloé", "parti"))
    tap(page, page.get_by_role("button", name="n’est pas venu"))
    tap(page, page.get_by_role("button", name="Annuler"))
    expect(bar(page)).to_contain_text("sans être arrivé. Arrivée oubliée")
