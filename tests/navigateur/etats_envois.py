"""What the town hall sends to many families: credentials, letters, a password on paper, news, messages."""

from __future__ import annotations

from datetime import date

from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Page

from accounts import passwords, tasks
from accounts.models import MailingLine, User
from enfance.mairie.destinataires import Public
from enfance.mairie.envois.ecriture import envoyer_identifiants
from enfance.models import Actualite, Message
from tests.factories import AnneeFactory, ClasseFactory, FoyerFactory, ResponsableFactory, StaffFactory
from tests.navigateur.famille import Famille, make_famille
from tests.navigateur.gestes import Reach, go
from tests.navigateur.site import Site

LONGUE = "Chez Mme la directrice de la résidence des Hauts-de-Saint-Sauveur, bâtiment B, escalier 12"
TEXTE = "Les bons de commande sont à rendre avant vendredi.\n\n- la petite pochette, 8 €\n- la grande, 14 €"


def town() -> Famille:
    """An adult without e-mail, one of a long name at a long address, one abroad."""
    famille = make_famille("Léa", "Maximilienne")
    User.objects.filter(pk=famille.dominique.user_id).update(email="")
    for nom, prenom, foyer in [
        ("de La Rochefoucauld-Montmorency-Saint-Exupéry", "Marie-Antoinette", {"adresse": LONGUE}),
        ("Zürcher", "Urs", {"adresse": "Seestrasse 5", "code_postal": "CH-8002", "commune": "ZÜRICH, SUISSE"}),
    ]:
        adulte = ResponsableFactory(
            user__last_name=nom, user__first_name=prenom, user__email="", foyer=FoyerFactory(**foyer), civilite="mme"
        )
        adulte.responsabilites.create(enfant=famille.enfants["Léa"])
    return famille


def agent_at(path: str) -> Reach:
    def reach(site: Site, javascript: bool) -> Page:
        town()
        return site.open(path, user=StaffFactory(), javascript=javascript)

    return reach


def press(page: Page, name: str) -> Page:
    go(page.get_by_role("button", name=name, exact=True))
    return page


def credentials_seen(site: Site, javascript: bool) -> Page:
    return press(agent_at("/admin/enfance/responsable/identifiants/")(site, javascript), "Voir à qui")


def credentials_sent(site: Site, javascript: bool) -> Page:
    return press(credentials_seen(site, javascript), "Envoyer")


def mailing_with_a_failure(site: Site, javascript: bool) -> Page:
    town()
    ResponsableFactory().responsabilites.create(enfant=make_famille("Noé").enfants["Noé"])
    envoi = envoyer_identifiants(Public(), connectes=True, now=timezone.now()).envoi
    assert envoi
    first, *_ = envoi.lines.order_by("pk")
    MailingLine.objects.filter(pk=first.pk).update(state="failed", settled_at=timezone.now())
    return site.open(f"/admin/accounts/mailing/{envoi.pk}/change/", user=StaffFactory(), javascript=javascript)


def letters(site: Site, javascript: bool) -> Page:
    return press(agent_at("/admin/enfance/responsable/lettres/")(site, javascript), "Voir les lettres")


def numbers_seen(site: Site, javascript: bool) -> Page:
    page = agent_at("/admin/enfance/responsable/numeros/")(site, javascript)
    liste = "nom;prénom;identifiant\nZürcher;Urs;4021\nInconnu;Zoé;4022\n"
    page.locator("[name=fichier]").set_input_files(
        {"name": "anciens.csv", "mimeType": "text/csv", "buffer": liste.encode()}
    )
    return press(page, "Voir l’aperçu")


def counter(site: Site, javascript: bool) -> Page:
    path = f"/admin/accounts/user/{town().dominique.user_id}/guichet/"
    return site.open(path, user=StaffFactory(), javascript=javascript)


def counter_unchecked(site: Site, javascript: bool) -> Page:
    return press(counter(site, javascript), "Faire le mot de passe")


def counter_printed(site: Site, javascript: bool) -> Page:
    page = counter(site, javascript)
    page.locator("[name=identity]").check()
    return press(page, "Faire le mot de passe")


def news_seen(site: Site, javascript: bool) -> Page:
    page = agent_at("/admin/enfance/actualite/add/")(site, javascript)
    page.locator("[name=texte]").fill("Le portail sera fermé samedi de 8 h à 10 h.")
    return press(page, "Voir l’aperçu")


def home_with_news(site: Site, javascript: bool) -> Page:
    famille = make_famille()
    Actualite.objects.create(
        texte="Réunion de rentrée mardi : https://saint-sauveur.example/une-adresse-vraiment-longue-sans-fin",
        debut=date(2026, 12, 1),
    )
    return famille.open(site, "/", javascript)


def message_refused(site: Site, javascript: bool) -> Page:
    page = agent_at("/admin/enfance/message/add/")(site, javascript)
    page.locator("[name=cible][value=classes]").check()
    return press(page, "Voir l’e-mail et qui le reçoit")


def message_seen(site: Site, javascript: bool) -> Page:
    town()
    message = Message.objects.create(objet="Photos de classe", texte=TEXTE)
    return site.open(f"/admin/enfance/message/{message.pk}/apercu/", user=StaffFactory(), javascript=javascript)


def message_waiting(site: Site, javascript: bool) -> Page:
    return press(message_seen(site, javascript), "Envoyer")


def message_of_next_year(site: Site, javascript: bool) -> Page:
    town()
    suivante = AnneeFactory(debut=date(2027, 9, 1), fin=date(2028, 7, 4), ouverture=None, conges=None)
    ClasseFactory(annee=suivante, nom="CM2 M. Aulne")
    page = agent_at("/admin/enfance/message/add/")(site, javascript)
    page.get_by_text("Les classes de 2027-2028").click()
    return page


def held(site: Site, javascript: bool) -> Page:
    famille = town()
    passwords.request_temporary_password(famille.camille.user.identifiant)
    passwords.request_temporary_password("9999999")
    tasks.send_password_changed.enqueue(famille.camille.user_id, timezone.now().isoformat())
    with override_settings(ENVOIS_RETENUS=True):
        return site.open("/admin/accounts/heldmail/", user=StaffFactory(), javascript=javascript)


def held_and_asked(site: Site, javascript: bool) -> Page:
    page = held(site, javascript)
    with override_settings(ENVOIS_RETENUS=True):
        go(page.get_by_role("button", name="Tout laisser partir"))
    return page


ETATS = [
    ("courriels-retenus", held),
    ("courriels-retenus-confirmer", held_and_asked),
    ("courriels-non-retenus", agent_at("/admin/accounts/heldmail/")),
    ("identifiants-choix", agent_at("/admin/enfance/responsable/identifiants/")),
    ("identifiants-apercu", credentials_seen),
    ("identifiants-envoyes", credentials_sent),
    ("envoi-non-remis", mailing_with_a_failure),
    ("lettres-choix", agent_at("/admin/enfance/responsable/lettres/")),
    ("lettres", letters),
    ("numeros", agent_at("/admin/enfance/responsable/numeros/")),
    ("numeros-apercu", numbers_seen),
    ("guichet-mot-de-passe", counter),
    ("guichet-mot-de-passe-erreur", counter_unchecked),
    ("guichet-mot-de-passe-imprime", counter_printed),
    ("actualite-apercu", news_seen),
    ("accueil-actualite", home_with_news),
    ("message-ecrire", agent_at("/admin/enfance/message/add/")),
    ("message-erreur", message_refused),
    ("message-annee-suivante", message_of_next_year),
    ("message-apercu", message_seen),
    ("message-en-attente", message_waiting),
]
