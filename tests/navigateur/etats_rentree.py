"""ONDE imported by the town hall, a year prepared; and what families see of both."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.utils import timezone
from playwright.sync_api import Page

from enfance.mairie.rentree import preparer
from enfance.models import AnneeScolaire, ImportOnde, Responsable
from enfance.onde import depots
from portail.dates import PARIS
from tests.enfance.onde.ecole import run
from tests.enfance.onde.exemples import (
    ADULTES,
    ECOLE,
    JULES,
    MOYENS,
    NADIA,
    PAUL,
    change,
    fichier_eleves,
    fichier_responsables,
    texte_eleves,
    texte_responsables,
)
from tests.factories import AnneeFactory, StaffFactory, make_creneaux
from tests.navigateur.gestes import Reach, press
from tests.navigateur.site import Site

ONDE, RENTREE = "/admin/enfance/importonde/", "/admin/enfance/anneescolaire/rentree/"
DOUBLE = replace(NADIA, adresse="99 rue Neuve", portable="0639980077", courriel="autre@courriel.example")
AILLEURS = {"adresse": "1 place Neuve", "portable": "0639980088", "courriel": "troisieme@courriel.example"}


def school() -> AnneeScolaire:
    annee = AnneeFactory()
    make_creneaux()
    run(annee, adultes=[*ADULTES, DOUBLE])
    return annee


def laid_down(enfants=ECOLE, adultes=ADULTES) -> ImportOnde:
    annee, agent = school(), StaffFactory()
    files = fichier_eleves(texte_eleves(enfants)), fichier_responsables(texte_responsables(adultes))
    return depots.deposer(None, annee, *files, user_id=agent.pk, now=timezone.now())


def as_agent(site: Site, path: str, javascript: bool) -> Page:
    return site.open(path, user=StaffFactory(), javascript=javascript)


def at(path: str) -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        school()
        return as_agent(site, path, javascript)

    return reach


# --- ONDE -------------------------------------------------------------------------------------------------------------


def bad_files(site: Site, javascript: bool) -> Page:
    """The two files swapped."""
    page = at(f"{ONDE}add/")(site, javascript)
    fichier = {"name": "CSVExtraction-responsables.csv", "mimeType": "text/csv"}
    page.set_input_files("[name=eleves]", {**fichier, "buffer": texte_responsables().encode("cp1252")})
    page.set_input_files("[name=responsables]", {**fichier, "buffer": b""})
    press(page, "Voir l’aperçu")
    return page


def preview(site: Site, javascript: bool) -> Page:
    """With a question, somebody gone and somebody changed."""
    enfants = [e for e in change(ECOLE, ECOLE[0], classe="") if e is not JULES]
    depot = laid_down([*enfants, JULES], change(ADULTES, NADIA, **AILLEURS))
    return as_agent(site, f"{ONDE}{depot.pk}/change/", javascript)


def answered(site: Site, javascript: bool) -> Page:
    """« Importer » pressed with an answer that was not previewed."""
    page = preview(site, javascript)
    page.get_by_label("Une autre personne").check()
    press(page, "Importer")
    return page


def departures(site: Site, javascript: bool) -> Page:
    """One class alone, and the tick forgotten."""
    depot = laid_down([e for e in ECOLE if e.classe == MOYENS], [a for a in ADULTES if a not in (NADIA, PAUL)])
    page = as_agent(site, f"{ONDE}{depot.pk}/change/", javascript)
    press(page, "Importer")
    return page


def imported(site: Site, javascript: bool) -> Page:
    page = preview(site, javascript)
    press(page, "Importer")
    return page


def listed(site: Site, javascript: bool) -> Page:
    imported(site, javascript)
    laid = laid_down()
    return as_agent(site, f"{ONDE}?annee__id__exact={laid.annee_id}", javascript)


# --- The rollover -----------------------------------------------------------------------------------------------------


def prepared(path: str = f"{RENTREE}2027/") -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        school()
        preparer(2027, "A", now=timezone.now())
        return as_agent(site, path, javascript)

    return reach


def bad_date(site: Site, javascript: bool) -> Page:
    page = prepared()(site, javascript)
    page.locator("[name=ouverture]").fill("2030-09-01")
    press(page, "Changer la date")
    return page


def family(prenom: str, path: str, quand: datetime) -> Reach:
    """What this adult sees once the year is prepared."""

    def reach(site: Site, javascript: bool) -> Page:
        school()
        preparer(2027, "A", now=timezone.now())
        site.clock.move_to(quand, tick=False)
        adulte = Responsable.objects.filter(user__first_name=prenom).earliest("pk")
        adulte.user.set_password("Velo nuage 7")
        adulte.user.save()
        return site.open(path, user=adulte.user, javascript=javascript)

    return reach


MAI, JUIN = datetime(2027, 5, 20, 20, tzinfo=PARIS), datetime(2027, 6, 7, 20, tzinfo=PARIS)
AOUT = datetime(2027, 8, 20, 20, tzinfo=PARIS)

ETATS = [
    ("onde-deposer", at(f"{ONDE}add/")),
    ("onde-deposer-sans-annee", lambda site, javascript: as_agent(site, f"{ONDE}add/", javascript)),
    ("onde-deposer-erreurs", bad_files),
    ("onde-apercu", preview),
    ("onde-apercu-change", answered),
    ("onde-apercu-departs", departures),
    ("onde-bilan", imported),
    ("onde-liste", listed),
    ("rentree", at(f"{RENTREE}2027/")),
    ("rentree-prete", prepared()),
    ("rentree-date", bad_date),
    ("rentree-inconnue", prepared(f"{RENTREE}2040/")),
    ("rentree-accueil-bientot", family("Camille", "/", MAI)),
    ("rentree-accueil-ouvert", family("Camille", "/", JUIN)),
    ("rentree-planning-ferme", family("Camille", "/planning/2027-09/", MAI)),
    ("rentree-planning-ouvert", family("Camille", "/planning/2027-09/", AOUT)),
    ("rentree-sortant-accueil", family("Paul", "/", AOUT)),
    ("rentree-sortant-planning", family("Paul", "/planning/2027-09/", AOUT)),
    ("rentree-sortant-semaine-type", family("Paul", "/semaine-type/", AOUT)),
]
