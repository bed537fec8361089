"""The town's promise, walked in a browser: forgotten password, mail, temporary password, own password, home."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.factories import ResponsableFactory, make_creneaux, make_enfant
from tests.navigateur.gestes import Keys, Thumb
from tests.navigateur.site import DESKTOP, PHONE, Site
from tests.poste import temporary_password
from tests.reading import plain

pytestmark = pytest.mark.navigateur

CHOSEN = "Vélo nuage tartine 8"


@pytest.mark.parametrize(
    ("hand", "size", "javascript", "taps"),
    [(Thumb, PHONE, True, 9), (Keys, DESKTOP, False, 8)],
    ids=["phone", "keyboard without JavaScript"],
)
def test_parent_chooses_a_password_with_the_temporary_one(site: Site, hand, size, javascript, taps):
    responsable = ResponsableFactory()
    make_enfant(responsable)
    make_creneaux()
    page = site.open("/", size=size, javascript=javascript)
    parent = hand(page)

    expect(page.get_by_role("heading", level=1)).to_have_text("Accès famille")
    parent.link("Mot de passe oublié")
    parent.write("Identifiant", responsable.user.identifiant)
    parent.button("Recevoir un mot de passe")
    expect(page).to_have_url(re.compile("/mot-de-passe-oublie/envoye/$"))
    expect(page.get_by_role("main")).to_contain_text(responsable.user.identifiant)

    site.run_tasks()
    (mail,) = site.mails
    assert mail.subject == "Envoi de vos identifiants de connexion"
    assert mail.to == [responsable.user.email]
    assert f"Login : {responsable.user.identifiant}" in plain(mail.body)
    parent.taps += 1  # the mail is opened
    asked = parent.taps

    parent.taps += 2  # a long press on the password, « Copier »
    page.goto(re.findall(r"/connexion/\?\S+", mail.body)[0])
    parent.taps += 1
    expect(page.get_by_label("Identifiant", exact=True)).to_have_value(responsable.user.identifiant)
    parent.paste("Mot de passe", f" {temporary_password(mail)} ")
    parent.button("Connexion")
    expect(page).to_have_url(re.compile("/mot-de-passe/nouveau/$"))
    parent.write("Nouveau mot de passe", CHOSEN)
    parent.write("Confirmation mot de passe", CHOSEN)
    parent.button("Enregistrer")
    expect(page).to_have_url(re.compile("/connexion/$"))
    expect(page.get_by_role("main")).to_contain_text("Votre mot de passe est changé")
    expect(page.get_by_role("main")).to_contain_text("vous identifier de nouveau")

    expect(page.get_by_label("Identifiant", exact=True)).to_have_value(responsable.user.identifiant)
    parent.write("Mot de passe", CHOSEN)
    parent.button("Connexion")
    expect(page).to_have_url(f"{site.url}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Bonsoir {responsable.user.first_name}")
    assert {cookie["name"] for cookie in page.context.cookies()} == {"session", "csrftoken", "connu"}  # LEG-02
    assert (asked, parent.taps - asked, parent.signs) == (3, taps, 7 + 3 * len(CHOSEN))
