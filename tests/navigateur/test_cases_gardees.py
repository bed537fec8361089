"""Ten ways to lose a tick: none doubled, none falsely told, none lost where the browser stores (REL-06, RGP-12)."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import BrowserContext, Error, Locator, Page, expect

from accounts.models import User
from accounts.sessions import end_all
from enfance.inscriptions import Resultat
from enfance.models import Evenement
from enfance.views import planning
from tests.factories import PASSWORD
from tests.faults import FAULTS, WAIT
from tests.navigateur.famille import MOIS, Famille, make_famille
from tests.navigateur.gestes import go, press, send
from tests.navigateur.reseau import Reseau
from tests.navigateur.site import PHONE, Site, session_of
from tests.navigateur.test_equipe import LEFT, wait_until
from tests.tools import chromium

pytestmark = pytest.mark.navigateur

LEA, TOM = "Léa, soir, mardi 8", "Tom, midi, jeudi 10"
KEPT = "Object.keys(localStorage).filter(cle => cle.startsWith('cases:')).length"
CACHED = """async () => {
  const caches_ = await Promise.all((await caches.keys()).map(nom => caches.open(nom)));
  const requetes = (await Promise.all(caches_.map(cache => cache.keys()))).flat();
  return requetes.map(requete => new URL(requete.url).pathname).sort();
}"""
REFUSES = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=name, exact=True)


def tick(page: Page, *names: str) -> None:
    for name in names:
        box(page, name).check()


def told(page: Page) -> Locator:
    """What the page tells of the boxes that the device kept."""
    return page.locator("section[data-gardees]")


def log_in(page: Page, user: User, path: str = "/") -> None:
    page.goto(path)
    send(page, "Connexion", identifiant=user.identifiant, password=PASSWORD)


def wait_for_service(page: Page) -> None:
    """Until the portal can show a page of its own without network."""
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")


def cut(page: Page, reseau: Reseau) -> None:
    """The network is gone as the button is pressed, and comes back."""
    reseau.cut()
    go(page.locator("#enregistrer"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")
    reseau.mend()


@dataclass
class Scene:
    """The phone of Camille, who came from home to the month and ticked a box for each of her children."""

    site: Site
    famille: Famille
    reseau: Reseau
    page: Page

    def come_back(self) -> Page:
        log_in(self.page, self.famille.camille.user)
        wait_for_service(self.page)
        return self.page


@pytest.fixture(autouse=True)
def _impatient(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server waits for a locked database no longer than these tests."""
    options = connection.settings_dict["OPTIONS"]
    if connection.vendor == "sqlite":
        monkeypatch.setitem(options, "timeout", WAIT / 1000)
    else:
        monkeypatch.setitem(options, "options", f"-c lock_timeout={WAIT}")


@pytest.fixture
def famille(site: Site) -> Famille:
    return make_famille()


@pytest.fixture
def reseau(site: Site) -> Iterator[Reseau]:
    reseau = Reseau(site.url)
    yield reseau
    reseau.close()


@pytest.fixture
def scene(site: Site, famille: Famille, reseau: Reseau) -> Scene:
    page = site.open("/", user=famille.camille.user, base=reseau.url)
    page.on("dialog", lambda dialog: dialog.accept())
    wait_for_service(page)
    page.goto(MOIS)
    tick(page, LEA, TOM)
    return Scene(site, famille, reseau, page)


# --- The ways to lose a tick; each leads back to a page of the portal -------------------------------------------------


def network(scene: Scene) -> Page:
    """It goes as « Enregistrer » is pressed; then « Retour »."""
    cut(scene.page, scene.reseau)
    expect(scene.page.get_by_text("2\u00a0cases pas encore enregistrées sont gardées sur cet appareil")).to_be_visible()
    scene.page.go_back()
    return scene.page


def session(scene: Scene) -> Page:
    """The cookies are gone: the form is refused."""
    scene.page.context.clear_cookies()
    go(scene.page.locator("#enregistrer"))
    expect(scene.page.get_by_role("heading", level=1)).to_have_text("Ce formulaire n’est plus valable")
    return scene.come_back()


def device(scene: Scene) -> Page:
    """Camille changes her password on another device: this one is logged out as she saves."""
    end_all(scene.famille.camille.user)
    go(scene.page.locator("#enregistrer"))
    expect(scene.page.get_by_role("heading", level=1)).to_have_text("Accès famille")
    return scene.come_back()


def tab(scene: Scene) -> Page:
    """It is closed; another one is opened later."""
    context = scene.page.context
    scene.page.close()
    page = context.new_page()
    page.goto("/")
    return page


def sleep(scene: Scene) -> Page:
    """The phone sleeps for a day; the browser, which had put the page away, asks for it again."""
    scene.site.clock.shift(timedelta(days=1))
    scene.page.reload()
    return scene.come_back()


