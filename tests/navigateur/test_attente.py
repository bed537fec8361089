"""What waits for the network leaves from whichever page is open, once, and is said on every page until it has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from accounts.models import User
from enfance.equipe import pages
from enfance.equipe.pointages import terminer
from enfance.equipe.reception import BilanGestes
from enfance.models import Appel, Geste, Inscription
from tests.factories import StaffFactory
from tests.navigateur.reseau import Reseau
from tests.navigateur.telephones import (
    HEURE,
    JOUR,
    SOIR,
    STORED,
    Gate,
    bar,
    box,
    hear,
    present,
    sent,
    stored,
    wait_until,
    waits,
)

pytestmark = pytest.mark.navigateur
MIDI = f"{JOUR}?creneau=midi"
CARDS = """async () => {
  const page = await (await caches.open('feuilles')).match('/equipe/fiches.json');
  return page ? Object.keys((await page.json()).fiches).length : 0;
}"""
LEFT = stored("pointages:")


@pytest.fixture
def midi(enfants) -> None:
    """The same children, at noon."""
    soir = Inscription.objects.select_related("creneau").first().creneau
    midi = type(soir).objects.get(code="midi")
    Inscription.objects.bulk_create(
        Inscription(enfant=enfant, jour=inscription.jour, creneau=midi)
        for enfant, inscription in zip(enfants, Inscription.objects.order_by("enfant"), strict=True)
    )


def tick_two_sheets(page: Page) -> None:
    """Three taps without network: two of the evening, one of noon."""
    box(page, "Anna").check()
    box(page, "Basile", "parti").check()
    expect(bar(page)).to_contain_text("2 pointages gardés sur ce téléphone")
    page.goto(MIDI)
    box(page, "Chloé").check()
    expect(bar(page)).to_contain_text("3 pointages gardés sur ce téléphone")


@pytest.mark.parametrize(
    "path",
    [
        "/compte/",
        "/aide/equipe/",
        f"{JOUR}imprimer/",
        f"{JOUR}ajouter/?creneau=soir",
        "/equipe/2026-12-09/",
        "/admin/",
    ],
)
def test_two_sheets_ticked_without_network_leave_from_a_third_page_within_ten_seconds(gate: Gate, midi, path):
    page, reseau = gate.phone(StaffFactory())
    page.goto(path)
    third = page.context.new_page()
    third.goto(SOIR)
    reseau.cut()
    tick_two_sheets(third)
    third.close()
    page.bring_to_front()
    expect(waits(page)).to_contain_text("3 pointages attendent le réseau.")

    reseau.mend()
    page.clock.run_for(10_000)
    expect(waits(page)).to_be_hidden()
    assert Geste.objects.count() == 3
    assert present() == ["Anna", "Basile", "Chloé"]
    assert page.evaluate(LEFT) == 0


@pytest.mark.parametrize("path", [f"{JOUR}enfants/%d/", "/equipe/2026-12-09/"], ids=["card", "page not kept"])
def test_two_sheets_leave_from_a_page_that_opened_without_network(gate: Gate, enfants, midi, path):
    page, reseau = gate.phone(StaffFactory())
    wait_until(page, CARDS, len(enfants))
    reseau.cut()
    tick_two_sheets(page)
    page.goto(path % enfants[0].pk if "%" in path else path)
    expect(page.locator("main")).to_contain_text("Pas de réseau")
    expect(waits(page)).to_contain_text("3 pointages attendent le réseau.")
    reseau.mend()
    page.clock.run_for(10_000)
    expect(waits(page)).to_be_hidden()
    assert (Geste.objects.count(), present(), page.evaluate(LEFT)) == (3, ["Anna", "Basile", "Chloé"], 0)


def test_two_tabs_tick_and_send_at_once_and_nothing_is_lost_or_doubled(gate: Gate, enfants):
    page, reseau = gate.phone(StaffFactory())
    other = page.context.new_page()
    other.goto(SOIR)
    reseau.cut()
    for tab, prenoms in ((page, ["Anna", "Chloé", "Elsa"]), (other, ["Basile", "Diego", "Farid"])):
        for prenom in prenoms:
            box(tab, prenom).check()
    expect(bar(other)).to_contain_text("6 pointages gardés sur ce téléphone")
    reseau.mend()
    for tab in (page, other):
        hear(tab)
    for tab in (page, other):
        sent(tab)
        expect(tab.locator("[data-presents]")).to_have_text("6", timeout=30_000)
    assert (Geste.objects.count(), present()) == (6, ["Anna", "Basile", "Chloé", "Diego", "Elsa", "Farid"])


def become(gate: Gate, page: Page, user: User) -> None:
    """The session on this phone is now theirs: that of who had it ended, or was left."""
    other = gate.site.open("/equipe/", user=user)
    page.context.clear_cookies()
    page.context.add_cookies(other.context.cookies())


def test_queue_of_another_agent_stays_theirs(gate: Gate, enfants):
    page, reseau = gate.phone(StaffFactory())
    reseau.cut()
    box(page, "Anna").check()
    expect(bar(page)).to_contain_text("1 pointage")
    reseau.mend()
    become(gate, page, StaffFactory())
    page.goto("/compte/")
    expect(waits(page)).to_be_hidden()
    page.goto(SOIR)
    box(page, "Basile").check()
    sent(page)
    assert (present(), page.evaluate(LEFT)) == (["Basile"], 1)


def test_queue_of_the_versions_before_is_sent(gate: Gate, enfants):
    """localStorage held it: all the taps under one key, then a key for each."""
    alix = StaffFactory()
    page, _ = gate.phone(alix)
    gestes = [
        {"feuille": "2026-12-10:soir", "id": str(uuid4()), "enfant": enfant.pk, "quoi": "present", "coche": 1}
        | {"a": HEURE.isoformat()}
        for enfant in enfants[:3]
    ]
    for cle, file in ((f"pointages:{alix.pk}", gestes[:2]), (f"pointages:{alix.pk}:{gestes[2]['id']}", gestes[2:])):
        page.evaluate("([cle, file]) => localStorage.setItem(cle, JSON.stringify(file))", [cle, file])
    page.goto("/compte/")
    wait_until(page, "() => Object.keys(localStorage).length", 0)
    expect(waits(page)).to_be_hidden()
    assert (present(), page.evaluate(LEFT)) == (["Anna", "Basile", "Chloé"], 0)


def test_page_says_why_a_tick_that_waited_was_refused(gate: Gate, enfants):
    page, reseau = gate.phone(StaffFactory())
    reseau.cut()
    terminer(HEURE.date(), "soir", StaffFactory(), now=HEURE)
    page.clock.fast_forward(60_000)
    box(page, "Anna").check()
    page.goto(f"{JOUR}enfants/{enfants[0].pk}/")
    expect(waits(page)).to_contain_text("1 pointage attend le réseau.")
    reseau.mend()
    expect(waits(page)).to_contain_text("À vérifier. L’appel est terminé depuis", timeout=10_000)
    page.goto("/compte/")
    expect(waits(page)).to_contain_text("À vérifier. L’appel est terminé depuis")
    page.goto(f"{JOUR}?creneau=matin")
    expect(bar(page)).to_contain_text("À vérifier")


def test_device_without_room_keeps_ticks_in_the_page_and_says_so(gate: Gate, enfants):
    page, reseau = gate.phone(StaffFactory())
    reseau.cut()
    page.evaluate("() => { IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError') } }")
    box(page, "Anna").check()
    expect(bar(page)).to_contain_text("1 pointage en attente de réseau")
    expect(bar(page)).to_contain_text("Cet appareil ne peut rien garder : ne fermez pas cette page.")
    reseau.mend()
    hear(page)
    sent(page)
    assert present() == ["Anna"]


def test_device_that_keeps_nothing_is_said_to_before(gate: Gate, enfants):
    page = gate.site.open(user=StaffFactory())
    page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError') }")
    page.goto(SOIR)
    expect(bar(page)).to_contain_text("Cet appareil ne garde rien Sans réseau, ne fermez pas cette page.")
    box(page, "Anna").check()
    sent(page)
    assert present() == ["Anna"]


def test_session_that_ended_is_said_on_every_page_and_nothing_is_lost(gate: Gate, enfants):
    page, reseau = gate.phone(StaffFactory())
    page.goto(f"{JOUR}imprimer/")
    other = page.context.new_page()
    other.goto(SOIR)
    reseau.cut()
    box(other, "Anna").check()
    expect(waits(page)).to_contain_text("1 pointage attend le réseau.")  # it knows what the other page keeps
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    reseau.mend()
    hear(page)
    expect(waits(page)).to_contain_text("1 pointage attend votre connexion. Rien n’est perdu.")
    expect(waits(page).get_by_role("link", name="Se reconnecter")).to_be_visible()
    box(other, "Basile").check()
    expect(waits(page)).to_contain_text("2 pointages attendent votre connexion.")
    wait_until(page, LEFT, 2)


# --- A network that hangs, a sheet that is closed meanwhile -----------------------------------------------------------


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """When the server answers for the taps: it hangs until then."""
    answers, keep = Event(), pages.enregistrer

    def hang(*args: Any, **kwargs: Any) -> BilanGestes:
        answers.wait(30)
        return keep(*args, **kwargs)

    monkeypatch.setattr(pages, "enregistrer", hang)
    yield answers
    answers.set()


def test_tap_shows_a_dot_at_once_then_a_sending_then_a_wait(gate: Gate, enfants, answers: Event):
    page, _ = gate.phone(StaffFactory())
    row = page.get_by_role("row").filter(has_text="Anna Morel")
    page.clock.pause_at(HEURE + timedelta(minutes=1))
    box(page, "Anna").check()
    expect(page.locator("label.modif")).to_have_count(1)
    expect(row.locator(".envoi")).to_have_text("pointage noté sur ce téléphone")
    page.clock.run_for(1500)
    expect(row.locator(".envoi")).to_have_text("Envoi…")
    expect(bar(page)).not_to_contain_text("gardé")
    page.clock.run_for(3000)
    expect(row.locator(".envoi")).to_have_text("En attente")
    expect(bar(page)).to_contain_text("1 pointage gardé sur ce téléphone. Il partira seul, avec son heure.")
    page.clock.resume()
    answers.set()
    sent(page)
    expect(page.locator(".modif, .envoi")).to_have_count(0)


def come_and_go(page: Page, prenom: str) -> None:
    box(page, prenom).check()
    box(page, prenom, "parti").check()


def close(page: Page) -> None:
    page.locator("summary", has_text="Terminer l’appel").click()
    page.get_by_role("button", name="Appel terminé").click()


def test_sheet_waits_for_what_is_being_sent_then_closes(gate: Gate, enfants, answers: Event):
    page, _ = gate.phone(StaffFactory())
    come_and_go(page, "Anna")
    close(page)
    expect(bar(page)).to_contain_text("L’appel sera clos une fois 2 pointages reçus")
    expect(page.get_by_role("heading", name="Appel terminé, pas encore reçu")).to_be_visible()
    page.get_by_role("button", name="Ne pas clore").click()
    expect(page.get_by_role("heading", name="Appel terminé")).to_have_count(0)
    answers.set()
    sent(page)
    assert not Appel.objects.exists()

    answers.clear()
    come_and_go(page, "Basile")
    page.get_by_role("button", name="Appel terminé").click()
    expect(bar(page)).to_contain_text("L’appel sera clos une fois 2 pointages reçus")
    with page.expect_navigation():
        answers.set()
    expect(page.get_by_role("heading", name="Appel terminé")).to_be_visible()
    assert (Appel.objects.count(), present()) == (1, ["Anna", "Basile"])


def test_closing_without_network_says_so_names_who_is_there_and_closes_when_it_may(gate: Gate, enfants):
    page, reseau = gate.phone(StaffFactory())
    box(page, "Anna").check()
    sent(page)
    reseau.cut()
    close(page)
    question = page.locator("[data-cloture=question]")
    expect(question).to_contain_text("1 enfant n’est pas reparti : Anna Morel.")
    alert = page.get_by_role("alert").filter(has_text="L’appel n’a pas pu être clos")
    expect(alert).to_be_hidden()  # nothing is promised before the answer
    page.get_by_role("button", name="Clore quand même").click()
    expect(alert).to_contain_text("1 enfant n’est pas reparti : Anna Morel")
    expect(bar(page)).to_contain_text("Pas de réseau : l’appel n’est pas clos")
    box(page, "Basile").check()
    expect(bar(page)).to_contain_text("1 pointage gardé sur ce téléphone")
    page.get_by_role("button", name="Réessayer").click()
    expect(alert).to_be_visible()
    reseau.mend()
    hear(page)
    expect(question).to_contain_text("2 enfants ne sont pas repartis : Anna Morel ; Basile Morel.")  # there since
    assert not Appel.objects.exists()
    with page.expect_navigation():  # by itself: the server asks nothing more
        page.get_by_role("button", name="Clore quand même").click()
    expect(page.get_by_role("heading", name="Appel terminé")).to_be_visible()
    assert Appel.objects.count() == 1


def test_network_that_goes_as_the_sheet_is_being_closed_leads_back_to_it(gate: Gate, enfants):
    page, reseau = gate.phone(StaffFactory())
    reseau.cut()
    with page.expect_navigation():  # its last question was answered, the form is not
        page.evaluate("""() => {
          const form = document.querySelector('[data-feuille]');
          const copy = form.cloneNode(true);
          copy.removeAttribute('data-feuille');
          document.body.append(copy);
          copy.requestSubmit(copy.querySelector('[name=terminer]'));
        }""")
    expect(page.get_by_role("alert").filter(has_text="L’appel n’a pas pu être clos")).to_be_visible()
    assert not page.url.endswith("#pas-clos")
    page.get_by_role("button", name="Ne pas clore").first.click()
    reseau.mend()
    hear(page)
    expect(bar(page)).to_contain_text("Le réseau est revenu")
    assert not Appel.objects.exists()


def test_next_agent_of_a_shared_phone_reads_whose_taps_wait(gate: Gate, enfants):
    ines, noa = StaffFactory(first_name="Inès"), StaffFactory(first_name="Noa")
    page, reseau = gate.phone(ines)
    page.set_viewport_size({"width": 390, "height": 844})
    reseau.cut()
    box(page, "Anna").check()
    expect(bar(page)).to_contain_text("1 pointage gardé")
    assert "Inès" not in page.evaluate(f"async () => JSON.stringify(await {STORED}(''))")
    page.get_by_label("Chercher un enfant sur cette feuille").fill("basile")
    page.evaluate("document.querySelector('[data-tranche]:not([hidden]) a').click()")
    page.wait_for_url("**/enfants/*/*")
    become(gate, page, noa)
    reseau.mend()
    page.goto(SOIR)
    assert page.get_by_label("Chercher un enfant sur cette feuille").input_value() == ""
    assert page.evaluate("sessionStorage.length") == 0
    said = page.locator("[data-collegue]:visible")
    expect(said.get_by_role("heading")).to_have_text("1 pointage d’Inès attend son retour")
    expect(said).to_contain_text("partira quand Inès s’y reconnectera")
    expect(said).to_be_in_viewport()
    reseau.cut()
    page.reload()
    expect(said.get_by_role("heading")).to_have_text("1 pointage d’un collègue attend son retour")


def leave(page: Page) -> None:
    page.get_by_role("button", name="Se déconnecter", exact=True).click()


def keys(page: Page) -> list[str]:
    return page.evaluate(f"async () => await {STORED}('')")


def put(page: Page, key: str, value: Any) -> None:
    """What the device keeps from before, of whoever it is."""
    page.evaluate(
        """([key, value]) => new Promise(resolve => {
          const asked = indexedDB.open('garde', 1);
          asked.onsuccess = () => {
            const writing = asked.result.transaction('gardes', 'readwrite');
            writing.objectStore('gardes').put(value, key);
            writing.oncomplete = () => { asked.result.close(); resolve(); };
          };
        })""",
        [key, value],
    )


def shared_by(gate: Gate, ines: User, malik: User) -> tuple[Page, Reseau]:
    """A phone where the session of Inès ended with a tap and a reading that wait, and Malik is logged in, with
    network."""
    page, reseau = gate.phone(ines)
    page.set_viewport_size({"width": 390, "height": 844})
    reseau.cut()
    box(page, "Anna").check()
    expect(bar(page)).to_contain_text("1 pointage gardé")
    lue = {"id": str(uuid4()), "a": HEURE.isoformat(), "feuille": "2026-12-10:soir", "quoi": "fiche"}
    put(page, f"lectures:{ines.pk}:{lue['id']}", lue | {"enfant": Inscription.objects.first().enfant_id})
    become(gate, page, malik)
    reseau.mend()
    page.goto(SOIR)
    expect(page.locator("[data-collegue]:visible")).to_contain_text("partira quand Inès s’y reconnectera")
    return page, reseau


def test_agent_logs_out_of_a_shared_phone_and_the_taps_of_a_colleague_leave_with_their_hour(gate: Gate, enfants):
    ines, malik = StaffFactory(first_name="Inès"), StaffFactory(first_name="Malik")
    page, _ = shared_by(gate, ines, malik)
    put(page, "cases:jeton:2026-12-11:soir:1", ["t", 0, ""])  # of a parent
    assert {key.split(":")[0] for key in keys(page)} == {"pointages", "lectures", "etat", "cases"}

    leave(page)
    page.wait_for_url("**/connexion/?sortie=1")  # asked nothing
    assert sorted(key.rpartition(":")[0] for key in keys(page)) == [f"lectures:{ines.pk}", f"pointages:{ines.pk}"]
    assert page.evaluate("caches.has('feuilles')") is False
    assert page.evaluate("sessionStorage.length") == 0
    assert present() == []

    gate.site.clock.move_to(HEURE + timedelta(minutes=20))
    page.clock.set_system_time(HEURE + timedelta(minutes=20))
    become(gate, page, ines)
    page.goto(SOIR)
    expect(box(page, "Anna")).to_be_checked()
    wait_until(page, stored("pointages:"), 0)
    wait_until(page, stored("lectures:"), 0)
    tap = Geste.objects.get()
    assert (present(), tap.auteur) == (["Anna"], ines)
    assert tap.fait_le < HEURE + timedelta(minutes=5)  # that of the tap
    assert tap.recu_le >= HEURE + timedelta(minutes=20)


def test_agent_with_taps_beside_a_colleague_s_is_asked_about_theirs_alone(gate: Gate, enfants):
    ines, malik = StaffFactory(first_name="Inès"), StaffFactory(first_name="Malik")
    page, reseau = shared_by(gate, ines, malik)
    page.route("**/pointage/", lambda route: route.abort())
    for prenom in ("Basile", "Chloé"):
        box(page, prenom).check()
    leave(page)
    warning = page.locator("[data-sortie]")
    expect(warning).to_be_focused()
    expect(warning).to_contain_text("2 pointages ne sont pas encore envoyés. Se déconnecter les efface")
    expect(warning).not_to_contain_text("Inès")
    expect(warning.get_by_role("button")).to_have_text(["Rester connecté", "Se déconnecter quand même"])
    warning.get_by_role("button", name="Rester connecté").click()
    expect(warning).to_be_hidden()

    leave(page)
    warning.get_by_role("button", name="Se déconnecter quand même").click()
    page.wait_for_url("**/connexion/?sortie=1")
    assert sorted(key.rpartition(":")[0] for key in keys(page)) == [f"lectures:{ines.pk}", f"pointages:{ines.pk}"]


def test_taps_that_a_colleague_does_not_come_back_for_are_forgotten_after_seven_days(gate: Gate, enfants):
    malik = StaffFactory(first_name="Malik")
    page, _ = gate.phone(malik)
    page.route("**/pointage/", lambda route: route.abort())
    page.route("**/lectures/", lambda route: route.abort())
    page.goto("/compte/")
    old, recent = HEURE - timedelta(days=7, minutes=5), HEURE - timedelta(days=6)
    for file in ("pointages", "lectures"):
        for agent, at in ((0, old), (0, recent), (malik.pk, old)):
            key, instant = f"{file}:{agent}:{at:%d}", at.astimezone(UTC).isoformat()
            put(page, key, {"id": key, "feuille": "2026-12-03:soir", "enfant": 1, "a": instant})
    page.reload()
    kept = [f"{file}:{agent}" for file in ("lectures", "pointages") for agent in (f"0:{recent:%d}", f"{malik.pk}:03")]
    wait_until(page, f"async () => (await {STORED}('')).filter(key => /^(lec|poi)/.test(key)).sort()", sorted(kept))


@pytest.mark.parametrize("suite", ["personne", "ajoute"])
def test_sheet_reached_with_a_question_is_known_to_be_kept(gate: Gate, enfants, suite):
    page, reseau = gate.phone(StaffFactory())
    page.goto(f"{SOIR}&{suite}={enfants[0].pk}")
    expect(page.locator("[data-gardee]")).to_have_count(1)
    reseau.cut()
    box(page, "Basile").check()
    expect(bar(page)).to_contain_text("Il partira seul, avec son heure.")
