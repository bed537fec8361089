"""The gate in a town of two schools: a sheet that both teams keep, an agent of both schools, and what a phone keeps."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from playwright.sync_api import Page, expect

from accounts.models import User
from enfance.models import Ecole, Enfant
from tests.enfance.ecoles import Ville, make_ville, share
from tests.enfance.gate import inscrire
from tests.factories import AnneeFactory, StaffFactory
from tests.navigateur.gestes import go
from tests.navigateur.site import PHONE, Site
from tests.navigateur.telephones import HEURE, JOUR, SOIR, Gate, box, hear, present, sent, wait_until

pytestmark = pytest.mark.navigateur
both = pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])
HAMEAU = f"{JOUR}?creneau=soir&ecole=hameau"
KEEPS = "async () => (await (await caches.open('feuilles')).keys()).some(page => page.url.endsWith('{}'))"


@pytest.fixture
def ville(clock, db) -> Ville:
    """Both schools hold the evening."""
    clock.move_to(HEURE)
    AnneeFactory()
    ville = make_ville()
    share("soir", ville.bourg, ville.hameau)
    return ville


@pytest.fixture
def lea(ville: Ville) -> Enfant:
    lea = ville.eleve(ville.bourg, prenom="Léa")
    inscrire(lea)
    return lea


@pytest.fixture
def tom(ville: Ville) -> Enfant:
    tom = ville.eleve(ville.hameau, prenom="Tom")
    inscrire(tom)
    return tom


def agent(ville: Ville, *ecoles: Ecole) -> User:
    call_command("sync_groups", verbosity=0)
    user = StaffFactory(is_superuser=False)
    user.groups.add(Group.objects.get(name="Équipe"))
    return ville.assign(user, *ecoles)


def shown(page: Page) -> str:
    """The school of the sheet, among those that an agent of several chooses from."""
    return page.get_by_role("navigation", name="Écoles").locator("[aria-current]").inner_text()


def test_two_teams_keep_one_sheet(gate: Gate, ville, lea, tom):
    (bourg, _), (hameau, _) = (gate.phone(agent(ville, ecole)) for ecole in (ville.bourg, ville.hameau))
    for page in (bourg, hameau):
        expect(page.locator(".tete")).to_contain_text("École du Bourg et École du Hameau")
        expect(page.get_by_role("row").filter(has_text="Tom")).to_contain_text("École du Hameau")

    box(bourg, "Léa").check()
    sent(bourg)
    hear(hameau)
    expect(box(hameau, "Léa")).to_be_checked()
    box(hameau, "Tom").check()
    sent(hameau)

    hear(bourg)
    expect(bourg.locator("[data-presents]")).to_have_text("2")
    assert present() == ["Léa", "Tom"]


@both
def test_agent_of_two_schools_stays_in_the_one_they_chose(site: Site, ville, lea, tom, javascript):
    ville.eleve(ville.hameau, prenom="Zoé")
    page = site.open(JOUR, user=agent(ville, ville.bourg, ville.hameau), javascript=javascript, size=PHONE)
    assert shown(page) == "École du Bourg"
    go(page.get_by_role("link", name="École du Hameau", exact=True))
    go(page.get_by_role("navigation", name="Moments").get_by_role("link", name="Soir 2"))

    go(page.get_by_role("link", name="Tom Morel", exact=True))
    go(page.get_by_role("link", name="Retour à la feuille"))
    assert (page.url.endswith(HAMEAU), shown(page)) == (True, "École du Hameau")
    go(page.get_by_role("link", name="Ajouter un enfant non inscrit"))
    page.get_by_label("Nom").fill("zoé")
    go(page.get_by_role("button", name="Chercher"))
    go(page.get_by_role("button", name="Noter présent"))

    assert (HAMEAU in page.url, shown(page), present()) == (True, "École du Hameau", ["Zoé"])
    go(page.get_by_role("link", name="Imprimer", exact=True))
    assert shown(page) == "École du Hameau"
    go(page.get_by_role("link", name="Feuille du jour", exact=True))
    assert shown(page) == "École du Hameau"


def test_without_network_one_school_is_not_shown_for_another(gate: Gate, site: Site, ville, lea, tom):
    page, reseau = gate.phone(agent(ville, ville.bourg), clock=HEURE)
    ville.assign(User.objects.get(affectations__isnull=False), ville.hameau)
    page.reload()
    wait_until(page, KEEPS.format("creneau=soir&ecole=bourg"), True)
    reseau.cut()

    go(page.get_by_role("link", name="École du Hameau", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")
    page.goto(f"{SOIR}&ecole=bourg")
    assert shown(page) == "École du Bourg"
    go(page.get_by_role("link", name="Léa Morel", exact=True))
    go(page.get_by_role("link", name="Retour à la feuille"))
    assert shown(page) == "École du Bourg"

    reseau.mend()
    go(page.get_by_role("link", name="École du Hameau", exact=True))
    wait_until(page, KEEPS.format("ecole=hameau"), True)
    reseau.cut()
    page.goto(f"{JOUR}?ecole=hameau")
    assert shown(page) == "École du Hameau"