def back(scene: Scene) -> Page:
    scene.page.go_back()
    return scene.page


def dialog(scene: Scene) -> Page:
    """« Quitter le site ? » is answered yes, on the way to another page."""
    go(scene.page.get_by_role("link", name="Compte", exact=True))
    return scene.page


def server(scene: Scene) -> Page:
    """503: its page, which could send the form again, is left for another one."""
    scene.site.fails = True
    with FAULTS["locked"]():
        go(scene.page.locator("#enregistrer"))
        assert scene.site.status(scene.page) == 503
    scene.page.goto("/")
    return scene.page


@pytest.mark.parametrize("lose", [network, session, device, tab, sleep, back, dialog, server])
def test_tick_is_not_lost(scene: Scene, lose: Callable[[Scene], Page]):
    page = lose(scene)

    expect(told(page)).to_contain_text("2\u00a0cases n’ont pas été enregistrées")
    expect(told(page).get_by_role("link", name="Voir le mois")).to_have_count(0 if page.url.endswith(MOIS) else 1)
    expect(page.get_by_text("Vous n’avez rien à faire")).not_to_be_visible()
    assert not Evenement.objects.exists()
    go(told(page).get_by_role("button", name="Enregistrer", exact=True))

    expect(page.locator("#resultat")).to_contain_text("C’est enregistré")
    expect(page.locator("[data-etat]")).to_contain_text("Tout est enregistré")
    expect(box(page, LEA)).to_be_checked()
    expect(box(page, TOM)).to_be_checked()
    expect(told(page)).to_have_count(0)
    assert page.evaluate(KEPT) == 0
    assert Evenement.objects.count() == 2


def test_crash_of_the_browser_loses_no_tick(site: Site, famille: Famille, tmp_path: Path):
    page = open_browser(site, tmp_path, session_of(famille.camille.user)).pages[0]
    page.goto(f"{site.url}{MOIS}")
    tick(page, LEA, TOM)
    wait_for_disk(page, tmp_path)
    os.kill(process_of(tmp_path), signal.SIGKILL)

    page = open_browser(site, tmp_path).pages[0]
    log_in(page, famille.camille.user, f"{site.url}/")

    expect(told(page)).to_contain_text("2\u00a0cases n’ont pas été enregistrées")
    page.context.close()


def open_browser(site: Site, folder: Path, session: str = "") -> BrowserContext:
    """A browser of its own, which keeps what it stores in this folder."""
    width, height = PHONE
    context = site.browser.browser_type.launch_persistent_context(
        folder, executable_path=chromium(), args=["--no-sandbox"], viewport={"width": width, "height": height}
    )
    if session:
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site.url}])
    return context


def wait_for_disk(page: Page, folder: Path) -> None:
    """Until the browser has written what it stores: it does so when it pleases."""
    for _ in range(100):
        stored = folder.glob("**/Local Storage/leveldb/*.log")
        if any(b"cases:" in path.read_bytes() for path in stored):
            return
        page.wait_for_timeout(100)
    raise AssertionError("nothing was written")


