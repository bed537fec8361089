"""The sheet with gloves on: its head stays in sight, nothing is small, one tap calls, one comes back to one’s place."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from enfance.equipe.pointages import enregistrer
from enfance.models import Enfant, Responsabilite
from tests.enfance.gate import JEUDI, at, inscrire, tap
from tests.factories import ResponsableFactory, StaffFactory, make_enfant
from tests.navigateur.controles import Display, violations
from tests.navigateur.gestes import go, press
from tests.navigateur.site import PHONE, Site
from tests.navigateur.telephones import JOUR, SOIR, Gate, bar, box, wait_until

pytestmark = pytest.mark.navigateur
GLOVED = 48  # px
# Tab by tab, what of the table the head or the bar covers.
COVERED = """() => {
  const {top, bottom} = document.activeElement.getBoundingClientRect();
  const bar = document.querySelector('.barre').getBoundingClientRect().top;
  const head = document.querySelector('.appel thead th').getBoundingClientRect().bottom;
  return !!document.activeElement.closest('.appel tbody') && (top < head || bottom > bar);
}"""

KEPT_WITH_ZOE = f"""async () => {{
  const page = await (await caches.open('feuilles')).match('{SOIR}');
  return (await page.text()).includes('Zoé Sorbier');
}}"""


def shown(page: Page) -> list[str]:
    return page.locator(".appel [data-tranche]:visible b").all_inner_texts()


def tick(*prenoms: str) -> None:
    """These children are here."""
    gestes = [tap(enfant, a=at(16, 31)) for enfant in Enfant.objects.filter(prenom__in=prenoms)]
    enregistrer(gestes, JEUDI, "soir", StaffFactory(), now=at(16, 40))


def test_head_stays_in_sight_and_covers_nothing(site: Site, enfants):
    page = site.open(SOIR, user=StaffFactory())
    head, search = page.locator(".appel thead th").first, page.get_by_label("Chercher un enfant sur cette feuille")
    page.evaluate("document.querySelectorAll('[data-tranche]')[9].scrollIntoView({block: 'center'})")
    assert head.bounding_box()["y"] == 0
    assert head.bounding_box()["height"] <= 0.15 * PHONE[1]
    for element in (search, page.get_by_role("button", name="encore là"), page.get_by_text("Parti", exact=True)):
        expect(element).to_be_in_viewport()

    search.focus()
    for _ in range(3 * len(enfants)):
        page.keyboard.press("Tab")
        assert not page.evaluate(COVERED)
    for _ in range(3 * len(enfants)):
        page.keyboard.press("Shift+Tab")
        assert not page.evaluate(COVERED)

    page.set_viewport_size({"width": PHONE[0], "height": 470})  # the keyboard is open
    assert head.evaluate("e => getComputedStyle(e).position") == "static"


def test_calling_is_one_tap_among_those_still_there_and_nothing_is_small(site: Site, enfants):
    anna = Enfant.objects.get(prenom="Anna")
    isabelle = ResponsableFactory(user__first_name="Isabelle", telephone="06 39 98 02 10")
    Responsabilite.objects.create(enfant=anna, responsable=isabelle)
    Enfant.objects.filter(pk=anna.pk).update(pai=True)
    tick("Anna", "Basile")
    page = site.open(SOIR, user=StaffFactory())
    call, pai = page.get_by_role("link", name="Appeler Isabelle, pour Anna Morel"), page.locator("a.alerte")
    expect(call).to_be_hidden()
    page.get_by_role("button", name="2 encore là").click()
    assert shown(page) == ["Anna Morel", "Basile Morel"]
    expect(page.get_by_role("columnheader", name="Appeler")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Anna Morel, présent")).to_be_hidden()
    expect(page.get_by_text("Isabelle 06 39 98 02 10")).to_be_visible()
    assert call.get_attribute("href") == "tel:+33639980210"
    for target in (call, pai, *page.locator(".appel tbody th:visible").all()):  # a name is all of its cell
        assert target.bounding_box()["height"] >= GLOVED
    assert violations(page, [Display("390", PHONE)]) == []
    page.mouse.click(*(page.locator(".appel tbody th:visible").last.bounding_box()[side] + 3 for side in "xy"))
    page.wait_for_url("**/enfants/*/*")
    page.goto(f"/equipe/2026-12-10/enfants/{anna.pk}/?creneau=soir")
    for name in ("Retour à la feuille", "Lire la consigne", "Appeler 06 39 98 02 10"):
        assert page.get_by_role("link", name=name).bounding_box()["height"] >= GLOVED


@pytest.mark.parametrize("network", [True, False], ids=["network", "no network"])
def test_coming_back_from_a_child_keeps_the_filter_and_the_place(gate: Gate, enfants, network):
    tick("Anna", "Hana", "Inès", "Jules", "Kenza", "Léo")
    page, reseau = gate.phone(StaffFactory())
    if not network:
        reseau.cut()
    page.set_viewport_size({"width": 390, "height": 520})
    page.get_by_role("button", name="6 encore là").click()
    inside = shown(page)
    kenza = page.get_by_role("link", name="Kenza Morel", exact=True)
    kenza.scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    assert place > 0
    go(kenza)
    expect(page.get_by_role("heading", level=1)).to_have_text("Kenza Morel")
    go(page.get_by_role("link", name="Retour à la feuille"))
    expect(page.get_by_role("button", name="6 encore là")).to_have_attribute("aria-pressed", "true")
    assert (shown(page), page.evaluate("scrollY")) == (inside, place)
    expect(kenza).to_be_focused()

    page.get_by_label("Chercher un enfant sur cette feuille").fill("léo")
    go(page.get_by_role("link", name="Léo Morel", exact=True))
    page.go_back()
    expect(page.get_by_label("Chercher un enfant sur cette feuille")).to_have_value("léo")
    assert shown(page) == ["Léo Morel"]
    assert page.url.endswith(SOIR)
    assert page.evaluate("sessionStorage.length") == 0
    page.reload()
    assert len(shown(page)) == len(enfants)


@pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])
def test_child_who_is_added_is_named_in_sight_with_its_line(site: Site, enfants, javascript):
    make_enfant(prenom="Zoé", nom="Sorbier")
    for n in range(4):
        inscrire(make_enfant(prenom=f"Prénom {n}"), etat="attente")
    page = site.open("/equipe/2026-12-10/ajouter/?creneau=soir", user=StaffFactory(), javascript=javascript)
    page.get_by_label("Nom ou prénom").fill("sorbier")
    press(page, "Chercher")
    go(page.get_by_role("button", name="Noter présent"))
    said = page.get_by_text("Noté présent, sans inscription")
    expect(said).to_have_text("Noté présent, sans inscription : Zoé Sorbier, CE1. La mairie et la famille le verront.")
    for element in (said, page.get_by_role("checkbox", name="Zoé Sorbier, présent")):
        expect(element).to_be_in_viewport(ratio=1)


def test_child_who_is_added_stays_on_the_sheet_without_network_which_says_its_age(gate: Gate, enfants):
    make_enfant(prenom="Zoé", nom="Sorbier")
    page, reseau = gate.phone(StaffFactory())
    page.goto(f"{JOUR}ajouter/?creneau=soir")
    page.get_by_label("Nom ou prénom").fill("sorbier")
    press(page, "Chercher")
    go(page.get_by_role("button", name="Noter présent"))
    wait_until(page, KEPT_WITH_ZOE, True)
    reseau.cut()
    for address in (page.url, SOIR):
        page.goto(address)
        expect(page.get_by_role("checkbox", name="Zoé Sorbier, présent")).to_be_checked()
        expect(bar(page)).to_contain_text(re.compile(r"Pas de réseau\s: feuille gardée à \d+\sh\s\d\d"))
    box(page, "Anna").check()
    expect(bar(page)).to_contain_text(re.compile(r"1\spointage gardé .* Feuille gardée à \d+\sh\s\d\d\."))
