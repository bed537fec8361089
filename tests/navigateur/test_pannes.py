"""A database that another holds, as families and the gate see it: nothing that was ticked is lost (REL-03)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from enfance.models import Evenement, Geste, Inscription
from tests.factories import PASSWORD, StaffFactory
from tests.faults import FAULTS, WAIT
from tests.navigateur.famille import MOIS, make_famille
from tests.navigateur.gestes import press, send
from tests.navigateur.site import DESKTOP, PHONE, Site
from tests.navigateur.telephones import SOIR, bar, box, hear, present, sent

pytestmark = pytest.mark.navigateur

both = pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])


@pytest.fixture(autouse=True)
def _failing(site: Site, impatient: None) -> None:
    site.fails = True


def tick(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("checkbox", name=name, exact=True).check()


@pytest.mark.parametrize(
    ("size", "javascript"), [(PHONE, True), (DESKTOP, False)], ids=["phone", "desktop without JavaScript"]
)
def test_ticks_wait_in_the_page_until_the_database_is_free(site: Site, javascript, size):
    famille = make_famille()
    famille.enregistrer("Tom, 7, soir")
    page = site.open(MOIS, user=famille.camille.user, javascript=javascript, size=size)
    tick(page, "Léa, soir, mardi 8", "Tom, midi, jeudi 10")
    page.get_by_role("checkbox", name="Tom, soir, lundi 7", exact=True).uncheck()

    with FAULTS["locked"]():
        press(page, "Enregistrer")
        expect(page.get_by_role("heading", level=1)).to_have_text("Ce n’est pas encore enregistré")
        press(page, "Réessayer")
        assert site.status(page) == 503
        expect(page.get_by_role("main")).to_contain_text("Rien n’est perdu")
    press(page, "Réessayer")

    expect(page.locator("#resultat")).to_contain_text("C’est enregistré")
    lignes = Inscription.objects.values_list("enfant__prenom", "jour", "creneau__code", "etat")
    assert {(prenom, jour.day, code, etat) for prenom, jour, code, etat in lignes} == {
        ("Léa", 8, "soir", "inscrit"),
        ("Tom", 10, "midi", "inscrit"),
        ("Tom", 7, "soir", "annulee"),
    }
    assert Evenement.objects.count() == 4


@both
def test_login_asks_for_the_password_again(site: Site, javascript):
    famille = make_famille()
    page = site.open("/connexion/", javascript=javascript)
    who = {"identifiant": famille.camille.user.identifiant, "password": PASSWORD}

    with FAULTS["locked"]():
        for _ in range(11):
            send(page, "Connexion", **who)
            expect(page.get_by_role("main")).to_contain_text("tapez-le à nouveau")
            assert PASSWORD not in site.source(page)
            page.get_by_role("link", name="Revenir à la page").click()
    send(page, "Connexion", **who)

    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonsoir")


def test_tap_waits_on_the_phone_until_the_database_is_free(site: Site, enfants):
    page = site.open(SOIR, user=StaffFactory())

    with FAULTS["locked"]():
        box(page, "Anna").check()
        expect(bar(page)).to_contain_text("1 pointage")
        hear(page)
        page.wait_for_timeout(2 * WAIT)
        expect(bar(page)).to_contain_text("1 pointage")
        assert not Geste.objects.exists()
    hear(page)

    sent(page)
    assert (present(), Geste.objects.count()) == (["Anna"], 1)
