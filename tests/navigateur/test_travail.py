"""Work that lasts shows that it runs: a busy button at once, one sending, the time that has gone by."""

from __future__ import annotations

import json
from time import sleep
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from enfance.mairie.fermetures import ecriture as fermetures
from enfance.mairie.fermetures.ecriture import BilanFermeture
from enfance.models import Fermeture, Inscription
from tests.factories import ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.navigateur.gestes import go, press
from tests.navigateur.site import DESKTOP, PHONE, Site
from tests.reading import plain

pytestmark = pytest.mark.navigateur


def preview(site: Site, size: tuple[int, int], *, javascript: bool = True) -> Page:
    """The preview of a closure that touches one child."""
    soir = make_creneaux()["soir"]
    Inscription.objects.create(enfant=make_enfant(ResponsableFactory()), jour="2026-12-07", creneau=soir)
    page = site.open(reverse("admin:enfance_fermeture_add"), user=StaffFactory(), size=size, javascript=javascript)
    for nom, valeur in (("debut", "2026-12-07"), ("fin", "2026-12-07"), ("motif", "grève")):
        page.locator(f"[name={nom}]").fill(valeur)
    press(page, "Voir qui est touché")
    return page


# A window that waits for a page answers to nobody: what it shows is noted from inside, and read on the next page.
NOTE = """([click, back]) => {
  const bouton = document.querySelector("form.barre [name=confirmer]"), debut = Date.now();
  const seen = () => ({
    bouton: bouton.textContent,
    pris: bouton.getAttribute("aria-disabled"),
    statut: document.querySelector("form.barre [role=status]").textContent,
    mesure: document.querySelector(".travail span")?.textContent ?? null,
    progres: document.querySelector(".travail progress")?.getAttribute("aria-label") ?? null,
    deborde: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  });
  const note = (nom) => sessionStorage.setItem(nom, JSON.stringify(seen()));
  note("avant");
  bouton.closest("form").addEventListener("submit", () => setTimeout(() => note("aussitot")));
  setTimeout(() => bouton.click(), click);
  setTimeout(() => note("longtemps"), 3400);
  if (back) setTimeout(() => { dispatchEvent(new PageTransitionEvent("pageshow")); note("retour"); }, back);
}"""
MOTS = "Fermeture en cours…"
FREE = {"bouton": "Fermer et prévenir", "pris": None, "statut": "", "mesure": None, "progres": None, "deborde": False}
BUSY = {**FREE, "bouton": MOTS, "pris": "true", "statut": MOTS}


def slow(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A closure that takes four seconds; one item a call, which this list tells."""
    calls: list[int] = []
    fermer = fermetures.fermer

    def wait(*args: Any, **kwargs: Any) -> BilanFermeture:
        calls.append(1)
        sleep(4)
        return fermer(*args, **kwargs)

    monkeypatch.setattr(fermetures, "fermer", wait)
    return calls


def noted(page: Page, nom: str) -> dict[str, Any]:
    return json.loads(page.evaluate("(nom) => sessionStorage.getItem(nom)", nom))


def test_slow_closure_shows_that_it_runs_and_is_sent_once(site: Site, monkeypatch):
    page = preview(site, PHONE)
    calls = slow(monkeypatch)
    page.evaluate(NOTE, [1000, 0])

    press(page, "Fermer et prévenir")

    assert [noted(page, nom) for nom in ("avant", "aussitot")] == [FREE, BUSY]
    late = noted(page, "longtemps")
    assert late | {"mesure": ""} == {**BUSY, "mesure": "", "progres": MOTS}
    assert plain(late["mesure"]) in {"depuis 2 s", "depuis 3 s"}
    expect(page.get_by_text("Fermé : lundi 7 décembre (grève)")).to_be_visible()
    assert (len(calls), Fermeture.objects.count()) == (1, 1)


def test_button_is_free_again_when_the_page_comes_back(site: Site, monkeypatch):
    page = preview(site, DESKTOP)
    slow(monkeypatch)
    page.evaluate(NOTE, [1000, 3500])

    press(page, "Fermer et prévenir")

    assert noted(page, "longtemps")["progres"] == MOTS
    assert noted(page, "retour") == FREE


def test_nothing_changes_without_javascript(site: Site):
    page = preview(site, DESKTOP, javascript=False)

    go(page.get_by_role("button", name="Fermer et prévenir"))

    assert Fermeture.objects.count() == 1
