"""What a secretary does in the admin with a mouse and a keyboard, in a real browser; test_dossiers.py opens each page.

`Site` keeps every complaint of the browser and the fixture `site` fails on them.
"""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Enfant, Fermeture, Inscription
from enfance.regles import Acteur, Cle
from tests.factories import CreneauFactory, FoyerFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.navigateur.gestes import go, press
from tests.navigateur.site import DESKTOP, PHONE, Site

pytestmark = pytest.mark.navigateur

LUNDI = date(2026, 12, 7)


@pytest.fixture
def lea(site: Site) -> Enfant:
    """A child with a parent, an inscription and a closure: every list has a row and every page an object."""
    creneau = CreneauFactory()
    lea = make_enfant(ResponsableFactory())
    Inscription.objects.create(enfant=lea, jour=LUNDI, creneau=creneau)
    Fermeture.objects.create(debut=LUNDI, fin=LUNDI, motif="formation de l’équipe").creneaux.add(creneau)
    return lea


def choose(page: Page, field: str, text: str) -> None:
    """Pick the suggestion that an autocomplete makes for this text."""
    page.locator(f".field-{field} .select2-selection").click()
    page.locator(".select2-search__field").fill(text)
    page.locator(".select2-results__option", has_text=text).first.click()


def test_inscription_is_added_and_cancelled(site: Site, lea: Enfant):
    page = site.open(reverse("admin:enfance_inscription_add"), user=StaffFactory(), size=PHONE)

    choose(page, "enfant", "Léa")
    page.locator("[name=jour]").fill("2026-12-08")
    choose(page, "creneau", "Soir")
    press(page, "Enregistrer")
    expect(page.locator(".messagelist .success")).to_contain_text("Léa Morel, soir, mardi 8 décembre")

    page.get_by_role("row", name="8 décembre 2026").get_by_role("checkbox").check()
    page.locator("select[name=action]").select_option("Annuler")
    press(page, "Exécuter")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    press(page, "Annuler ces inscriptions")

    inscription = Inscription.objects.get(enfant=lea, jour=date(2026, 12, 8))
    assert (inscription.etat, inscription.origine) == ("annulee", "mairie")


def test_strike_day_is_closed_then_opened_again(site: Site, lea: Enfant):
    Fermeture.objects.all().delete()
    page = site.open(reverse("admin:enfance_fermeture_add"), user=StaffFactory(), size=DESKTOP)

    page.locator("[name=debut]").fill("2026-12-07")
    page.locator("[name=fin]").fill("2026-12-07")
    page.locator("[name=motif]").fill("grève")
    page.get_by_label("Soir", exact=True).check()
    press(page, "Voir qui est touché")
    premieres = page.get_by_role("region", name="Tableau : Les inscriptions")
    expect(premieres.get_by_role("row", name="CE1-CE2 Mme Sorbier")).to_contain_text("e-mail")
    assert not Fermeture.objects.exists()
    press(page, "Fermer et prévenir")
    expect(page.locator(".messagelist .success")).to_contain_text("Annulées : 1 inscription")
    assert Inscription.objects.get().etat == "annulee"

    go(page.get_by_role("link", name="7 décembre 2026").first)
    go(page.get_by_role("link", name="Rouvrir"))
    press(page, "Rouvrir et prévenir")

    expect(page.locator(".messagelist .success")).to_contain_text("Rétablies : 1 inscription")
    assert Inscription.objects.get().etat == "inscrit"
    assert not Fermeture.objects.exists()


def test_waiting_list_is_put_in_another_order(site: Site, lea: Enfant):
    Fermeture.objects.all().delete()
    Creneau.objects.update(places=1)
    for prenom in ("Tom", "Noé"):
        parent = ResponsableFactory()
        cle = Cle(make_enfant(parent, prenom=prenom).pk, LUNDI, "soir")
        enregistrer([Changement(cle, "attente")], Acteur.parent(parent), now=timezone.now())
    page = site.open(reverse("admin:enfance_inscription_attente"), user=StaffFactory(), size=PHONE)

    press(page, "Monter\u00a0: Noé Morel")
    expect(page.get_by_role("row", name="Noé Morel 2 1")).to_be_visible()
    motif = page.get_by_label("Motif")
    expect(motif).to_have_accessible_description(re.compile("Écrivez pourquoi l’ordre change"))
    motif.fill("Situation d’urgence")
    press(page, "Changer l’ordre")

    expect(page.locator(".msg--ok")).to_contain_text("rang 2 → 1")
    expect(page.locator("main tbody tr").first).to_contain_text("Noé Morel")


def test_change_of_garde_asks_first(site: Site, lea: Enfant):
    Fermeture.objects.all().delete()
    Inscription.objects.update(foyer=lea.gardes.get().foyer)
    page = site.open(reverse("admin:enfance_enfant_change", args=[lea.pk]), user=StaffFactory(), size=DESKTOP)

    go(page.get_by_role("link", name="Changer\u00a0: Garde"))
    shown = page.locator("input:not([type=hidden]), select, textarea").filter(visible=True)
    assert shown.count() <= 8
    page.get_by_label("Dans aucun foyer").check()
    page.get_by_label("À partir du").fill("2026-12-07")
    press(page, "Voir ce que cela touche")
    expect(page.get_by_role("row", name="7 décembre 2026")).to_contain_text("Personne")
    assert Inscription.objects.get().etat == "inscrit"
    press(page, "Les annuler")

    expect(page.get_by_text("Inscriptions annulées par le changement de garde : 1.")).to_be_visible()
    assert Inscription.objects.get().etat == "annulee"


def test_back_button_gives_again_what_was_found(site: Site, lea: Enfant):  # HDR-08
    ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    page = site.open(reverse("admin:index"), user=StaffFactory(), size=DESKTOP)

    page.get_by_role("search", name="Famille").get_by_role("searchbox").fill("morel")
    press(page, "Trouver")
    found = page.get_by_role("region", name="Familles trouvées").get_by_role("link")
    go(found.first)
    page.go_back()
    expect(found).to_have_count(2)

    page.goto(reverse("admin:enfance_enfant_changelist"))
    page.locator("#searchbar").fill("lea")
    press(page, "Rechercher")
    go(page.locator("#result_list tbody a").first)
    page.go_back()
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.locator("#searchbar")).to_have_value("lea")
