"""A saved day, from the first tap to the history, the mail and the town hall."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
from playwright.sync_api import Page, expect

from enfance.models import Creneau, Evenement, Fermeture, Inscription
from portail.dates import PARIS
from tests.navigateur.famille import MOIS, make_famille
from tests.navigateur.gestes import go, press
from tests.navigateur.site import DESKTOP, PHONE, Site

pytestmark = pytest.mark.navigateur

both = pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])


def box(page: Page, name: str):
    return page.get_by_role("checkbox", name=name, exact=True)


def bar(page: Page):
    return page.locator("[data-etat] b")


@pytest.mark.parametrize(
    ("size", "javascript"), [(PHONE, True), (DESKTOP, False)], ids=["phone", "desktop without JavaScript"]
)
def test_ticks_of_both_children_are_saved_at_once(site: Site, javascript, size):
    famille = make_famille()
    page = site.open(MOIS, user=famille.camille.user, javascript=javascript, size=size)

    box(page, "Léa, soir, mardi 8").check()
    box(page, "Tom, midi, jeudi 10").check()
    press(page, "Enregistrer")

    expect(page.locator("#resultat")).to_contain_text("C’est enregistré")
    expect(page.locator("#resultat")).to_contain_text("Léa : soir ajouté, mardi 8")
    page.goto(MOIS)
    expect(box(page, "Léa, soir, mardi 8")).to_be_checked()
    expect(box(page, "Tom, midi, jeudi 10")).to_be_checked()
    page.goto("/historique/")
    expect(page.get_by_role("main")).to_contain_text("Léa : soir ajouté, mardi 8")
    site.run_tasks()
    assert [mail.to for mail in site.mails] == [[famille.camille.user.email]]
    assert Evenement.objects.count() == 2


@both
def test_month_opens_on_the_present_week_and_way_back_stays(site: Site, javascript):
    famille = make_famille("Jules", "Léa", "Tom")
    site.clock.move_to(datetime(2026, 12, 14, 9, tzinfo=PARIS))
    page = famille.open(site, "/", javascript)
    go(page.get_by_role("link", name="Planning", exact=True))

    semaine = page.get_by_role("heading", name=re.compile("Semaine du 14 au 18"))
    expect(semaine).to_be_in_viewport()
    expect(page.get_by_role("heading", name=re.compile("Semaine du 7 au 11"))).to_be_hidden()
    page.get_by_text("Semaines passées").click()
    expect(page.get_by_role("heading", name=re.compile("Semaine du 7 au 11"))).to_be_visible()
    assert page.url.endswith(MOIS)
    page.go_back()
    expect(page).to_have_url(f"{site.url}/")


@both
def test_day_is_changed_in_three_taps_from_home(site: Site, javascript):
    famille = make_famille()
    famille.enregistrer("Tom, 7, soir")
    page = site.open("/", user=famille.camille.user, javascript=javascript)

    go(page.get_by_role("link", name=re.compile("^Modifier le lundi 7")))
    box(page, "Tom, soir, lundi 7").uncheck()
    press(page, "Enregistrer")

    expect(page.locator("#resultat")).to_contain_text("Tom : soir retiré, lundi 7")
    expect(box(page, "Tom, soir, lundi 7")).not_to_be_checked()
    assert Inscription.objects.get().etat == Inscription.Etat.ANNULEE


@both
def test_copy_ticks_the_other_child_and_saves_nothing(site: Site, javascript):
    famille = make_famille()
    famille.enregistrer("Léa, 8, matin", "Léa, 10, soir")
    page = site.open(MOIS, user=famille.camille.user, javascript=javascript)

    page.get_by_role("button", name=re.compile("^Tom comme Léa ?, semaine du 7")).click()

    expect(bar(page)).to_have_text("2 changements à enregistrer")
    expect(box(page, "Tom, matin, mardi 8")).to_be_checked()
    expect(box(page, "Tom, soir, jeudi 10")).to_be_checked()
    expect(box(page, "Tom, matin, lundi 7")).not_to_be_checked()
    assert not Inscription.objects.filter(enfant=famille.enfants["Tom"]).exists()
    press(page, "Enregistrer")
    assert Inscription.objects.filter(enfant=famille.enfants["Tom"]).count() == 2


@both
def test_week_is_copied_on_the_following_ones(site: Site, javascript):
    famille = make_famille("Léa")
    famille.enregistrer("Léa, 8, matin")
    page = site.open(MOIS, user=famille.camille.user, javascript=javascript)

    page.get_by_role("button", name=re.compile("^Recopier sur la suite du mois : semaine du 7")).click()
    expect(box(page, "Léa, matin, mardi 15")).to_be_checked()
    press(page, "Enregistrer")

    assert list(Inscription.objects.values_list("jour", flat=True)) == [date(2026, 12, 8), date(2026, 12, 15)]


def test_changes_are_counted_undone_and_kept_from_a_careless_leave(site: Site):
    famille = make_famille()
    page = site.open(MOIS, user=famille.camille.user)
    expect(bar(page)).to_have_text("Tout est enregistré")

    box(page, "Léa, soir, mardi 8").check()
    box(page, "Tom, soir, mardi 8").check()
    expect(bar(page)).to_have_text("2 changements à enregistrer")
    page.get_by_role("button", name="Annuler le dernier").click()
    expect(box(page, "Tom, soir, mardi 8")).not_to_be_checked()
    expect(bar(page)).to_have_text("1 changement à enregistrer")
    questions = []
    page.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Semaine type", exact=True).click()
    page.wait_for_url("**/semaine-type/")

    assert questions == ["beforeunload"]


def test_grid_is_filled_with_the_keyboard_alone(site: Site):
    famille = make_famille()
    page = site.open(MOIS, user=famille.camille.user)

    box(page, "Léa, soir, lundi 7").focus()
    page.keyboard.press("ArrowRight")
    expect(box(page, "Léa, soir, mardi 8")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(box(page, "Tom, matin, mardi 8")).to_be_focused()
    page.keyboard.press("Space")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    expect(page.locator("#resultat")).to_be_focused()
    assert sorted(Inscription.objects.values_list("enfant__prenom", "creneau__code")) == [
        ("Léa", "soir"),
        ("Tom", "matin"),
    ]


@both
def test_place_taken_meanwhile_is_refused_beside_its_box(site: Site, javascript):
    famille, others = make_famille(), make_famille("Noé")
    page = site.open(MOIS, user=famille.camille.user, javascript=javascript)
    box(page, "Léa, soir, mardi 8").check()
    box(page, "Léa, matin, mardi 8").check()
    others.enregistrer("Noé, 8, soir")
    Creneau.objects.filter(code="soir").update(places=1)

    press(page, "Enregistrer")

    expect(page).to_have_title(re.compile("^Erreur"))
    expect(page.locator("#resume-erreurs")).to_contain_text("Léa, mardi 8, soir")
    expect(page.locator("#resume-erreurs")).to_contain_text("L’autre changement est enregistré.")
    expect(box(page, "Léa, soir, mardi 8")).to_have_attribute("aria-invalid", "true")
    expect(box(page, "Léa, soir, mardi 8")).to_have_accessible_description(re.compile("complet"))
    assert list(Inscription.objects.filter(enfant=famille.enfants["Léa"]).values_list("creneau__code", flat=True)) == [
        "matin"
    ]


@both
def test_save_button_is_quiet_until_something_has_changed(site: Site, javascript):
    famille = make_famille()
    famille.enregistrer("Léa, 8, soir")
    for path, name in ((MOIS, "Léa, soir, mardi 8"), ("/jour/2026-12-08/", "Léa, soir, mardi 8")):
        page = famille.open(site, path, javascript)
        save = page.locator("#enregistrer")
        quiet = "rgba(0, 0, 0, 0)"

        expect(save).to_have_css("background-color", quiet)
        box(page, name).uncheck()
        expect(save).not_to_have_css("background-color", quiet)
        box(page, name).check()
        expect(save).to_have_css("background-color", quiet)
        press(page, "Enregistrer")
        expect(page.locator("#resultat")).to_have_text("Aucun changement : tout était déjà enregistré.")


@both
def test_save_button_stands_out_when_a_button_has_ticked(site: Site, javascript):
    page = make_famille().open(site, MOIS, javascript)

    page.get_by_role("button", name="lun. 7", exact=True).click()

    expect(bar(page)).to_have_text("6 changements à enregistrer")
    expect(page.locator("#enregistrer")).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")


def test_first_box_is_within_the_first_screen_of_a_telephone(site: Site):
    """Under the title, the closures and the three children, each in a line; and the bar below does not cover it."""
    famille = make_famille("Léa", "Tom", "Zoé")
    Fermeture.objects.create(debut=date(2026, 12, 15), fin=date(2026, 12, 15), motif="formation de l’équipe")
    site.clock.move_to(datetime(2026, 12, 1, 9, tzinfo=PARIS))
    page = famille.open(site, MOIS)

    top, bottom = page.locator("input.tuile").first.evaluate("b => (r => [r.top, r.bottom])(b.getBoundingClientRect())")
    assert top <= 560
    assert bottom <= page.locator(".barre").evaluate("bar => bar.getBoundingClientRect().top")
    page.get_by_text(re.compile("^Fermé mardi 15")).click()
    expect(page.get_by_text(re.compile(r"Mardi 15\sdécembre \(formation"))).to_be_visible()
