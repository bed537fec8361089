"""What is told of kept ticks is true: received, impossible, somebody else's, forgotten, too old."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from enfance.inscriptions import Resultat
from enfance.models import Evenement
from enfance.views import planning
from tests.navigateur.famille import MOIS, Famille
from tests.navigateur.gardees.scene import (
    KEPT,
    LEA,
    TOM,
    Scene,
    back_in_grid,
    box,
    expect_back,
    log_in,
    tick,
    to_grid,
    told,
    without_service,
)
from tests.navigateur.gestes import go, press
from tests.navigateur.site import Site
from tests.navigateur.telephones import STORED, wait_until

pytestmark = pytest.mark.navigateur


def test_save_whose_answer_was_lost_is_not_told_as_lost(scene: Scene):
    page = scene.page
    without_service(page)

    def lose_answer(route) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    page.context.route(f"**{MOIS}", lose_answer)
    with page.expect_event("requestfailed", lambda request: request.method == "POST"):
        page.locator("#enregistrer").click(no_wait_after=True)
    page.wait_for_timeout(500)  # the browser puts its own page there
    assert Evenement.objects.count() == 2
    scene.famille.enregistrer("Léa, 8, soir", par=scene.famille.dominique, voulu="annulee")

    page.goto("/")

    expect(page.get_by_role("heading", level=1)).to_have_text("Bonsoir Camille")
    wait_until(page, KEPT, 0)
    expect(told(page)).to_have_count(0)


VALUES = """() => new Promise(resolve => {
  const asked = indexedDB.open('garde', 1);
  asked.onsuccess = () => {
    const found = asked.result.transaction('gardes').objectStore('gardes').getAll();
    found.onsuccess = () => resolve(found.result);
  };
})"""


# A window that waits for a page answers to nobody: what it shows is noted from inside, and read on the next page.
TWICE = """() => {
  const bouton = document.querySelector('#enregistrer');
  const voir = () => [
    bouton.textContent,
    bouton.getAttribute('aria-disabled'),
    bouton.form.querySelector('[role=status][data-travail-statut]').textContent,
  ];
  bouton.form.addEventListener('submit', () => setTimeout(() => sessionStorage.setItem('vu', JSON.stringify(voir()))));
  setTimeout(() => bouton.click(), 500);
  setTimeout(() => bouton.click(), 1500);
}"""


def test_slow_save_says_at_once_that_it_runs_and_is_sent_once(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    page, sent, save = scene.page, [], planning.enregistrer_famille

    def slow(*args: Any, **kwargs: Any) -> Resultat:
        sent.append(1)
        time.sleep(3)
        return save(*args, **kwargs)

    monkeypatch.setattr(planning, "enregistrer_famille", slow)
    page.evaluate(TWICE)
    expect(page.locator("#resultat")).to_contain_text("C’est enregistré", timeout=15_000)

    assert json.loads(page.evaluate("sessionStorage.getItem('vu')")) == ["Enregistrement…", "true", "Enregistrement…"]
    assert (len(sent), Evenement.objects.count()) == (1, 2)


def test_save_that_was_undone_is_not_told_as_lost(scene: Scene):
    page = scene.page
    box(page, TOM).uncheck()
    press(page, "Enregistrer")
    tick(page, TOM)
    wait_until(page, KEPT, 1)

    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.type))
    press(page, "Annuler ces changements")  # another form of the page: Tom's tick is not in it

    assert dialogs == []  # the tick is kept

    expect_back(page, TOM)
    expect(box(page, LEA)).not_to_be_checked()
    expect(page.locator("[data-etat]")).to_contain_text("Tom, midi\u00a0: à ajouter jeudi 10\u00a0décembre")


def test_tick_that_is_no_longer_possible_is_told_and_not_forced(scene: Scene):
    page = scene.page
    scene.site.clock.shift(timedelta(days=4))  # the limit of Tuesday 8 is past
    page.context.clear_cookies()
    log_in(page, scene.famille.camille.user, MOIS)
    expect(told(page)).to_contain_text("Léa, mardi 8, soir")
    expect(told(page)).to_contain_text("la date limite est passée")
    expect_back(page, TOM)
    expect(page.get_by_role("button", name="Oublier ces 2\u00a0cases")).to_be_visible()

    press(page, "Enregistrer")

    expect(page.locator("#resultat")).to_contain_text("Tom")
    expect(page.locator("[data-etat]")).to_contain_text("Tout est enregistré")
    expect(told(page)).to_have_count(0)
    assert Evenement.objects.count() == 1
    wait_until(page, KEPT, 0)


def test_ticks_of_an_account_are_shown_to_that_account_alone(scene: Scene):
    """An old tab keeps its own ticks, whoever logs in beside it."""
    page, context = scene.page, scene.page.context
    beside = context.new_page()
    context.clear_cookies()
    log_in(beside, scene.famille.dominique.user)
    expect(told(beside)).to_have_count(0)
    beside.goto(MOIS)
    expect(beside.locator("[data-etat]")).to_contain_text("Tout est enregistré")
    tick(page, "Léa, soir, jeudi 10")
    wait_until(page, KEPT, 3)
    beside.reload()
    expect(told(beside)).to_have_count(0)

    context.clear_cookies()
    log_in(beside, scene.famille.camille.user)

    expect(told(beside)).to_contain_text("3\u00a0cases n’ont pas été enregistrées")


def test_forgotten_ticks_are_told_to_be_so_and_are_gone(scene: Scene):
    page = scene.page
    page.reload()

    expect_back(page, LEA, TOM)

    page.get_by_role("button", name="Oublier ces 2\u00a0cases").click()

    expect(page.locator("#enregistrer")).to_be_focused()
    expect(page.locator("[data-etat]")).to_contain_text("Tout est enregistré")
    expect(page.locator("[data-etat]")).to_contain_text("Oublié")
    expect(page.locator(".modif, [data-reprises]:visible")).to_have_count(0)
    expect(page.get_by_role("button", name="Oublier")).to_have_count(0)
    wait_until(page, KEPT, 0)
    assert not Evenement.objects.exists()


def test_ticks_forgotten_from_another_page_are_gone_too(scene: Scene):
    page = scene.page
    page.goto("/")

    told(page).get_by_role("button", name="Oublier ces 2\u00a0cases").click()

    expect(page.locator(".msg", has_text="Oublié")).to_be_focused()
    expect(told(page)).to_have_count(0)
    wait_until(page, KEPT, 0)


def test_box_of_another_month_waits_in_its_own(scene: Scene):
    page = scene.page
    page.goto("/planning/2027-01/")
    expect(told(page)).to_contain_text("2\u00a0cases n’ont pas été enregistrées")
    expect(back_in_grid(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Oublier")).to_have_count(0)
    tick(page, "Léa, soir, jeudi 7")
    wait_until(page, KEPT, 3)

    to_grid(page)

    expect_back(page, LEA, TOM)
    expect(told(page)).to_contain_text("1\u00a0case n’a pas été enregistrée")
    expect(told(page).get_by_role("link", name="Retrouver en janvier")).to_be_visible()
    page.get_by_role("button", name="Oublier ces 2\u00a0cases").click()
    wait_until(page, KEPT, 1)
    expect(told(page)).to_contain_text("1\u00a0case")


def test_box_that_another_saved_meanwhile_is_told_once(scene: Scene):
    page = scene.page
    scene.famille.enregistrer("Léa, 8, soir", par=scene.famille.dominique)

    page.reload()

    expect(page.get_by_role("main")).to_contain_text("Léa, mardi 8, soir\u00a0: déjà ajouté")
    expect_back(page, TOM)
    expect(box(page, LEA)).to_be_checked()
    wait_until(page, KEPT, 1)


def test_what_is_kept_has_no_name_and_goes_after_thirty_days(scene: Scene):
    keys = scene.page.evaluate(f"{STORED}('')")
    month = 31 * 24 * 3600 * 1000
    kept_since = scene.page.evaluate(VALUES)
    scene.page.reload()
    expect_back(scene.page, LEA, TOM)
    assert scene.page.evaluate(VALUES) == kept_since  # a page that gives them back does not keep them for longer
    kept = scene.page.evaluate(
        """([keys, age]) => new Promise(resolve => {
          const asked = indexedDB.open('garde', 1), kept = [];
          asked.onsuccess = () => {
            const work = asked.result.transaction('gardes', 'readwrite'), store = work.objectStore('gardes');
            for (const key of keys) {
              store.get(key).onsuccess = ({ target }) => {
                kept.push(key, JSON.stringify(target.result));
                const [wanted, instant, proof] = target.result;
                store.put([wanted, instant - age, proof], key);
              };
            }
            work.oncomplete = () => resolve(kept.join());
          };
        })""",
        [keys, month],
    )
    assert len(keys) == 2
    assert [name for name in ("Léa", "Tom", "Camille", scene.famille.camille.user.identifiant) if name in kept] == []
    scene.page.goto("/")

    wait_until(scene.page, KEPT, 0)
    expect(told(scene.page)).to_have_count(0)


def test_ticks_of_the_semaine_type_are_put_back_in_its_page(site: Site, famille: Famille):
    page = site.open("/semaine-type/", user=famille.camille.user)
    page.on("dialog", lambda dialog: dialog.accept())
    tuiles = page.locator(".tuile")
    tuiles.nth(0).check()
    tuiles.nth(3).check()
    wait_until(page, KEPT, 2)
    page.goto("/")

    page.goto("/semaine-type/")

    expect(back_in_grid(page)).to_contain_text("2\u00a0cases reprises")
    expect(tuiles.nth(0)).to_be_checked()
    expect(tuiles.nth(3)).to_be_checked()
    expect(told(page)).to_have_count(0)
    expect(page.locator("[data-etat]")).to_contain_text("2\u00a0changements à enregistrer")
    expect(page.get_by_role("button", name="Voir l’aperçu")).to_have_count(1)
    page.reload()
    expect(tuiles.nth(3)).to_be_checked()


@pytest.mark.parametrize("path", ["/jour/2026-12-08/", "/semaine-type/"])
def test_ticks_of_the_day_and_of_the_semaine_type_are_kept_as_well(site: Site, famille: Famille, path: str):
    page = site.open(path, user=famille.camille.user)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(".tuile").first.check()
    wait_until(page, KEPT, 1)

    page.goto("/")

    expect(told(page)).to_contain_text("n’a pas été enregistrée")
    go(told(page).get_by_role("link", name="Retrouver"))
    expect(back_in_grid(page)).to_contain_text("1\u00a0case reprise")
    expect(page.locator(".modif .tuile")).to_have_accessible_description("à enregistrer")
    press(page, "Voir l’aperçu" if path == "/semaine-type/" else "Enregistrer")
    if path == "/semaine-type/":
        expect(page.get_by_role("heading", level=1)).to_have_text("Voici ce qui va changer")
        assert page.evaluate(KEPT) == 1  # a preview saves nothing
        page.wait_for_load_state("networkidle")
        expect(told(page)).to_have_count(0)  # it shows these very ticks
        press(page, "Enregistrer l’année")
    expect(page.locator("#resultat")).to_be_visible()
    wait_until(page, KEPT, 0)
    assert Evenement.objects.exists()


def test_ticks_of_the_version_before_are_taken_over(site: Site, famille: Famille):
    """localStorage held them, all those of an account under one key."""
    page = site.open("/compte/", user=famille.camille.user)
    page.evaluate(
        """cases => {
          const { appareil } = document.querySelector('[data-appareil]').dataset;
          const kept = Object.fromEntries(cases.map(value => [value, ['r', Date.now(), '']]));
          localStorage.setItem(`cases:${appareil}`, JSON.stringify(kept));
        }""",
        [f"{famille.enfants['Léa'].pk}:2026-12-08:soir", f"{famille.enfants['Tom'].pk}:2026-12-10:midi"],
    )

    page.goto("/")

    expect(told(page)).to_contain_text("2\u00a0cases n’ont pas été enregistrées")
    assert (page.evaluate("Object.keys(localStorage)"), page.evaluate(KEPT)) == ([], 2)
