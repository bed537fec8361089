"""The association's pages, and what a parent lets it know."""

from __future__ import annotations

from datetime import date, datetime, time

from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Page

from enfance.models import Absence, Creneau, Enfant, Fermeture, ListeRepas, ReglageCantine, Repas, Scolarite
from portail.dates import PARIS
from tests.factories import ClasseFactory, StaffFactory
from tests.navigateur.etats_repas import manger
from tests.navigateur.famille import Famille, make_famille
from tests.navigateur.gestes import Reach, press
from tests.navigateur.site import Site

JOUR, SEMAINE = "/cantine/2026-12-08/", "/cantine/semaine/2026-12-07/"
LISTE = """nom;prénom;classe;date
Morel;Tom;;08/12/2026
Morel;Léa;;10/12/2026
Inconnu;Zoé;;08/12/2026
Morel;Tom;;38/12
"""


def lived() -> Famille:
    """All that a day may hold: expected, missing, absent, cancelled, flagged, changed since; closures to come."""
    famille = make_famille("Léa", "Tom", "Jules", "Maximilienne-Apolline")
    Scolarite.objects.filter(enfant=famille.enfants["Jules"]).update(classe=ClasseFactory(nom="PS-MS Mme Saule"))
    famille.enregistrer("Léa, 8, midi", "Jules, 8, midi", "Maximilienne-Apolline, 8, midi")
    ListeRepas.objects.create(
        debut=date(2026, 12, 1), fin=date(2026, 12, 18), importee_le=datetime(2026, 12, 1, 18, 2, tzinfo=PARIS)
    )
    for prenom in ("Léa", "Tom", "Jules"):
        manger(famille.enfants[prenom], 7, 8, 11)
    Repas.objects.filter(enfant=famille.enfants["Jules"], jour=date(2026, 12, 8)).update(annule_le=timezone.now())
    Absence.objects.create(enfant=famille.enfants["Léa"], jour=date(2026, 12, 8))
    Enfant.objects.filter(prenom="Léa").update(pai=True, pai_cantine=True)
    greve = Fermeture.objects.create(debut=date(2026, 12, 10), fin=date(2026, 12, 10), motif="grève")
    greve.creneaux.set([Creneau.objects.get(code="midi")])
    return famille


def of_canteen(path: str) -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        lived()
        return site.open(path, user=StaffFactory(), javascript=javascript)

    return reach


def without_list(site: Site, javascript: bool) -> Page:
    make_famille().enregistrer("Léa, 8, midi")
    return site.open(JOUR, user=StaffFactory(), javascript=javascript)


def looked_at(site: Site, javascript: bool) -> Page:
    return sent(site, javascript, LISTE)


def sent(site: Site, javascript: bool, liste: str) -> Page:
    lived()
    page = site.open("/cantine/importer/", user=StaffFactory(), javascript=javascript)
    page.locator("[name=fichier]").set_input_files(
        {"name": "repas.csv", "mimeType": "text/csv", "buffer": liste.encode()}
    )
    press(page, "Voir ce que la liste change")
    return page


def refused(site: Site, javascript: bool) -> Page:
    return sent(site, javascript, "lundi;frites\n")


def questioned(site: Site, javascript: bool) -> Page:
    """Two names almost known, many meals to take away, and no yes."""
    page = sent(site, javascript, LISTE + "Morell;Léa;;10/12/2026\nMorel;Jule;;08/12/2026\n")
    press(page, "Importer cette liste")
    return page


def imported(site: Site, javascript: bool) -> Page:
    page = looked_at(site, javascript)
    page.locator("[name=retirer]").check()
    press(page, "Importer cette liste")
    return page


def undone(site: Site, javascript: bool) -> Page:
    page = imported(site, javascript)
    page.goto("/cantine/importer/")
    page.get_by_role("link", name="Annuler cet import…").click()
    page.wait_for_url("**/annuler/")
    return page


def not_undone(site: Site, javascript: bool) -> Page:
    """A list of which what it replaced is not kept."""
    lived()
    liste = ListeRepas.objects.get()
    return site.open(f"/cantine/importer/{liste.pk}/annuler/", user=StaffFactory(), javascript=javascript)


def forgotten(site: Site, javascript: bool) -> Page:
    """No file was chosen."""
    page = site.open("/cantine/importer/", user=StaffFactory(), javascript=javascript)
    press(page, "Voir ce que la liste change")
    return page


def settled(adresse: str) -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        with override_settings(CANTINE_COURRIEL=adresse):
            ReglageCantine.objects.create(pk=1, dernier_courriel=timezone.now(), heure_courriel=time(8))
            page = site.open("/cantine/reglages/", user=StaffFactory(), javascript=javascript)
            press(page, "Enregistrer")
        return page

    return reach


def asked(accord: bool) -> Reach:
    """A parent on the file of a child who has an instruction."""

    def reach(site: Site, javascript: bool) -> Page:
        famille = make_famille()
        Enfant.objects.filter(prenom="Léa").update(pai=True, consigne="Arachide")
        page = famille.open(site, f"/enfants/{famille.enfants['Léa'].pk}/", javascript)
        if accord:
            press(page, "Le dire à la cantine")
        return page

    return reach


ETATS = [
    ("cantine-jour", of_canteen(JOUR)),
    ("cantine-jour-ferme", of_canteen("/cantine/2026-12-10/")),
    ("cantine-jour-vacances", of_canteen("/cantine/2026-12-24/")),
    ("cantine-jour-sans-liste", without_list),
    ("cantine-semaine", of_canteen(SEMAINE)),
    ("cantine-semaine-vacances", of_canteen("/cantine/semaine/2026-12-21/")),
    ("cantine-export-confirme", of_canteen("/cantine/export.csv?du=2026-12-01&au=2026-12-08&confirmee=1")),
    ("cantine-export-erreur", of_canteen("/cantine/export.csv?du=2026-12-08&au=2026-12-01")),
    ("cantine-importer", of_canteen("/cantine/importer/")),
    ("cantine-importer-sans-fichier", forgotten),
    ("cantine-importer-refus", refused),
    ("cantine-importer-apercu", looked_at),
    ("cantine-importer-questions", questioned),
    ("cantine-importe", imported),
    ("cantine-importe-defaire", undone),
    ("cantine-importe-defaire-refus", not_undone),
    ("cantine-reglages", settled("cantine@courriel.example")),
    ("cantine-reglages-sans-adresse", settled("")),
    ("enfant-accord-cantine", asked(False)),
    ("enfant-accord-cantine-donne", asked(True)),
]
