"""A child’s file at the town hall: read, one subject open, refused, asked about."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from playwright.sync_api import Page

from enfance.models import AnneeScolaire, Enfant, Inscription, PersonneAutorisee, Scolarite
from tests.navigateur.etats_famille import separated
from tests.navigateur.etats_mairie import as_agent, busy
from tests.navigateur.gestes import Reach, press
from tests.navigateur.site import Site

SUJETS = ("identite", "classe", "responsables", "garde", "sante", "venir")


def file_of(enfant: Enfant, changer: str = "") -> str:
    return f"/admin/enfance/enfant/{enfant.pk}/change/" + (f"?changer={changer}" if changer else "")


def full() -> Enfant:
    """A child of whom everything is known: health, somebody forbidden, somebody to check, years before and to come."""
    lea = busy().enfants["Léa"]
    Enfant.objects.filter(pk=lea.pk).update(pai=True, pai_fin=date(2027, 7, 2), consigne="Arachide : trousse au bureau")
    lea.demandes_autorisation.create(nom="Absent, Denis", telephone="06 39 98 00 85")
    PersonneAutorisee.objects.create(
        enfant=lea, nom="Odile Morel", retiree_le=timezone.now(), lien="sa tante", debut=date(2026, 9, 1)
    )
    for debut, niveau in ((2025, "CP"), (2027, "CE2")):
        annee = AnneeScolaire.objects.create(debut=date(debut, 9, 1), fin=date(debut + 1, 7, 3))
        Scolarite.objects.create(enfant=lea, annee=annee, niveau=niveau)
    return lea


def read(site: Site, javascript: bool) -> Page:
    return as_agent(site, file_of(full()), javascript)


def read_of_two_homes(site: Site, javascript: bool) -> Page:
    return as_agent(site, file_of(next(iter(separated().enfants.values()))), javascript)


def subject(name: str) -> Reach:
    return lambda site, javascript: as_agent(site, file_of(full(), name), javascript)


def garde_of_two_homes(site: Site, javascript: bool) -> Page:
    return as_agent(site, file_of(next(iter(separated().enfants.values())), "garde"), javascript)


def garde_refused(site: Site, javascript: bool) -> Page:
    page = garde_of_two_homes(site, javascript)
    page.get_by_label("Une semaine sur deux", exact=True).check()
    page.locator("[name=debut]").fill("2026-12-09")
    press(page, "Voir ce que cela touche")
    return page


def garde_asked(site: Site, javascript: bool) -> Page:
    """Of a child whom one of its homes has registered."""
    enfant = next(iter(separated().enfants.values()))
    foyers = list(enfant.gardes.values_list("foyer", flat=True))
    Inscription.objects.filter(enfant=enfant).update(foyer=foyers[0])
    page = as_agent(site, file_of(enfant, "garde"), javascript)
    page.locator(f"[name=rythme][value=seul-{foyers[1]}]").check()
    page.locator("[name=debut]").fill("2026-12-04")
    press(page, "Voir ce que cela touche")
    return page


def departure_asked(site: Site, javascript: bool) -> Page:
    """Of a child who has inscriptions to come."""
    busy()
    a_venir = Inscription.objects.active().filter(jour__gt=timezone.localdate()).order_by("jour")
    page = as_agent(site, file_of(a_venir[0].enfant, "classe"), javascript)
    page.locator("[name=depart]").fill(f"{a_venir[0].jour:%Y-%m-%d}")
    press(page, "Enregistrer")
    return page


def identity_refused(site: Site, javascript: bool) -> Page:
    page = as_agent(site, file_of(full(), "identite"), javascript)
    page.locator("[name=nom]").fill("")
    press(page, "Enregistrer")
    return page


def changed(site: Site, javascript: bool) -> Page:
    page = as_agent(site, file_of(full(), "identite"), javascript)
    page.locator("[name=nom_usage]").fill("Durand")
    press(page, "Enregistrer")
    return page


def of_the_brother() -> Enfant:
    """Tom, whom a person forbidden for his sister may fetch, under a name like it and a near one."""
    full()
    tom = Enfant.objects.get(prenom="Tom")
    for nom in ("D. Absent", "Denis Absant"):
        PersonneAutorisee.objects.create(enfant=tom, nom=nom, lien="un ami de la famille")
    return tom


def read_of_the_brother(site: Site, javascript: bool) -> Page:
    return as_agent(site, file_of(of_the_brother()), javascript)


def prohibition_asked(site: Site, javascript: bool) -> Page:
    """Of brothers and sisters of whom something is said already."""
    page = as_agent(site, file_of(of_the_brother(), "venir&interdire=1"), javascript)
    page.locator("[name=nom]").fill("Denis Absent")
    press(page, "Enregistrer")
    return page


ETATS = [
    ("enfant", read),
    ("enfant-frere", read_of_the_brother),
    ("enfant-interdire", prohibition_asked),
    ("enfant-deux-foyers", read_of_two_homes),
    *((f"enfant-{sujet}", subject(sujet)) for sujet in SUJETS),
    ("enfant-garde-deux-foyers", garde_of_two_homes),
    ("enfant-garde-refus", garde_refused),
    ("enfant-garde-apercu", garde_asked),
    ("enfant-depart-apercu", departure_asked),
    ("enfant-identite-refus", identity_refused),
    ("enfant-change", changed),
]
