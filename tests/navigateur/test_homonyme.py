"""A name like that of a forbidden person, from a parent’s phone to the gate, by way of the town hall."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from enfance.models import Enfant, PersonneAutorisee
from tests.navigateur.controles import Display, violations
from tests.navigateur.etats_equipe import JOUR, SOIR, agent, at, evening
from tests.navigateur.gestes import go, press, send
from tests.navigateur.site import DESKTOP, PHONE, Site

pytestmark = pytest.mark.navigateur
DISPLAYS = [Display("390", PHONE), Display("1280", DESKTOP)]


@pytest.fixture
def noah(site: Site) -> Enfant:
    noah = evening(site, at(16, 35))["Noah"]
    PersonneAutorisee.objects.create(enfant=noah, nom="Jean Dupont", interdite=True)
    return noah


def test_namesake_is_refused_to_the_parent_let_in_by_the_town_hall_and_checked_at_the_gate(site: Site, noah):  # ACC-07
    page = site.open(f"/enfants/{noah.pk}/", user=noah.responsables.get().user, javascript=False)
    page.locator("summary", has_text="Ajouter une personne").click()
    send(page, "Ajouter cette personne", nom="J. Dupont", lien="sa grand-mère")
    expect(page.get_by_role("link", name="Pour J. Dupont, appelez la mairie.")).to_be_visible()

    gate = site.open(SOIR, user=agent("Équipe"), javascript=False)
    expect(gate.get_by_role("row", name="Noah Morel")).to_contain_text(
        "Nom demandé par un parent, pas autorisé\u00a0: J. Dupont, sa grand-mère (jeudi 10\u00a0décembre 2026)"
    )

    mairie = site.open("/admin/", user=agent("Secrétariat"), size=DESKTOP)
    go(mairie.get_by_role("link", name="2 personnes à vérifier avant de les autoriser"))
    go(mairie.get_by_role("link", name="Noah Morel"))
    assert violations(mairie, DISPLAYS) == []
    press(mairie, "C’est quelqu’un d’autre\u00a0: autoriser J. Dupont, sa grand-mère")
    expect(mairie.get_by_text("J. Dupont, sa grand-mère peut venir chercher Noah.", exact=True)).to_be_visible()
    expect(mairie.get_by_text("homonyme, admis le 10\u00a0décembre 2026 par")).to_be_visible()

    page.goto(f"/enfants/{noah.pk}/")
    expect(page.locator("summary", has_text="Retirer J. Dupont")).to_be_visible()
    gate.goto(f"{JOUR}enfants/{noah.pk}/")
    expect(gate.get_by_text("homonyme de Jean Dupont, admis par la mairie")).to_be_visible()
    assert "Nom demandé" not in gate.content()
