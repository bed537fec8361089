"""« Le portail n’a pas répondu »: nothing to say, proposed, what it moves, declared; what a family reads of it."""

from __future__ import annotations

from datetime import datetime

from playwright.sync_api import Page

from enfance.calendrier import UN_JOUR
from enfance.models import Indisponibilite
from portail.dates import PARIS
from tests.factories import StaffFactory
from tests.navigateur.etats_mairie import as_agent, busy
from tests.navigateur.famille import MOIS, make_famille
from tests.navigateur.gestes import Reach, press
from tests.navigateur.site import Site

ADRESSE = "/admin/enfance/silence/"
DU, AU = datetime(2026, 12, 3, 11, 20, tzinfo=PARIS), datetime(2026, 12, 3, 12, 10, tzinfo=PARIS)


def nothing(site: Site, javascript: bool) -> Page:
    busy()
    return as_agent(site, ADRESSE, javascript)


def proposed(site: Site, javascript: bool) -> Page:
    busy()
    Indisponibilite.objects.create(du=DU, au=AU)
    return as_agent(site, ADRESSE, javascript)


def refused(site: Site, javascript: bool) -> Page:
    page = nothing(site, javascript)
    page.locator("[name=jour]").fill("2026-12-03")
    page.locator("[name=de]").fill("12:10")
    page.locator("[name=a]").fill("11:20")
    press(page, "Voir ce qui est repoussé")
    return page


def declared(site: Site, javascript: bool) -> Page:
    page = proposed(site, javascript)
    press(page, "Déclarer ces 50 minutes")
    return page


def to_take_back(site: Site, javascript: bool) -> Page:
    busy()
    une = Indisponibilite.objects.create(du=DU, au=AU, declaree_le=AU, declaree_par=StaffFactory())
    return as_agent(site, f"{ADRESSE}{une.pk}/retirer/", javascript)


def family(path: str) -> Reach:
    """A family on the Friday whose noon, the deadline for Monday, fell in a silence."""

    def reach(site: Site, javascript: bool) -> Page:
        famille = make_famille()
        famille.enregistrer("Léa, 15, soir")
        Indisponibilite.objects.create(du=DU + UN_JOUR, au=AU + UN_JOUR, declaree_le=AU + UN_JOUR)
        site.clock.move_to(AU + UN_JOUR)
        return famille.open(site, path, javascript)

    return reach


ETATS = [
    ("mairie-silence-vide", nothing),
    ("mairie-silence-erreur", refused),
    ("mairie-silence-propose", proposed),
    ("mairie-silence-declare", declared),
    ("mairie-silence-retirer", to_take_back),
    ("accueil-limite-reportee", family("/")),
    ("planning-limite-reportee", family(MOIS)),
    ("jour-limite-reportee", family("/jour/2026-12-07/")),
]
