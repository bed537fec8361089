"""The town's promise, walked in a browser: forgotten password, mail, temporary password, own password, home."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.factories import ResponsableFactory, make_creneaux, make_enfant
from tests.navigateur.gestes import go, press
from tests.navigateur.site import DESKTOP, PHONE, Site
from tests.poste import temporary_password
from tests.reading import plain

pytestmark = pytest.mark.navigateur

CHOSEN = "Vélo nuage tartine 8"


class Pointer:
    """Somebody with a finger or a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def follow(self, name: str) -> None:
        go(self.page.get_by_role("link", name=name, exact=True))

    def press(self, name: str) -> None:
        press(self.page, name)

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)


class Keyboard(Pointer):
    """Somebody who has no pointer: Tab, Enter, and letters."""

    def reach(self, target: Locator) -> None:
        for _ in range(60):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {target}")

    def follow(self, name: str) -> None:
        self.enter(self.page.get_by_role("link", name=name, exact=True))

    def press(self, name: str) -> None:
        self.enter(self.page.get_by_role("button", name=name, exact=True))

    def enter(self, target: Locator) -> None:
        self.reach(target)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def fill(self, label: str, text: str) -> None:
        self.reach(self.page.get_by_label(label, exact=True))
        self.page.keyboard.type(text)


@pytest.mark.parametrize(
    ("hand", "size", "javascript"),
    [(Pointer, PHONE, True), (Keyboard, DESKTOP, False)],
    ids=["phone", "keyboard without JavaScript"],
)
def test_parent_chooses_a_password_with_the_temporary_one(site: Site, hand, size, javascript):
    responsable = ResponsableFactory()
    make_enfant(responsable)
    make_creneaux()
    page = site.open("/", size=size, javascript=javascript)
    parent = hand(page)

    expect(page.get_by_role("heading", level=1)).to_have_text("Accès famille")
    parent.follow("Mot de passe oublié")
    parent.fill("Identifiant", responsable.user.identifiant)
    parent.press("Recevoir un mot de passe")
    expect(page).to_have_url(re.compile("/mot-de-passe-oublie/envoye/$"))
    expect(page.get_by_role("main")).to_contain_text(responsable.user.identifiant)

    site.run_tasks()
    (mail,) = site.mails
    assert mail.subject == "Envoi de vos identifiants de connexion"
    assert mail.to == [responsable.user.email]
    assert f"Login : {responsable.user.identifiant}" in plain(mail.body)

    page.goto("/connexion/")
    parent.fill("Identifiant", responsable.user.identifiant)
    parent.fill("Mot de passe", temporary_password(mail))
    parent.press("Connexion")
    expect(page).to_have_url(re.compile("/mot-de-passe/nouveau/$"))
    parent.fill("Nouveau mot de passe", CHOSEN)
    parent.fill("Confirmation mot de passe", CHOSEN)
    parent.press("Enregistrer")
    expect(page).to_have_url(re.compile("/connexion/$"))
    expect(page.get_by_role("main")).to_contain_text("Votre mot de passe est changé")
    expect(page.get_by_role("main")).to_contain_text("vous identifier de nouveau")

    parent.fill("Identifiant", responsable.user.identifiant)
    parent.fill("Mot de passe", CHOSEN)
    parent.press("Connexion")
    expect(page).to_have_url(f"{site.url}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Bonsoir {responsable.user.first_name}")
    assert {cookie["name"] for cookie in page.context.cookies()} == {"session", "csrftoken", "connu"}  # LEG-02
