"""A parent changes their e-mail address: asked for, confirmed from another mailbox, then used."""

from __future__ import annotations

import re

import pytest
from django.core.mail import EmailMessage
from playwright.sync_api import Page

from accounts.models import User
from tests.factories import PASSWORD
from tests.navigateur.famille import Famille, make_famille
from tests.navigateur.gestes import press, send
from tests.navigateur.site import DESKTOP, PHONE, Site

pytestmark = pytest.mark.navigateur
NEW = "nouvelle@courriel.example"


def ask(page: Page) -> None:
    page.locator("summary", has_text="Changer mes coordonnées").click()
    page.locator("#coord_email").fill(NEW)
    page.locator("#coord_password").fill(PASSWORD)
    press(page, "Enregistrer mes coordonnées")


def since(site: Site) -> dict[str, EmailMessage]:
    """The mails that leave now, by address."""
    site.mails.clear()
    site.run_tasks()
    mails = {mail.to[0]: mail for mail in site.mails}
    assert len(mails) == len(site.mails)
    return mails


def address_of(famille: Famille) -> str:
    return User.objects.get(pk=famille.camille.user_id).email


@pytest.mark.parametrize(
    ("size", "javascript"), [(PHONE, True), (DESKTOP, False)], ids=["phone", "desktop without JavaScript"]
)
def test_new_address_is_asked_for_confirmed_and_used(site: Site, size: tuple[int, int], javascript: bool):  # AUT-13
    famille = make_famille()
    user, former = famille.camille.user, famille.camille.user.email
    page = site.open("/compte/", user=user, size=size, javascript=javascript)
    ask(page)
    assert page.get_by_role("heading", name="Nouvelle adresse à confirmer").count() == 1
    mails = since(site)
    assert set(mails) == {former, NEW}
    assert "Rien ne change pour l’instant" in mails[former].body

    link = re.search(r"http\S+/courriel/confirmer/\S+", mails[NEW].body)[0]
    assert link.startswith(site.url)
    stranger = site.open(link.removeprefix(site.url), size=size, javascript=javascript)  # logged in nowhere
    stranger.reload()
    assert (stranger.get_by_text(NEW).count(), address_of(famille)) == (1, former)
    press(stranger, "Confirmer cette adresse")
    assert stranger.get_by_role("heading", name="C’est fait").count() == 1
    assert address_of(famille) == NEW
    assert [(to, mail.subject) for to, mail in since(site).items()] == [(former, "Votre adresse e-mail a été changée")]

    stranger.goto("/mot-de-passe-oublie/")
    send(stranger, "Recevoir un mot de passe", identifiant=user.identifiant)
    assert set(since(site)) == {NEW}
    page.reload()
    assert page.get_by_role("definition").filter(has_text=NEW).count() == 1
    assert page.get_by_role("heading", name="Nouvelle adresse à confirmer").count() == 0


def test_new_password_drops_what_somebody_else_had_asked_for(site: Site):  # AUT-13
    famille = make_famille()
    ask(famille.open(site, "/compte/"))
    link = re.search(r"/courriel/confirmer/\S+", since(site)[NEW].body)[0]
    left_open = site.open(link)
    page = famille.open(site, "/compte/")
    page.locator("summary", has_text="Changer de mot de passe").click()
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_new_password1").fill("Tartine de brume 8")
    page.locator("#id_new_password2").fill("Tartine de brume 8")
    with page.expect_navigation():
        page.locator("#id_new_password2").press("Enter")
    assert page.get_by_text("Votre mot de passe est changé.").count() == 1

    press(left_open, "Confirmer cette adresse")
    assert left_open.get_by_role("heading", name="Ce lien ne sert plus").count() == 1
    assert address_of(famille) != NEW
