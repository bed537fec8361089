"""The town hall's files kept right: doubles, newcomers, separations, closures, the calendar, créneaux."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import User
from enfance.mairie.fermetures.ecriture import Portee, fermer
from enfance.models import AnneeScolaire, Creneau, Enfant, Fermeture, Inscription, RegleDelai, Responsable, Scolarite
from enfance.natures import NatureFermeture
from tests.factories import FoyerFactory, ResponsableFactory, make_enfant
from tests.navigateur.etats_famille import lived_in, separated
from tests.navigateur.etats_mairie import as_agent, busy
from tests.navigateur.famille import Famille
from tests.navigateur.gestes import Reach, go, press
from tests.navigateur.site import Site

RESPONSABLES, FOYERS = "/admin/enfance/responsable/", "/admin/enfance/foyer/"
ENFANTS = "/admin/enfance/enfant/"


def with_double() -> tuple[Responsable, Responsable]:
    """A mother, and the file that somebody typed again for her son, in a home that an aunt shares."""
    camille = busy().camille
    double = ResponsableFactory(
        foyer=FoyerFactory(adresse="9 rue du Moulin de la Fontaine"), telephone_travail="04 76 00 00 01"
    )
    make_enfant(double, prenom="Maximilien")
    ResponsableFactory(foyer=double.foyer, user__first_name="Odile")
    return camille, double


def merging(site: Site, javascript: bool) -> Page:
    camille, double = with_double()
    return as_agent(site, f"{RESPONSABLES}{camille.pk}/reunir/?avec={double.pk}", javascript)


def merging_whom(site: Site, javascript: bool) -> Page:
    return as_agent(site, f"{RESPONSABLES}{busy().camille.pk}/reunir/", javascript)


def merging_found(site: Site, javascript: bool) -> Page:
    page = merging_whom(site, javascript)
    page.locator("#id_famille").fill("morel")
    press(page, "Chercher")
    return page


def merging_somebody_else(site: Site, javascript: bool) -> Page:
    """Another first name: the preview asks about it."""
    famille = busy()
    page = as_agent(site, f"{RESPONSABLES}{famille.camille.pk}/reunir/?avec={famille.dominique.pk}", javascript)
    press(page, "Voir ce qui change")
    return page


def merged(site: Site, javascript: bool) -> Page:
    page = merging(site, javascript)
    press(page, "Voir ce qui change")
    press(page, "Réunir")
    return page


def merging_homes(site: Site, javascript: bool) -> Page:
    """Of separated parents."""
    famille = separated()
    autre = next(iter(famille.enfants.values())).gardes.exclude(foyer=famille.camille.foyer_id).get().foyer
    return as_agent(site, f"{FOYERS}{famille.camille.foyer_id}/reunir/?avec={autre.pk}", javascript)


def with_double_child() -> tuple[Enfant, Enfant]:
    """A child, and the file that was typed for her in the home of another parent before ONDE gave her."""
    camille = busy().camille
    sacha = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"), user__first_name="Sacha")
    lea = camille.enfants.order_by("pk")[0]
    double = make_enfant(sacha, nom=lea.nom, prenom=lea.prenom, date_naissance=lea.date_naissance)
    return lea, double


def merging_children(site: Site, javascript: bool) -> Page:
    lea, double = with_double_child()
    return as_agent(site, f"{ENFANTS}{lea.pk}/reunir/?avec={double.pk}", javascript)


def merging_children_seen(site: Site, javascript: bool) -> Page:
    page = merging_children(site, javascript)
    page.get_by_label("Dans les foyers des deux fiches").check()
    press(page, "Voir ce qui change")
    return page


def merging_children_not_chosen(site: Site, javascript: bool) -> Page:
    page = merging_children(site, javascript)
    press(page, "Voir ce qui change")
    return page


def near_children(site: Site, javascript: bool) -> Page:
    with_double_child()
    return as_agent(site, f"{ENFANTS}proches/", javascript)


def newcomers(site: Site, javascript: bool) -> Page:
    busy()
    return as_agent(site, f"{FOYERS}add/", javascript)


def newcomers_refused(site: Site, javascript: bool) -> Page:
    page = newcomers(site, javascript)
    page.locator("[name=adulte-0-prenom]").fill("Inès")
    page.locator("[name=adulte-0-courriel]").fill("ines")
    press(page, "Ajouter")
    return page


def newcomers_known(site: Site, javascript: bool) -> Page:
    page = newcomers(site, javascript)
    page.locator("[name=adulte-0-prenom]").fill("Camille")
    page.locator("[name=adulte-0-nom]").fill("Morel")
    press(page, "Ajouter")
    return page


def one_more(site: Site, javascript: bool) -> Page:
    return as_agent(site, f"{FOYERS}{busy().camille.foyer_id}/ajouter/", javascript)


def leaving(famille: Famille, site: Site, javascript: bool) -> Page:
    return as_agent(site, f"{RESPONSABLES}{famille.dominique.pk}/foyer/", javascript)


def separation(site: Site, javascript: bool) -> Page:
    return leaving(busy(), site, javascript)


def separation_refused(site: Site, javascript: bool) -> Page:
    page = leaving(busy(), site, javascript)
    press(page, "Voir ce qui change")
    return page


def separation_seen(site: Site, javascript: bool) -> Page:
    famille = lived_in()
    Inscription.objects.update(foyer=famille.camille.foyer_id)
    page = leaving(famille, site, javascript)
    page.locator("[name=adresse]").fill("3 rue du Lac")
    for choice in page.locator("input[value=suit]").all():
        choice.check()
    press(page, "Voir ce qui change")
    return page


def erasing(site: Site, javascript: bool) -> Page:
    return as_agent(site, f"{FOYERS}{separated().camille.foyer_id}/effacer/", javascript)


def erasing_refused(site: Site, javascript: bool) -> Page:
    page = erasing(site, javascript)
    page.locator("[name=identifiant]").fill("1234567")
    press(page, "Voir ce qui part")
    return page


def erasing_seen(site: Site, javascript: bool) -> Page:
    """Of separated parents: a child stays."""
    famille = separated()
    page = as_agent(site, f"{FOYERS}{famille.camille.foyer_id}/effacer/", javascript)
    page.locator("[name=identifiant]").fill(famille.camille.user.identifiant)
    press(page, "Voir ce qui part")
    return page


def erased(site: Site, javascript: bool) -> Page:
    page = erasing_seen(site, javascript)
    press(page, "Effacer la famille")
    return page


def calendar(site: Site, javascript: bool) -> Page:
    """A closure, and a child booked in the holidays."""
    famille = busy()
    enfant, soir = next(iter(famille.enfants.values())), Creneau.objects.get(code="soir")
    Inscription.objects.create(enfant=enfant, jour=date(2026, 12, 21), creneau=soir)
    return as_agent(site, f"/admin/enfance/anneescolaire/{AnneeScolaire.objects.get().pk}/calendrier/", javascript)


def calendar_asked(site: Site, javascript: bool) -> Page:
    busy()
    User.objects.filter(is_staff=False).update(email="")
    annee = AnneeScolaire.objects.get()
    rang = list(annee.conges.values_list("nom", flat=True)).index("Vacances de Noël")
    page = as_agent(site, f"/admin/enfance/anneescolaire/{annee.pk}/change/", javascript)
    page.locator(f"[name=conges-{rang}-debut]").fill("2026-12-05")
    press(page, "Enregistrer")
    return page


def changed(path: str, **fields: str) -> Reach:
    """A créneau, or a rule, that is about to change."""

    def reach(site: Site, javascript: bool) -> Page:
        busy()
        pk = {"creneau": Creneau.objects.get(code="soir").pk, "regledelai": RegleDelai.objects.get().pk}[path]
        page = as_agent(site, f"/admin/enfance/{path}/{pk}/change/", javascript)
        for name, value in fields.items():
            page.locator(f"[name={name}]").fill(value)
        press(page, "Enregistrer")
        return page

    return reach


def closure(path: str) -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        famille = busy()
        Responsable.objects.filter(pk=famille.camille.pk).update(telephone="06 39 98 00 12")
        User.objects.filter(is_staff=False).update(email="")
        fermer(Portee(date(2026, 12, 7), date(2026, 12, 11), "grève"), now=timezone.now())
        fermeture = Fermeture.objects.get(motif="grève", debut=date(2026, 12, 7))
        return as_agent(site, f"/admin/enfance/fermeture/{fermeture.pk}/{path}", javascript)

    return reach


def closing(debut: str, fin: str) -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        busy()
        User.objects.filter(is_staff=False).update(email="")
        page = as_agent(site, "/admin/enfance/fermeture/add/", javascript)
        for name, value in {"debut": debut, "fin": fin, "motif": "grève"}.items():
            page.locator(f"[name={name}]").fill(value)
        press(page, "Voir qui est touché")
        return page

    return reach


def trip(*niveaux: str, unticked: bool = False) -> Reach:
    """The form of a trip; with levels, its preview, or that of a trip of which one child stays."""

    def reach(site: Site, javascript: bool) -> Page:
        busy()
        User.objects.filter(is_staff=False).update(email="camille@courriel.example")
        Scolarite.objects.update(niveau="CM1")
        page = as_agent(site, "/admin/enfance/fermeture/sortie/", javascript)
        for name, value in {"debut": "2026-12-10", "motif": "musée, retour à 18 h"}.items():
            page.locator(f"[name={name}]").fill(value)
        for niveau in niveaux:
            page.get_by_label(niveau, exact=True).check()
        press(page, "Voir qui part et l’e-mail")
        if unticked:
            page.locator("[name=partent]").first.uncheck()
            go(page.locator("[name=confirmer]"))
        return page

    return reach


def trip_list(site: Site, javascript: bool) -> Page:
    busy()
    Scolarite.objects.update(niveau="CM1")
    jour, now = date(2026, 12, 10), timezone.now()
    fermer(Portee(jour, jour, "musée", nature=NatureFermeture.SORTIE, niveaux=("CM1",)), now=now)
    fermeture = Fermeture.objects.get(motif="musée")
    return as_agent(site, f"/admin/enfance/fermeture/{fermeture.pk}/liste/", javascript)


def waiting_lists(site: Site, javascript: bool) -> Page:
    """One list of one child, one of three whose names are long."""
    famille = busy()
    attente = Inscription.Etat.ATTENTE
    famille.enregistrer(*(f"{prenom}, 11, soir" for prenom in famille.enfants), voulu=attente)
    Creneau.objects.filter(code="soir").update(places=0)
    famille.enregistrer(f"{next(iter(famille.enfants))}, 14, soir", voulu=attente)
    return as_agent(site, "/admin/enfance/inscription/attente/", javascript)


def order_asked(site: Site, javascript: bool) -> Page:
    page = waiting_lists(site, javascript)
    go(page.get_by_role("button", name="Monter").last)
    return page


def order_refused(site: Site, javascript: bool) -> Page:
    page = order_asked(site, javascript)
    press(page, "Changer l’ordre")
    return page


ETATS = [
    ("dossiers-reunir", merging),
    ("dossiers-reunir-qui", merging_whom),
    ("dossiers-reunir-trouves", merging_found),
    ("dossiers-reunir-refus", merging_somebody_else),
    ("dossiers-reunis", merged),
    ("dossiers-reunir-foyers", merging_homes),
    ("dossiers-reunir-enfants", merging_children),
    ("dossiers-reunir-enfants-vus", merging_children_seen),
    ("dossiers-reunir-enfants-refus", merging_children_not_chosen),
    ("dossiers-enfants-proches", near_children),
    ("dossiers-arrivee", newcomers),
    ("dossiers-arrivee-refus", newcomers_refused),
    ("dossiers-arrivee-connus", newcomers_known),
    ("dossiers-ajouter", one_more),
    ("dossiers-separation", separation),
    ("dossiers-separation-refus", separation_refused),
    ("dossiers-separation-vue", separation_seen),
    ("dossiers-effacer", erasing),
    ("dossiers-effacer-refus", erasing_refused),
    ("dossiers-effacer-vu", erasing_seen),
    ("dossiers-efface", erased),
    ("dossiers-calendrier", calendar),
    ("dossiers-calendrier-question", calendar_asked),
    ("dossiers-creneau-question", changed("creneau", fin="18:00", places="0")),
    ("dossiers-regle-question", changed("regledelai", nombre="2")),
    ("dossiers-fermeture-apercu", closing("2026-12-07", "2026-12-11")),
    ("dossiers-fermeture-refus", closing("2026-12-21", "2026-12-24")),
    ("dossiers-fermeture-liste", closure("liste/")),
    ("dossiers-fermeture-rouvrir", closure("rouvrir/")),
    ("dossiers-sortie-refus", trip()),
    ("dossiers-sortie-apercu", trip("CM1")),
    ("dossiers-sortie-relue", trip("CM1", unticked=True)),
    ("dossiers-sortie-liste", trip_list),
    ("dossiers-attente", waiting_lists),
    ("dossiers-attente-ordre", order_asked),
    ("dossiers-attente-ordre-refus", order_refused),
]
