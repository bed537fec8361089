"""The canteen on the family's pages: meals without lunch break, lunch breaks that a meal locks, what was answered."""

from __future__ import annotations

from datetime import date, time

from playwright.sync_api import Page

from enfance.models import Enfant, Fermeture, ListeRepas, Repas
from tests.factories import CreneauFactory
from tests.navigateur.famille import MOIS, Famille, make_famille
from tests.navigateur.gestes import Reach, go, press
from tests.navigateur.site import Site

FRATRIE = ("Léa", "Tom", "Jules", "Maximilienne")


def manger(enfant: Enfant, *jours: int) -> None:
    """The association's list of December holds this child on these days."""
    liste, _ = ListeRepas.objects.get_or_create(debut=date(2026, 12, 1), fin=date(2026, 12, 18))
    Repas.objects.bulk_create(Repas(enfant=enfant, jour=date(2026, 12, jour), liste=liste) for jour in jours)


def at_the_canteen(*prenoms: str) -> Famille:
    """All that a meal may be: missing, past its limit, locked, on a closed day; and a lunch break without meal."""
    famille = make_famille(*prenoms)
    first, *others = famille.enfants.values()
    famille.enregistrer(*(f"{first.prenom}, {jour}, midi" for jour in (7, 8, 11)))
    manger(first, 8, 11)
    Fermeture.objects.create(debut=date(2026, 12, 15), fin=date(2026, 12, 15), motif="formation de l’équipe")
    for enfant in others:
        manger(enfant, 4, 8, 10, 15)
    return famille


def of_canteen(path: str, *prenoms: str) -> Reach:
    return lambda site, javascript: at_the_canteen(*prenoms).open(site, path, javascript)


def put_right(path: str) -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        page = at_the_canteen("Léa", "Tom").open(site, path, javascript)
        go(page.locator("button[name=repas]").first)
        return page

    return reach


def asked(path: str) -> Reach:
    """The question beside « J’ai annulé », with or without JavaScript."""

    def reach(site: Site, javascript: bool) -> Page:
        page = at_the_canteen("Léa", "Tom").open(site, path, javascript)
        page.locator("a[href^='#question-']").first.click()
        return page

    return reach


def cancelled(path: str) -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        page = asked(path)(site, javascript)
        go(page.locator(".question:target button"))
        return page

    return reach


def refused(path: str) -> Reach:
    """The list comes in while the page is open."""

    def reach(site: Site, javascript: bool) -> Page:
        famille = make_famille()
        famille.enregistrer("Tom, 8, midi")
        page = famille.open(site, path, javascript)
        page.get_by_role("checkbox", name="Tom, midi, mardi 8", exact=True).uncheck()
        manger(famille.enfants["Tom"], 8)
        press(page, "Enregistrer")
        return page

    return reach


def with_two_services() -> Famille:
    """Léa eats on Tuesday 8 at the first service; the second one has a place."""
    famille = make_famille("Léa")
    CreneauFactory(
        code="midi-2", moment="midi", nom="Second service", nom_court="midi 2", debut=time(12, 30), fin=time(13, 30)
    )
    famille.enregistrer("Léa, 8, midi")
    manger(famille.enfants["Léa"], 8)
    return famille


def of_services(path: str) -> Reach:
    return lambda site, javascript: with_two_services().open(site, path, javascript)


ETATS = [
    ("accueil-repas", of_canteen("/")),
    ("accueil-repas-4-enfants", of_canteen("/", *FRATRIE)),
    ("accueil-repas-inscrit", put_right("/")),
    ("accueil-repas-question", asked("/")),
    ("accueil-repas-annule", cancelled("/")),
    ("planning-repas", of_canteen(MOIS)),
    ("planning-repas-4-enfants", of_canteen(MOIS, *FRATRIE)),
    ("planning-repas-inscrit", put_right(MOIS)),
    ("planning-repas-refuse", refused(MOIS)),
    ("planning-deux-services", of_services(MOIS)),
    ("jour-deux-services", of_services("/jour/2026-12-08/")),
    ("jour-repas", of_canteen("/jour/2026-12-08/")),
    ("jour-repas-tard", of_canteen("/jour/2026-12-04/")),
    ("jour-repas-question", asked("/jour/2026-12-08/")),
    ("jour-repas-annule", cancelled("/jour/2026-12-08/")),
    ("jour-repas-refuse", refused("/jour/2026-12-08/")),
]
