"""The pages open to everybody, and the errors."""

from unittest import mock

from django.db import OperationalError
from playwright.sync_api import Page

from tests.factories import ResponsableFactory, StaffFactory, make_enfant
from tests.navigateur.famille import MOIS, make_famille
from tests.navigateur.gestes import at, parent_at, press, send
from tests.navigateur.site import Site


def plan_of_parent(site: Site, javascript: bool) -> Page:
    responsable = ResponsableFactory()
    make_enfant(responsable)
    return site.open("/plan-du-site/", user=responsable.user, javascript=javascript)


def forbidden(site: Site, javascript: bool) -> Page:
    return site.open("/planning/", user=StaffFactory(), javascript=javascript)


def unknown_to_an_agent(site: Site, javascript: bool) -> Page:
    return site.open("/admin/absente/", user=StaffFactory(), javascript=javascript)


def stale_form(site: Site, javascript: bool) -> Page:
    page = site.open("/mot-de-passe-oublie/", javascript=javascript)
    page.context.clear_cookies()
    send(page, "Recevoir un mot de passe", identifiant="3816238")
    return page


def failure(site: Site, javascript: bool) -> Page:
    site.fails = True
    with mock.patch("enfance.views.pages.render", side_effect=RuntimeError):
        return site.open("/mentions-legales/", javascript=javascript)


def unavailable(site: Site, javascript: bool) -> Page:
    site.fails = True
    with mock.patch("enfance.views.pages.render", side_effect=OperationalError):
        return site.open("/mentions-legales/", javascript=javascript)


def login_unavailable(site: Site, javascript: bool) -> Page:
    site.fails = True
    page = site.open("/connexion/", javascript=javascript)
    with mock.patch("accounts.views.auth.authenticate", side_effect=OperationalError):
        send(page, "Connexion", identifiant="3816238", password="x")
    return page


def save_unavailable(site: Site, javascript: bool) -> Page:
    site.fails = True
    page = make_famille().open(site, MOIS, javascript)
    page.get_by_role("checkbox", name="Léa, soir, mardi 8", exact=True).check()
    with mock.patch("enfance.views.planning.enregistrer_famille", side_effect=OperationalError):
        press(page, "Enregistrer")
    return page


ETATS = [
    ("accessibilite", at("/accessibilite/")),
    ("donnees-personnelles", at("/donnees-personnelles/")),
    ("mentions-legales", at("/mentions-legales/")),
    ("hors-ligne", at("/hors-ligne/")),
    ("plan-du-site", at("/plan-du-site/")),
    ("plan-du-site-parent", plan_of_parent),
    ("400", at("/?mois=%00"), 400),
    ("403", forbidden, 403),
    ("403-formulaire", stale_form, 403),
    ("404", at("/absente/"), 404),
    ("404-mairie", unknown_to_an_agent, 404),
    ("404-parent", parent_at("/absente/"), 404),
    ("500", failure, 500),
    ("503", unavailable, 503),
    ("503-connexion", login_unavailable, 503),
    ("503-enregistrement", save_unavailable, 503),
]
