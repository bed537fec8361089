"""The sheet in the hand of an animator: what it counts, what it asks before it is closed, what it finds."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from enfance.models import Absence, AdultesPresents, AnneeScolaire, Appel, Enfant, Pointage
from tests.enfance.gate import JEUDI, inscrire
from tests.factories import StaffFactory, make_enfant
from tests.navigateur.conftest import PRENOMS
from tests.navigateur.gestes import go, press, terminate
from tests.navigateur.site import Site
from tests.navigateur.telephones import box, sent

pytestmark = pytest.mark.navigateur

SOIR = "/equipe/2026-12-10/?creneau=soir"
BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])


def test_counts_follow_the_boxes_in_the_words_of_the_server(site: Site, enfants):
    Absence.objects.create(enfant=Enfant.objects.get(prenom="Anna"), jour=JEUDI)
    for prenom in ("Mona", "Nils"):
        inscrire(make_enfant(prenom=prenom), etat="attente")
    page = site.open(SOIR, user=StaffFactory())
    comptes, encore = page.locator(".jauge p").first, page.locator("[data-encore]")
    for ticks, words in [
        ([], "0 présent sur 11 attendus"),
        (["Basile"], "1 présent sur 11 attendus"),
        (["Anna", "Mona"], "2 présents sur 12 attendus et 1 venu sans inscription"),
        (["Nils"], "2 présents sur 12 attendus et 2 venus sans inscription"),
    ]:
        for prenom in ticks:
            box(page, prenom).check()
        expect(comptes).to_have_text(words)
    box(page, "Nils", "parti").check()
    sent(page)
    expect(encore).to_have_text("3")
    page.reload()
    expect(comptes).to_have_text("2 présents sur 12 attendus et 2 venus sans inscription")
    expect(encore).to_have_text("3")


@BOTH
def test_sheet_is_closed_on_children_still_there_once_they_are_named(site: Site, enfants, javascript):
    page = site.open(SOIR, user=StaffFactory(), javascript=javascript)
    for prenom in ("Anna", "Basile", "Chloé"):
        box(page, prenom).check()
    box(page, "Chloé", "parti").check()
    if javascript:
        sent(page)
    page.locator("summary", has_text="Terminer l’appel").click()
    terminate(page, javascript)
    question = page.locator("[data-cloture=question]" if javascript else "#clore")
    if javascript:
        expect(question).to_contain_text("2 enfants ne sont pas repartis : Anna Morel ; Basile Morel.")
        expect(question).to_be_focused()
        question.get_by_role("button", name="Ne pas clore").click()
        expect(question).to_be_hidden()
    else:
        expect(question).to_contain_text("Encore là : Anna Morel et Basile Morel")
        expect(page.get_by_role("button", name="Appel terminé")).to_have_count(0)
        go(page.get_by_role("link", name="Revenir"))
    assert (Appel.objects.count(), Pointage.objects.filter(present=True).count()) == (0, 3)

    if not javascript:
        page.locator("summary", has_text="Terminer l’appel").click()
    terminate(page, javascript)
    box(page, "Anna", "parti").check()
    if javascript:
        sent(page)
        expect(question).to_contain_text("1 enfant n’est pas reparti : Basile Morel.")
    press(page, "Clore quand même")
    expect(page.get_by_role("heading", name="Appel terminé")).to_be_visible()
    assert (Appel.objects.count(), Pointage.objects.filter(depart=None, present=True).count()) == (1, 1)


def test_saving_is_offered_while_something_waits_alone(site: Site, enfants):
    page = site.open(SOIR, user=StaffFactory())
    button = page.locator("[data-barre] [data-offre=enregistrer]")
    expect(button).to_be_hidden()
    page.route("**/pointage/", lambda route: route.abort())
    box(page, "Anna").check()
    expect(button).to_have_text("Réessayer")
    page.unroute("**/pointage/")
    button.click()
    sent(page)
    expect(button).to_be_hidden()


@pytest.fixture
def declaree(enfants):
    """A garderie with a rule: three of the children are under six, nine are not."""
    AnneeScolaire.objects.update(declaree=True)
    Enfant.objects.filter(prenom__in=["Anna", "Basile", "Chloé"]).update(date_naissance=date(2021, 5, 1))


def test_adults_needed_follow_the_boxes_without_network_and_leave_once_it_is_back(site: Site, declaree):
    page = site.open(SOIR, user=StaffFactory())
    block, more = page.locator("[data-encadrement]"), page.get_by_role("button", name="Un adulte de plus")
    expect(block).to_contain_text("Aucun enfant à encadrer")
    page.route("**/pointage/", lambda route: route.abort())
    box(page, "Anna").check()
    expect(block).to_contain_text("Il faut 1 adulte pour 1 enfant")
    more.click()
    expect(block).to_contain_text("Assez d’adultes pour 1 enfant")
    expect(block).to_contain_text("1 adulte")
    box(page, "Diego").check()
    expect(block).to_contain_text("Il manque 1 adulte pour 2 enfants")
    expect(block).to_have_class("encadrement encadrement--manque")
    expect(page.locator("[data-reseau]")).to_contain_text("3 pointages gardés sur ce téléphone")
    page.reload()
    expect(block).to_contain_text("Il manque 1 adulte pour 2 enfants")
    assert not AdultesPresents.objects.exists()

    page.unroute("**/pointage/")
    page.evaluate("dispatchEvent(new Event('online'))")
    sent(page)
    more.click()
    sent(page)
    expect(block).to_contain_text("Assez d’adultes pour 2 enfants")
    expect(block).to_have_class("encadrement")
    other = site.open(SOIR, user=StaffFactory())
    expect(other.locator("[data-encadrement]")).to_contain_text("2 adultes")
    assert sorted(AdultesPresents.objects.values_list("nombre", flat=True)) == [1, 2]
    box(page, "Diego", "parti").check()
    expect(page.locator("main")).to_contain_text("Encore là : 1 et 0.")


def test_words_are_those_of_the_server_whatever_is_ticked(site: Site, declaree):
    agent = StaffFactory()
    page = site.open(SOIR, user=agent)
    block, more = page.locator("[data-encadrement]"), page.get_by_role("button", name="Un adulte de plus")
    for prenoms, adults in ((["Anna", "Diego"], 0), (["Basile"], 1), ([], 2)):
        for prenom in prenoms:
            box(page, prenom).check()
        for _ in range(adults):
            more.click()
        sent(page)
        words, classes = block.inner_text(), block.get_attribute("class")
        served = site.open(SOIR, user=agent, javascript=False).locator("[data-encadrement]")
        assert (served.inner_text(), served.get_attribute("class")) == (words, classes)


def test_adults_are_counted_without_javascript(site: Site, declaree):
    page = site.open(SOIR, user=StaffFactory(), javascript=False)
    box(page, "Anna").check()
    press(page, "Un adulte de plus")
    expect(page.locator("[data-encadrement]")).to_contain_text("Assez d’adultes pour 1 enfant")
    press(page, "Un adulte de moins")
    expect(page.locator("[data-encadrement]")).to_contain_text("Il manque 1 adulte pour 1 enfant")
    assert present_names() == ["Anna"]


def present_names() -> list[str]:
    return list(Pointage.objects.filter(present=True).values_list("enfant__prenom", flat=True))


def shown(page: Page) -> list[str]:
    rows = page.locator(".appel [data-tranche]:visible b")
    return [name.removesuffix(" Morel") for name in rows.all_inner_texts()]


def test_child_is_found_by_a_part_of_its_name_on_the_device_alone(site: Site, enfants):
    inscrire(make_enfant(prenom="Zoé", nom="D’Œuvre"))
    inscrire(make_enfant(prenom="Mona"), etat="attente")
    page = site.open(SOIR, user=StaffFactory())
    search, requests = page.get_by_label("Chercher un enfant sur cette feuille"), []
    page.on("request", lambda request: requests.append(request.url + (request.post_data or "")))
    for text, names in [
        ("hloE", ["Chloé"]),
        ("MOREL ine", ["Inès"]),
        ("oeuvre zoe", ["Zoé D’Œuvre"]),
        ("d'oe", ["Zoé D’Œuvre"]),
        ("mon", ["Mona"]),
        (" ", [*PRENOMS, "Zoé D’Œuvre", "Mona"]),
        ("zut", []),
    ]:
        search.fill(text)
        assert sorted(shown(page)) == sorted(names), text
    expect(page.locator("[data-aucun]")).to_be_visible()
    search.press("Enter")
    expect(search).to_have_value("zut")
    assert [url for url in requests if "zut" in url.lower()] == []
    assert "zut" not in page.url


def test_those_still_there_are_shown_alone_and_nobody_goes_under_the_finger(site: Site, enfants):
    page = site.open(SOIR, user=StaffFactory())
    for prenom in ("Anna", "Basile", "Chloé"):
        box(page, prenom).check()
    box(page, "Chloé", "parti").check()
    only = page.get_by_role("button", name="2 encore là")
    only.click()
    expect(only).to_have_attribute("aria-pressed", "true")
    assert shown(page) == ["Anna", "Basile"]
    box(page, "Anna", "parti").check()
    sent(page)
    assert shown(page) == ["Anna", "Basile"]
    page.get_by_role("button", name="1 encore là").click()
    assert shown(page) == PRENOMS


def test_search_is_not_offered_without_javascript(site: Site, enfants):
    page = site.open(SOIR, user=StaffFactory(), javascript=False)
    expect(page.locator("[data-chercher]")).to_be_hidden()
    expect(page.get_by_text("0 encore là")).to_be_visible()
    expect(page.get_by_role("button", name="encore là")).to_have_count(0)


def test_first_screen_of_a_phone_shows_six_children(site: Site, enfants):
    page = site.open(SOIR, user=StaffFactory())
    page.evaluate("document.fonts.ready")
    expect(page.locator("[data-barre] [data-offre=enregistrer]")).to_be_hidden()
    limit = page.locator("[data-barre]").bounding_box()["y"]
    rows = [row.bounding_box() for row in page.locator(".appel [data-tranche]").all()]
    assert sum(row["y"] + row["height"] <= limit for row in rows) >= 6
    assert page.locator(".pointage").first.bounding_box()["height"] == 52
