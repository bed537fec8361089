"""The headings of a grid: the year of three children in ten taps, a week and a month in two."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from enfance.models import Creneau, Inscription
from tests.navigateur.famille import MOIS, make_famille
from tests.navigateur.gestes import Keys, Thumb, log_in
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

JOURS = 93  # the school days from 7 December to 2 July
both = pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])


def heading(page: Page, table: str | re.Pattern, name: str) -> Locator:
    """The button in a heading of the table of this name; the first of them."""
    return page.get_by_role("table", name=table).get_by_role("button", name=re.compile(name)).first


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=name, exact=True)


def planned() -> list[tuple[str, str, int]]:
    """The child, the créneau and how many times, of what is registered."""
    rows = Inscription.objects.inscrit().values_list("enfant__prenom", "creneau__code")
    return sorted((*row, list(rows).count(row)) for row in set(rows))


@pytest.mark.parametrize(
    ("hand", "javascript"), [(Thumb, True), (Keys, False)], ids=["thumb", "keyboard without JavaScript"]
)
def test_year_of_three_children_is_set_in_ten_taps(site: Site, javascript, hand):
    """Each child its own week."""
    famille = make_famille("Jules", "Léa", "Tom")
    parent = hand(log_in(site, famille.camille.user, javascript))
    semaines = {"Jules": ["Midi", "Soir"], "Léa": ["Matin", "Midi"], "Tom": ["Midi", "Soir"]}

    parent.link("Choisir la semaine type")
    for enfant, moments in semaines.items():
        for moment in moments:
            parent.tap(heading(parent.page, enfant, f"^{moment}"))
            expect(box(parent.page, f"{enfant}, {moment.lower()}, vendredi")).to_be_checked()
    parent.button("Voir l’aperçu")
    parent.button("Enregistrer l’année")

    assert parent.taps <= 10
    title = parent.page.get_by_role("heading", name=re.compile("ajoutés"))
    expect(title).to_be_visible()
    assert planned() == [(enfant, moment.lower(), JOURS) for enfant, moments in semaines.items() for moment in moments]
    site.run_tasks()
    assert [mail.to for mail in site.mails] == [[famille.camille.user.email]]


@both
def test_year_of_three_children_who_come_together_is_set_in_six_taps(site: Site, javascript):
    famille = make_famille("Jules", "Léa", "Tom")
    thumb = Thumb(log_in(site, famille.camille.user, javascript))

    thumb.link("Choisir la semaine type")
    thumb.tap(heading(thumb.page, "Jules", "^Midi"))
    thumb.tap(heading(thumb.page, "Jules", "^Soir"))
    thumb.button("Tous comme Jules", leads=not javascript)
    thumb.button("Voir l’aperçu")
    thumb.button("Enregistrer l’année")

    assert thumb.taps <= 6
    expect(thumb.page.get_by_role("heading", name=re.compile("ajoutés"))).to_be_visible()
    assert planned() == [(enfant, moment, JOURS) for enfant in famille.enfants for moment in ("midi", "soir")]


@both
def test_mondays_of_the_month_are_ticked_in_two_taps(site: Site, javascript):
    famille = make_famille("Léa")
    page = site.open(MOIS, user=famille.camille.user, javascript=javascript)
    lundis = {
        jour: [box(page, f"Léa, {moment}, lundi {jour}") for moment in ("matin", "midi", "soir")] for jour in (7, 14)
    }
    again = page.get_by_role("button", name="Tous les lundis aussi")
    expect(again).to_be_hidden()

    heading(page, re.compile("du 7 au 11"), r"^lun\. 7$").click()
    for jour, cases in lundis.items():
        for case in cases:
            expect(case).to_be_checked(checked=jour == 7)
    again.click()

    for case in lundis[7] + lundis[14]:
        expect(case).to_be_checked()
    expect(again).to_be_hidden()
    expect(page.locator("[data-etat]")).to_contain_text("6 changements à enregistrer")
    assert Inscription.objects.count() == 0


def test_headings_untick_are_undone_and_told_at_once(site: Site):
    famille = make_famille()
    famille.enregistrer("Léa, 8, soir")
    page = site.open(MOIS, user=famille.camille.user)
    soir = heading(page, re.compile("du 7 au 11"), "^Léa, Soir")
    bar = page.locator("[data-etat]")
    undo = page.get_by_role("button", name="Annuler le dernier")

    soir.click()
    expect(bar).to_contain_text("3 changements à enregistrer 3 cases cochées.")
    expect(box(page, "Léa, soir, jeudi 10")).to_be_checked()
    expect(box(page, "Tom, soir, jeudi 10")).not_to_be_checked()
    soir.click()
    expect(bar).to_contain_text("1 changement à enregistrer 4 cases décochées.")
    undo.click()
    expect(bar).to_contain_text("3 changements à enregistrer")
    undo.click()
    expect(bar).to_contain_text("Tout est enregistré")
    expect(box(page, "Léa, soir, mardi 8")).to_be_checked()
    expect(box(page, "Léa, soir, jeudi 10")).not_to_be_checked()


def test_what_one_box_became_is_offered_for_the_same_day_of_the_month(site: Site):
    page = site.open(MOIS, user=make_famille().camille.user)

    box(page, "Tom, soir, jeudi 10").check()
    page.get_by_role("button", name="Tous les jeudis aussi").click()

    expect(box(page, "Tom, soir, jeudi 17")).to_be_checked()
    expect(box(page, "Léa, soir, jeudi 17")).not_to_be_checked()
    expect(page.locator("[data-etat]")).to_contain_text("2 changements à enregistrer")


def test_full_boxes_are_left_by_a_heading(site: Site):
    famille, others = make_famille("Léa"), make_famille("Noé")
    Creneau.objects.filter(code="soir").update(places=1)
    others.enregistrer("Noé, 8, soir")
    page = site.open(MOIS, user=famille.camille.user)

    heading(page, re.compile("du 7 au 11"), "^Léa, Soir").click()

    expect(box(page, "Léa, soir, mardi 8")).not_to_be_checked()
    expect(box(page, "Léa, soir, jeudi 10")).to_be_checked()


@both
def test_place_that_others_wait_for_is_left_by_a_heading(site: Site, javascript):
    famille, others = make_famille("Léa"), make_famille("Noé")
    Creneau.objects.filter(code="soir").update(places=1)
    famille.enregistrer(*(f"Léa, {jour}, soir" for jour in (7, 8, 10, 11)))
    others.enregistrer("Noé, 8, soir", voulu=Inscription.Etat.ATTENTE)
    page = site.open(MOIS, user=famille.camille.user, javascript=javascript)

    heading(page, re.compile("du 7 au 11"), "^Léa, Soir").click()

    expect(page.locator("[data-etat]")).to_contain_text("3 changements à enregistrer")
    expect(box(page, "Léa, soir, mardi 8")).to_be_checked()
    expect(box(page, "Léa, soir, lundi 7")).not_to_be_checked()


def test_arrows_go_from_headings_to_boxes_and_tab_stops_at_one_heading_a_week(site: Site):
    page = site.open(MOIS, user=make_famille().camille.user)
    semaine = re.compile("du 7 au 11")
    matin, jeudi = heading(page, semaine, "^Léa, Matin"), heading(page, semaine, r"^jeu\. 10$")

    stops = page.locator("th button").evaluate_all("buttons => buttons.filter(b => b.tabIndex === 0).length")
    assert stops == page.locator("table:has(th button)").count() == 2
    matin.focus()
    for key, reached in [
        ("ArrowRight", box(page, "Léa, matin, lundi 7")),
        ("ArrowUp", heading(page, semaine, r"^lun\. 7$")),
        ("ArrowRight", heading(page, semaine, r"^mar\. 8$")),
        ("ArrowRight", jeudi),
        ("ArrowDown", box(page, "Léa, matin, jeudi 10")),
        ("ArrowUp", jeudi),
    ]:
        page.keyboard.press(key)
        expect(reached).to_be_focused()
    page.keyboard.press("Enter")
    expect(box(page, "Tom, soir, jeudi 10")).to_be_checked()
    expect(jeudi).to_be_focused()


def test_headings_are_those_of_the_table_and_say_what_they_do(site: Site):
    page = site.open(MOIS, user=make_famille().camille.user)
    table = page.get_by_role("table", name=re.compile("du 7 au 11"))

    expect(table.get_by_role("rowheader", name="Léa, Soir 16h30–18h30", exact=True)).to_be_visible()
    expect(table.get_by_role("columnheader", name="lundi 7 décembre", exact=True)).to_be_visible()
    for name in ("^Léa, Soir", r"^lun\. 7$"):
        expect(heading(page, re.compile("du 7 au 11"), name)).to_have_accessible_description(
            "cocher ou décocher toute la rangée"
        )
