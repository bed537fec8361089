"""A family of two schools: each child's hours, a strike at one of them, the paper, what a save says."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import Page, expect

from enfance.models import Creneau, Ecole, Fermeture
from tests.enfance.villes import Ville, limit, make_ville
from tests.factories import StaffFactory
from tests.navigateur.etats_famille import tick
from tests.navigateur.famille import MOIS
from tests.navigateur.gestes import Reach, go, press
from tests.navigateur.site import Site


def lived() -> Ville:
    """Each school has its telephone; the Hameau's evening closes on the day itself; the Bourg is on strike on Tuesday
    15.
    """
    ville = make_ville()
    for rang, ecole in enumerate((ville.bourg, ville.hameau), start=52):
        Ecole.objects.filter(pk=ecole.pk).update(telephone=f"04 65 71 00 {rang}")
    limit("soir-hameau", genre="jours", nombre=0)
    greve = Fermeture.objects.create(debut=date(2026, 12, 15), fin=date(2026, 12, 15), motif="grève")
    greve.ecoles.set([ville.bourg])
    return ville


def of_parent(path: str) -> Reach:
    return lambda site, javascript: site.open(path, user=lived().camille.user, javascript=javascript)


def booked(site: Site, javascript: bool) -> Page:
    """The home page: some days are past their limit, so that it gives where to call."""
    ville = lived()
    ville.lea.inscriptions.create(jour=date(2026, 12, 4), creneau=Creneau.objects.get(code="soir"))
    return site.open("/", user=ville.camille.user, javascript=javascript)


def copied(site: Site, javascript: bool) -> Page:
    page = site.open(MOIS, user=lived().camille.user, javascript=javascript)
    tick(page, "Léa, soir, mardi 8", "Léa, midi, jeudi 10")
    page.locator("button[name=idem][value='2026-12-07']").click()
    expect(page.get_by_role("checkbox", name="Tom, soir, mardi 8", exact=True)).to_be_checked()
    return page


def saved(site: Site, javascript: bool) -> Page:
    page = copied(site, javascript)
    press(page, "Enregistrer")
    return page


def receipt(site: Site, javascript: bool) -> Page:
    page = saved(site, javascript)
    go(page.get_by_role("link", name="Récapitulatif à garder ou à imprimer"))
    return page


def previewed(site: Site, javascript: bool) -> Page:
    page = site.open("/semaine-type/", user=lived().camille.user, javascript=javascript)
    tick(page, "Léa, soir, mardi", "Tom, soir, mardi")
    press(page, "Voir l’aperçu")
    return page


def paper(site: Site, javascript: bool) -> Page:
    foyer = lived().camille.foyer
    return site.open(f"/guichet/{foyer.pk}{MOIS}papier/", user=StaffFactory(), javascript=javascript)


ETATS = [
    ("ecoles-accueil", of_parent("/")),
    ("ecoles-accueil-prevu", booked),
    ("ecoles-planning", of_parent(MOIS)),
    ("ecoles-planning-recopie", copied),
    ("ecoles-planning-enregistre", saved),
    ("ecoles-recapitulatif", receipt),
    ("ecoles-jour", of_parent("/jour/2026-12-08/")),
    ("ecoles-jour-tard", of_parent("/jour/2026-12-04/")),
    ("ecoles-jour-greve", of_parent("/jour/2026-12-15/")),
    ("ecoles-semaine-type", of_parent("/semaine-type/")),
    ("ecoles-semaine-type-apercu", previewed),
    ("ecoles-papier", paper),
]
