"""The town hall's pages where there are several schools: headings, choices and filters that one school does not see."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from playwright.sync_api import Page

from enfance.mairie.fermetures.ecriture import Portee, fermer
from enfance.mairie.rentree import preparer
from enfance.models import Scolarite
from tests.factories import CreneauFactory, EcoleFactory, StaffFactory, make_enfant
from tests.navigateur.gestes import Reach
from tests.navigateur.site import Site
from tests.ville import Ville, make_ville

HAMEAU = "École intercommunale du Hameau-des-Hauts-de-Saint-Sauveur"
LUNDI, MARDI = date(2026, 12, 7), date(2026, 12, 8)


def town() -> Ville:
    """Some inscriptions in both schools, a closure of one of them, a school of a long name."""
    ville = make_ville()
    ville.hameau.nom = HAMEAU
    ville.hameau.save()
    ville.inscrire(ville.lea, LUNDI, "soir")
    ville.inscrire(ville.zoe, LUNDI, "matin-hameau", "soir")
    fermer(Portee(MARDI, MARDI, "grève", ecoles=(ville.hameau,)), now=timezone.now())
    return ville


def many(path: str) -> Reach:
    """With four more schools, each with an evening of its own, a lunch break and a morning."""

    def reach(site: Site, javascript: bool) -> Page:
        town()
        for n in range(4):
            ecole = EcoleFactory(code=f"ecole-{n}", nom=f"École {n}", ordre=10 + n)
            for moment in ("matin", "midi", "soir"):
                CreneauFactory(code=f"{moment}-{n}", moment=moment, nom_court=moment, ordre=10 + n).ecoles.set([ecole])
        page = site.open(path, user=StaffFactory(), javascript=javascript)
        for pli in page.locator("main details > summary").all():
            pli.click()
        return page

    return reach


def at(path: str) -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        ville = town()
        address = path.format(zoe=ville.zoe.pk, soir=ville.creneaux["soir"].pk, hameau=ville.hameau.pk)
        return site.open(address, user=StaffFactory(), javascript=javascript)

    return reach


def to_place(site: Site, javascript: bool) -> Page:
    """Two pupils whom both schools may take next year, and a third who has just been placed."""
    ville = town()
    maternelle = EcoleFactory(code="maternelle", nom="École maternelle", dernier_niveau="GS", ordre=9)
    for prenom in ("Alix", "Jean-Baptiste-Emmanuel", "Noé"):
        enfant = make_enfant(ville.camille, prenom=prenom)
        Scolarite.objects.filter(enfant=enfant).update(ecole=maternelle, classe=None, niveau="GS")
    preparer(2027, "A", now=timezone.now())
    page = site.open("/admin/enfance/anneescolaire/rentree/2027/", user=StaffFactory(), javascript=javascript)
    page.get_by_text("Choisir un par un").click()
    for nom in ("Alix", "Jean-Baptiste-Emmanuel"):
        page.get_by_label(nom).uncheck()
    page.get_by_role("button", name=HAMEAU).click()
    page.get_by_text("Choisir un par un").click()
    return page


ETATS = [
    ("mairie-ecoles", at("/admin/enfance/ecole/")),
    ("mairie-ecole-ajouter", at("/admin/enfance/ecole/add/")),
    ("mairie-ecole-tenue", at("/admin/enfance/ecole/{hameau}/delete/")),
    ("mairie-ecoles-accueil", at("/admin/")),
    ("mairie-ecoles-accueil-replie", many("/admin/")),
    ("mairie-ecoles-agent", at("/admin/accounts/staffuser/add/")),
    ("mairie-ecoles-fermer", at("/admin/enfance/fermeture/add/")),
    ("mairie-ecoles-fermetures", at("/admin/enfance/fermeture/?ecole=hameau")),
    ("mairie-ecoles-creneau", at("/admin/enfance/creneau/{soir}/change/")),
    ("mairie-ecoles-inscriptions", at("/admin/enfance/inscription/?ecole=hameau")),
    ("mairie-ecoles-message", at("/admin/enfance/message/add/")),
    ("mairie-ecoles-chiffres", at("/admin/enfance/inscription/chiffres/")),
    ("mairie-ecoles-chiffres-une", at("/admin/enfance/inscription/chiffres/?ecole=hameau")),
    ("mairie-ecoles-chiffres-liste", many("/admin/enfance/inscription/chiffres/")),
    ("mairie-ecoles-feuille", at("/equipe/2026-12-07/")),
    ("mairie-ecoles-feuille-liste", many("/equipe/2026-12-07/")),
    ("mairie-ecoles-lettres", at("/admin/enfance/responsable/identifiants/")),
    ("mairie-ecoles-enfant", at("/admin/enfance/enfant/{zoe}/change/?changer=classe")),
    ("mairie-ecoles-attente", at("/admin/enfance/inscription/attente/?ecole=hameau")),
    ("mairie-ecoles-rentree", to_place),
    ("mairie-ecoles-ecarts", at("/admin/enfance/pointage/ecarts/?ecole=hameau")),
]
