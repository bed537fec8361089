"""The cards of the evening's children, without network: as they are, for who may see them, and each opening told."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from enfance.models import Creneau, Enfant, Inscription, PersonneAutorisee
from tests.factories import StaffFactory, make_enfant
from tests.navigateur.controles import Display, HtmlChecker, violations
from tests.navigateur.gestes import go, press
from tests.navigateur.site import PHONE, TINY
from tests.navigateur.telephones import HEURE, JOUR, SOIR, STORED, Gate, bar, box, hear, stored, wait_until, waits

pytestmark = pytest.mark.navigateur
CARDS = """async () => {
  const page = await (await caches.open('feuilles')).match('/equipe/fiches.json');
  return page ? Object.values((await page.json()).fiches).map(fiche => fiche.nom).sort().join(' ') : '';
}"""
JSON = "async () => (await (await caches.open('feuilles')).match('/equipe/fiches.json')).json()"
OWNER = """async () => {
  const page = await (await caches.open('feuilles')).match('/equipe/fiches.json');
  return page?.headers.get('x-feuille-du-jour');
}"""
NOTHING = f"async () => [...(await caches.keys()), ...Object.keys(localStorage), ...(await {STORED}(''))].length"
WAITING = stored("lectures:")


@pytest.fixture
def anna(enfants) -> Enfant:
    """Watched over, fetched by her grandmother, never by Claude."""
    anna = enfants[0]
    anna.pai, anna.consigne = True, "Allergie aux noix."
    anna.save()
    PersonneAutorisee.objects.create(enfant=anna, nom="Odile Morel", lien="grand-mère", telephone="06 39 98 00 85")
    PersonneAutorisee.objects.create(enfant=anna, nom="Claude Interdit", interdite=True)
    return anna


def phone(gate: Gate, enfants: list[Enfant]) -> tuple[Page, object]:
    """A phone that keeps the cards of these children."""
    page, reseau = gate.phone(StaffFactory())
    wait_until(page, CARDS, " ".join(sorted(map(str, enfants))))
    return page, reseau


def told(journal, event: str) -> list[dict]:
    return [line for line in journal.events if line["event"] == event]


def test_card_opens_without_network_and_is_told_when_it_is_back(gate: Gate, enfants, anna, journal):
    page, reseau = phone(gate, enfants)
    assert sorted(line["child"] for line in told(journal, "card_kept")) == sorted(enfant.pk for enfant in enfants)
    reseau.cut()
    go(page.get_by_role("link", name="Anna Morel", exact=True))
    expect(page).to_have_title("Anna Morel – Accès famille, Saint-Sauveur")
    main = page.locator("main")
    expect(main).to_contain_text(re.compile(r"Pas de réseau\s: fiche gardée à \d+\sh\s\d\d. Cette lecture sera notée."))
    expect(main).to_contain_text("Ne pas remettre Anna à Claude Interdit.")
    expect(page.get_by_role("link", name="06 39 98 00 85")).to_have_attribute("href", "tel:+33639980085")
    expect(page.get_by_text("Allergie aux noix.")).to_be_hidden()
    page.get_by_text("Lire la consigne").click()
    expect(page.get_by_text("Allergie aux noix.")).to_be_visible()
    wait_until(page, WAITING, 2)
    assert (told(journal, "card_opened"), told(journal, "health_read")) == ([], [])

    go(page.get_by_role("link", name="Retour à la feuille"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Jeudi 10 décembre")
    assert page.url.endswith(SOIR)
    reseau.mend()
    hear(page)
    wait_until(page, WAITING, 0)
    assert [line["child"] for line in told(journal, "card_opened") + told(journal, "health_read")] == [anna.pk] * 2
    assert "noix" not in journal.text
    assert "Morel" not in journal.text


def test_instruction_that_the_sheet_points_at_is_open_without_network(gate: Gate, enfants, anna):
    page, reseau = phone(gate, enfants)
    reseau.cut()
    go(page.get_by_role("link", name="PAI : voir la fiche"))
    expect(page.get_by_text("Allergie aux noix.")).to_be_visible()
    wait_until(page, WAITING, 2)


def test_answer_lost_on_the_way_tells_an_opening_once(gate: Gate, enfants, anna, journal):
    page, reseau = phone(gate, enfants)
    reseau.cut()
    page.goto(f"{JOUR}enfants/{anna.pk}/?creneau=soir")
    wait_until(page, WAITING, 1)
    page.route("**/lectures/", lambda route: (route.fetch(), route.abort()))
    reseau.mend()
    hear(page)
    page.wait_for_timeout(500)
    page.unroute("**/lectures/")
    hear(page)
    wait_until(page, WAITING, 0)
    assert len(told(journal, "card_opened")) == 1


def test_card_follows_what_changed_since(gate: Gate, enfants, anna):
    """A parent withdraws somebody at noon, a child is added, another does not come any more."""
    page, reseau = phone(gate, enfants)
    PersonneAutorisee.objects.filter(nom="Odile Morel").delete()
    zoe = make_enfant(prenom="Zoé", nom="Sorbier")
    Inscription.objects.create(enfant=zoe, jour=HEURE.date(), creneau=Creneau.objects.get(code="soir"))
    Inscription.objects.filter(enfant=enfants[1]).update(etat="annulee")
    hear(page)
    wait_until(page, CARDS, " ".join(sorted(map(str, [enfants[0], *enfants[2:], zoe]))))
    reseau.cut()
    page.goto(f"{JOUR}enfants/{zoe.pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Zoé Sorbier")
    page.goto(f"{JOUR}enfants/{anna.pk}/")
    expect(page.locator("main")).not_to_contain_text("Odile")
    page.goto(f"{JOUR}enfants/{enfants[1].pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")


def test_card_has_no_violation_without_network(gate: Gate, enfants, anna):
    page, reseau = phone(gate, enfants)
    reseau.cut()
    box(page, "Chloé").check()
    page.goto(f"{JOUR}enfants/{anna.pk}/?creneau=soir")
    expect(waits(page)).to_be_visible()
    displays = [Display("phone", PHONE), Display("tiny", TINY), Display("dark", PHONE, "dark")]
    assert violations(page, displays) == []


@pytest.mark.java
def test_page_made_of_a_kept_card_is_valid(gate: Gate, enfants, anna, checker: HtmlChecker):
    page, _ = phone(gate, enfants)
    kept = page.evaluate(JSON)
    words = kept["fiches"][str(anna.pk)] | {"heure": "16 h 40"}
    html = kept["modele"].replace("§nom§", words["nom"]).replace("§fiche§", words["html"])
    assert checker.said_of(html.replace("§heure§", words["heure"])) == ""


@pytest.mark.parametrize("jour", ["2026-12-09", "2026-12-11"])
def test_card_of_another_day_is_not_kept(gate: Gate, enfants, jour):  # RGP-13
    page, reseau = phone(gate, enfants)
    reseau.cut()
    page.goto(f"/equipe/{jour}/enfants/{enfants[0].pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")


def test_cards_live_twelve_hours(gate: Gate, enfants):  # RGP-13
    page, reseau = phone(gate, enfants)
    reseau.cut()
    page.evaluate("""async () => {
      const cache = await caches.open('feuilles'), page = await cache.match('/equipe/fiches.json');
      const headers = new Headers(page.headers);
      headers.set('x-garde-le', Number(headers.get('x-garde-le')) - 43_200_000);
      await cache.put('/equipe/fiches.json', new Response(await page.blob(), { headers }));
    }""")
    page.goto(f"{JOUR}enfants/{enfants[0].pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")
    assert page.evaluate(CARDS) == ""


def test_cards_are_gone_with_the_session(gate: Gate, enfants):  # RGP-13
    page, reseau = phone(gate, enfants)
    page.context.clear_cookies()
    hear(page)
    expect(bar(page)).to_contain_text("Session finie à")
    wait_until(page, CARDS, "")
    reseau.cut()
    page.goto(f"{JOUR}enfants/{enfants[0].pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")


def test_cards_are_gone_once_the_agent_is_refused(gate: Gate, enfants):  # RGP-13
    """The town hall took the right away: the device hears of it at the next page."""
    page, _ = phone(gate, enfants)
    User.objects.filter(is_staff=True).update(is_superuser=False)
    page.goto(SOIR)
    wait_until(page, CARDS, "")


def test_logging_out_leaves_no_card_and_no_opening(gate: Gate, enfants, journal):
    """The openings that waited are told first."""
    page, reseau = phone(gate, enfants)
    reseau.cut()
    page.goto(f"{JOUR}enfants/{enfants[0].pk}/?creneau=soir")
    wait_until(page, WAITING, 1)
    reseau.mend()
    press(page, "Se déconnecter")
    wait_until(page, NOTHING, 0)
    assert len(told(journal, "card_opened")) == 1


def test_cards_are_those_of_the_agent_who_came_next(gate: Gate, enfants):  # RGP-13
    page, _ = phone(gate, enfants)
    noa = StaffFactory()
    page.context.clear_cookies()
    page.context.add_cookies([cookie for cookie in gate.site.open("/equipe/", user=noa).context.cookies()])
    page.goto(SOIR)
    wait_until(page, OWNER, f"{noa.pk}:2026-12-10")