def process_of(folder: Path) -> int:
    """The browser that works in this folder, its helpers apart."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        words = path.read_bytes().split(b"\0") if path.exists() else []
        if f"--user-data-dir={folder}".encode() in words and not any(word.startswith(b"--type=") for word in words):
            return int(path.parent.name)
    raise AssertionError("no such browser")


def test_browser_that_stores_nothing_is_said_to_before(site: Site, famille: Famille, reseau: Reseau):
    page = site.open(user=famille.camille.user, base=reseau.url)
    page.add_init_script(REFUSES)
    page.goto("/")
    expect(page.get_by_text("Ce navigateur ne garde rien")).to_have_count(0)
    wait_for_service(page)
    page.goto(MOIS)
    expect(page.get_by_role("status").get_by_text("Ce navigateur ne garde rien")).to_be_visible()
    tick(page, LEA)
    cut(page, reseau)

    page.goto(MOIS)

    expect(box(page, LEA)).not_to_be_checked()
    expect(told(page)).to_have_count(0)
    assert not Evenement.objects.exists()


# --- What is told is true ---------------------------------------------------------------------------------------------


def without_service(page: Page) -> None:
    """The same month, whose form goes straight to the server: what a service sends cannot be caught on the way."""
    page.evaluate("navigator.serviceWorker.getRegistration('/').then(service => service.unregister())")
    page.reload()
    told(page).get_by_role("button", name="Oublier").click()
    tick(page, LEA, TOM)


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

    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.type))
    press(page, "Annuler ces changements")  # another form of the page: Tom's tick is not in it

    assert dialogs == []  # the tick is kept

    expect(told(page)).to_contain_text("1\u00a0case n’a pas été enregistrée")
    expect(told(page)).to_contain_text("Tom, midi")
    expect(told(page)).not_to_contain_text("Léa")
    expect(page.locator("[data-etat]")).to_contain_text("Des cases attendent")


def test_tick_that_is_no_longer_possible_is_told_and_not_forced(scene: Scene):
    page = scene.page
    scene.site.clock.shift(timedelta(days=4))  # the limit of Tuesday 8 is past
    page.context.clear_cookies()
    log_in(page, scene.famille.camille.user, MOIS)
    expect(told(page)).to_contain_text("Léa, mardi 8, soir")
    expect(told(page)).to_contain_text("la date limite est passée")

    go(told(page).get_by_role("button", name="Enregistrer", exact=True))

    expect(page.locator("#resultat")).to_contain_text("Tom")
    expect(page.locator("[data-etat]")).to_contain_text("Tout est enregistré")
    expect(told(page)).to_have_count(0)
    assert Evenement.objects.count() == 1
    assert page.evaluate(KEPT) == 0


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
    beside.reload()
    expect(told(beside)).to_have_count(0)

    context.clear_cookies()
    log_in(beside, scene.famille.camille.user)

    expect(told(beside)).to_contain_text("3\u00a0cases n’ont pas été enregistrées")


def test_forgotten_ticks_are_told_to_be_so_and_are_gone(scene: Scene):
    page = scene.page
    page.reload()

    told(page).get_by_role("button", name="Oublier").click()

    expect(page.locator(".msg", has_text="Oublié")).to_be_focused()
    expect(page.locator("[data-etat]")).to_contain_text("Tout est enregistré")
    assert page.evaluate(KEPT) == 0
    assert not Evenement.objects.exists()


def test_what_is_kept_has_no_name_and_goes_after_thirty_days(scene: Scene):
    stored = scene.page.evaluate("JSON.stringify(localStorage)")
    assert not [name for name in ("Léa", "Tom", "Camille", scene.famille.camille.user.identifiant) if name in stored]

    scene.page.evaluate(
        """() => {
          const [cle] = Object.keys(localStorage);
          const cases = JSON.parse(localStorage[cle]);
          for (const valeur in cases) cases[valeur][1] -= 31 * 24 * 3600 * 1000;
          localStorage[cle] = JSON.stringify(cases);
        }"""
    )
    scene.page.goto("/")

    wait_until(scene.page, KEPT, 0)
    expect(told(scene.page)).to_have_count(0)


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
    assert page.evaluate(KEPT) == 0
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
    expect(page.get_by_text("la page vous proposera")).not_to_be_visible()
    reseau.mend()

    go(page.get_by_role("link", name="Réessayer"))

    expect(page.get_by_role("heading", level=1)).to_have_text("Bonsoir Camille")


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


def test_question_at_logging_out_leads_back_to_what_waits(scene: Scene):
    page = scene.page
    page.goto("/")
    expect(told(page)).to_be_visible()
    page.get_by_role("button", name="Se déconnecter", exact=True).click()

    page.get_by_role("button", name="Revenir les enregistrer").click()

    expect(told(page).get_by_role("button", name="Enregistrer", exact=True)).to_be_focused()


def test_logging_out_leaves_nothing_on_the_device(site: Site, famille: Famille):
    page = site.open("/", user=famille.camille.user)
    wait_for_service(page)

    press(page, "Se déconnecter")

    wait_until(page, LEFT, [[], [], 0])


def test_ticks_of_the_semaine_type_are_put_back_in_its_page(site: Site, famille: Famille):
    page = site.open("/semaine-type/", user=famille.camille.user)
    page.on("dialog", lambda dialog: dialog.accept())
    tuiles = page.locator(".tuile")
    tuiles.nth(0).check()
    tuiles.nth(3).check()
    page.goto("/")

    page.goto("/semaine-type/")

    expect(page.get_by_text("2\u00a0cases ne sont pas enregistrées. Vos choix sont remis ci-dessous.")).to_be_visible()
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

    page.goto("/")

    expect(told(page)).to_contain_text("n’a pas été enregistrée")
    go(told(page).locator("button:not([type=button])"))
    if path == "/semaine-type/":
        expect(page.get_by_role("heading", level=1)).to_have_text("Voici ce qui va changer")
        assert page.evaluate(KEPT) == 1  # a preview saves nothing
        page.wait_for_load_state("networkidle")
        expect(told(page)).to_have_count(0)  # it shows these very ticks
        press(page, "Remplir le planning")
    expect(page.locator("#resultat")).to_be_visible()
    assert page.evaluate(KEPT) == 0
    assert Evenement.objects.exists()
