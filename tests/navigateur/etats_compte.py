"""A parent's own account, and what they tell from a child's file."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone
from playwright.sync_api import Page

from accounts import addresses, email_changes
from enfance.courriels import rappel
from enfance.famille import agenda
from enfance.models import Creneau, Inscription, PersonneAutorisee, Responsable
from tests.factories import PASSWORD, FoyerFactory, ResponsableFactory
from tests.navigateur.famille import Famille, make_famille
from tests.navigateur.gestes import Reach, press
from tests.navigateur.site import Site


def make_parent() -> Responsable:
    """With all that the page may say of them."""
    parent = ResponsableFactory(telephone="06 39 98 00 12", rappel=True)
    agenda.renouveler(parent)
    addresses.ask(parent.user, "nouvelle@courriel.example", now=timezone.now())
    return parent


def account(site: Site, javascript: bool) -> Page:
    return site.open("/compte/", user=make_parent().user, javascript=javascript)


def account_without_address(site: Site, javascript: bool) -> Page:
    return site.open("/compte/", user=ResponsableFactory(user__email="").user, javascript=javascript)


def account_after(summary: str, button: str, **fields: str) -> Reach:
    """The page once one of its folded forms was sent; `fields` by the ids of its inputs."""

    def reach(site: Site, javascript: bool) -> Page:
        page = account(site, javascript)
        if summary:
            page.locator("summary", has_text=summary).click()
        for name, value in fields.items():
            page.locator(f"#{name}").fill(value)
        press(page, button)
        return page

    return reach


def stop_page(*, stopped: bool) -> Reach:
    """Where the foot of a reminder leads."""

    def reach(site: Site, javascript: bool) -> Page:
        parent = ResponsableFactory(rappel=True)
        page = site.open(f"/rappel/{rappel.jeton(parent)}/", javascript=javascript)
        if stopped:
            press(page, "Arrêter le rappel")
        return page

    return reach


def confirmation(*buttons: str, dropped: bool = False) -> Reach:
    """Where the mail sent to a new address leads."""

    def reach(site: Site, javascript: bool) -> Page:
        parent = ResponsableFactory()
        change = addresses.ask(parent.user, "nouvelle@courriel.example", now=timezone.now())
        assert change is not None
        if dropped:
            addresses.give_up(parent.user, now=timezone.now())
        page = site.open(f"/courriel/confirmer/{email_changes.token_of(change)}/", javascript=javascript)
        for button in buttons:
            press(page, button)
        return page

    return reach


def friday_is_booked() -> Famille:
    """Léa is awaited on Friday, whose limit has passed, and some may fetch her, one by the other parent's wish."""
    famille = make_famille("Léa")
    lea, ailleurs = famille.enfants["Léa"], ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    lea.responsabilites.create(responsable=ailleurs)
    demain = timezone.localdate() + timedelta(days=1)
    for creneau in Creneau.objects.all():
        Inscription.objects.create(enfant=lea, jour=demain, creneau=creneau)
    PersonneAutorisee.objects.create(
        enfant=lea,
        nom="Odile Morel",
        lien="sa grand-mère",
        telephone="06 39 98 00 85",
        ajoutee_par=famille.camille.user,
    )
    PersonneAutorisee.objects.create(enfant=lea, nom="Claude Interdit", interdite=True)
    PersonneAutorisee.objects.create(enfant=lea, nom="Sam Rivière", fin=demain, ajoutee_par=ailleurs.user)
    return famille


def file_after(button: str, **fields: str) -> Reach:
    """The child's file, once a button of it was pressed."""

    def reach(site: Site, javascript: bool) -> Page:
        famille = friday_is_booked()
        page = famille.open(site, f"/enfants/{famille.enfants['Léa'].pk}/", javascript)
        if fields:
            page.locator("summary", has_text="Ajouter une personne").click()
        for name, value in fields.items():
            page.locator(f"[name={name}]").fill(value)
        if button:
            press(page, button)
        return page

    return reach


def absence_told(site: Site, javascript: bool) -> Page:
    famille = friday_is_booked()
    famille.enfants["Léa"].absences.create(jour=date(2026, 12, 4), signalee_par=famille.camille.user)
    return famille.open(site, f"/enfants/{famille.enfants['Léa'].pk}/", javascript)


def person_withdrawn(site: Site, javascript: bool) -> Page:
    """Once the question was answered (RGAA 11.12)."""
    page = file_after("")(site, javascript)
    page.locator("summary", has_text="Retirer Odile Morel").click()
    press(page, "Oui, retirer Odile Morel")
    return page


def own_data(site: Site, javascript: bool) -> Page:
    """The page to read, once the password was typed."""
    famille = friday_is_booked()
    page = famille.open(site, "/compte/", javascript)
    page.locator("#donnees_password").fill(PASSWORD)
    press(page, "Lire mes données")
    return page


COORDONNEES = ("Changer mes coordonnées", "Enregistrer mes coordonnées")
ETATS = [
    ("compte-agenda", account),
    ("compte-sans-adresse", account_without_address),
    (
        "compte-coordonnees",
        account_after(*COORDONNEES, coord_email="autre@courriel.example", coord_password=PASSWORD),
    ),
    ("compte-coordonnees-refusees", account_after(*COORDONNEES, coord_email="camille", coord_telephone="12")),
    ("compte-agenda-renouvele", account_after("", "Renouveler le lien pour votre calendrier")),
    ("compte-agenda-supprime", account_after("", "Supprimer le lien pour votre calendrier")),
    ("compte-rappel", account_after("", "Enregistrer le rappel")),
    ("compte-mes-donnees", own_data),
    ("compte-donnees-refusees", account_after("", "Télécharger mes données")),
    ("compte-adresse-renvoyee", account_after("", "Renvoyer l’e-mail")),
    ("compte-adresse-abandonnee", account_after("", "Abandonner ce changement d’adresse")),
    ("adresse-a-confirmer", confirmation()),
    ("adresse-confirmee", confirmation("Confirmer cette adresse")),
    ("adresse-lien-mort", confirmation(dropped=True)),
    ("rappel-arret", stop_page(stopped=False)),
    ("rappel-arrete", stop_page(stopped=True)),
    ("enfant-absence", file_after("")),
    ("enfant-absence-signalee", absence_told),
    ("enfant-rappel-demande", file_after("Rappelez-moi")),
    ("enfant-personne-ajoutee", file_after("Ajouter cette personne", nom="Alix Voisin", telephone="0639980091")),
    ("enfant-personne-refusee", file_after("Ajouter cette personne", nom="", telephone="12", fin="2026-12-01")),
    ("enfant-personne-a-verifier", file_after("Ajouter cette personne", nom="Interdit, Claude (papa)")),
    ("enfant-personne-retiree", person_withdrawn),
]
