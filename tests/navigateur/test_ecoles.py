"""Siblings in two schools: one's week copied on the other's, moment by moment; the year of both in a few taps."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from enfance.models import Inscription
from tests.enfance.villes import Ville, make_ville
from tests.navigateur.famille import MOIS
from tests.navigateur.gestes import Thumb, press
from tests.navigateur.site import PHONE, Site

pytestmark = pytest.mark.navigateur
both = pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])


def box(page: Page, name: str):
    return page.get_by_role("checkbox", name=name, exact=True)


def saved(ville: Ville) -> set[tuple[str, int, str]]:
    lignes = Inscription.objects.inscrit().values_list("enfant__prenom", "jour", "creneau__code")
    return {(prenom, jour.day, code) for prenom, jour, code in lignes}


@both
def test_week_of_one_is_copied_on_the_other_and_on_the_next(site: Site, javascript):
    ville = make_ville()
    page = site.open(MOIS, user=ville.camille.user, javascript=javascript, size=PHONE)
    box(page, "Léa, soir, mardi 8").check()
    box(page, "Léa, midi, jeudi 10").check()

    page.locator("button[name=idem][value='2026-12-07']").click()
    expect(box(page, "Tom, midi, jeudi 10")).to_be_checked()
    page.locator("button[name=recopier][value='2026-12-07']").click()
    expect(box(page, "Tom, soir, mardi 15")).to_be_checked()
    press(page, "Enregistrer")

    expect(page.locator("#resultat")).to_contain_text("C’est enregistré")
    assert saved(ville) == {
        *(("Léa", jour, "soir") for jour in (8, 15)),
        *(("Léa", jour, "midi") for jour in (10, 17)),
        *(("Tom", jour, "soir-hameau") for jour in (8, 15)),
        *(("Tom", jour, "midi-hameau") for jour in (10, 17)),
    }


@both
def test_moment_of_every_school_is_filled_at_once(site: Site, javascript):
    ville = make_ville()
    page = site.open(MOIS, user=ville.camille.user, javascript=javascript, size=PHONE)
    page.locator("summary", has_text="Remplir plus vite").click()
    page.get_by_label("Moment").select_option("Soir")
    page.get_by_label("Jours").select_option("tous les lundis")

    page.get_by_role("button", name="Appliquer au mois").click()

    expect(box(page, "Léa, soir, lundi 14")).to_be_checked()
    expect(box(page, "Tom, soir, lundi 14")).to_be_checked()
    expect(page.locator(".tuile:checked")).to_have_count(4)


@both
def test_year_of_both_schools_is_booked_in_a_few_taps(site: Site, javascript):
    ville = make_ville()
    page = site.open("/", user=ville.camille.user, javascript=javascript, size=PHONE)
    thumb = Thumb(page)

    thumb.link("Choisir la semaine type")
    for moment in ("midi", "soir"):
        rangee = page.get_by_role("region", name="Léa").get_by_role(
            "button", name=re.compile(f"^{moment}", re.IGNORECASE)
        )
        thumb.tap(rangee)
        expect(box(page, f"Léa, {moment}, vendredi")).to_be_checked()
    thumb.tap(page.get_by_role("button", name="Tom comme Léa"))
    expect(box(page, "Tom, soir, vendredi")).to_be_checked()
    thumb.button("Voir l’aperçu")
    thumb.button("Enregistrer l’année")

    expect(page.get_by_role("main")).to_contain_text("moments ajoutés")
    assert thumb.taps <= 10
    codes = Inscription.objects.inscrit().order_by().values_list("enfant__prenom", "creneau__code").distinct()
    assert set(codes) == {("Léa", "midi"), ("Léa", "soir"), ("Tom", "midi-hameau"), ("Tom", "soir-hameau")}
    assert Inscription.objects.filter(jour=date(2027, 7, 2)).count() == 4
