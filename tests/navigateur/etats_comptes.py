"""How people come in: login, forgotten password and identifiant, new password, account."""

from django.conf import settings
from playwright.sync_api import Page

from accounts.models import TemporaryPassword, User
from tests.clients import Client
from tests.factories import PASSWORD, ResponsableFactory, StaffFactory, UserFactory
from tests.navigateur.gestes import Reach, at, parent_at, press, send
from tests.navigateur.site import Site
from tests.poste import temporary_password

CHOSEN = "Vélo nuage tartine 8"
UNKNOWN = {"identifiant": "3816238", "password": "Autre chose 1"}


def after(path: str, button: str, **fields: str) -> Reach:
    """The answer to a form that anybody may send."""

    def reach(site: Site, javascript: bool) -> Page:
        page = site.open(path, javascript=javascript)
        send(page, button, **fields)
        return page

    return reach


def session_ended(site: Site, javascript: bool) -> Page:
    user = ResponsableFactory().user
    page = site.open("/compte/", user=user, javascript=javascript)
    User.objects.filter(pk=user.pk).update(session_version=user.session_version + 1)
    page.goto("/compte/")
    return page


def too_many(site: Site, javascript: bool) -> Page:
    for _ in range(10):
        Client().post("/connexion/", UNKNOWN)
    return after("/connexion/", "Connexion", **UNKNOWN)(site, javascript)


def old_session(path: str) -> Reach:
    """A page of an agent who logged in long ago."""

    def reach(site: Site, javascript: bool) -> Page:
        parent = UserFactory(email="avant@courriel.example")
        page = site.open("/compte/", user=StaffFactory(), javascript=javascript)
        (cookie,) = [c for c in page.context.cookies() if c["name"] == settings.SESSION_COOKIE_NAME]
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = cookie["value"]
        client.grow_old()
        page.goto(path.format(pk=parent.pk))
        return page

    return reach


def email_unconfirmed(site: Site, javascript: bool) -> Page:
    page = old_session("/admin/accounts/user/{pk}/change/")(site, javascript)
    page.locator("#id_email").fill("apres@courriel.example")
    press(page, "Enregistrer")
    return page


def confirm_answer(password: str = "") -> Reach:
    """An agent whose password is asked again, before a table goes out."""

    def reach(site: Site, javascript: bool) -> Page:
        page = site.open("/compte/confirmer/?next=/admin/", user=StaffFactory(), javascript=javascript)
        if password:
            send(page, "Continuer", password=password)
        return page

    return reach


def restricted(site: Site, javascript: bool) -> Page:
    """The window of somebody who came in with a temporary password."""
    user = UserFactory()
    page = after("/mot-de-passe-oublie/", "Recevoir un mot de passe", identifiant=user.identifiant)(site, javascript)
    site.run_tasks()
    page.goto("/connexion/")
    send(page, "Connexion", identifiant=user.identifiant, password=temporary_password(site.mail_to(user)))
    return page


def restricted_refused(site: Site, javascript: bool) -> Page:
    page = restricted(site, javascript)
    send(page, "Enregistrer", new_password1="garderie", new_password2="autre")
    return page


def restricted_too_late(site: Site, javascript: bool) -> Page:
    page = restricted(site, javascript)
    TemporaryPassword.objects.update(closed_at="2026-12-03T20:41:00Z", reason=TemporaryPassword.Reason.USED)
    page.reload()
    return page


def password_changed(site: Site, javascript: bool) -> Page:
    page = restricted(site, javascript)
    send(page, "Enregistrer", new_password1=CHOSEN, new_password2=CHOSEN)
    return page


def account_answer(password: str, again: str) -> Reach:
    """The account's page after the change of password was asked."""

    def reach(site: Site, javascript: bool) -> Page:
        page = site.open("/compte/", user=ResponsableFactory().user, javascript=javascript)
        page.get_by_text("Changer de mot de passe").click()
        page.locator("#id_password").fill(password)  # other forms of the page ask it too
        send(page, "Enregistrer", new_password1=CHOSEN, new_password2=again)
        return page

    return reach


def other_devices(site: Site, javascript: bool) -> Page:
    page = site.open("/compte/", user=ResponsableFactory().user, javascript=javascript)
    press(page, "Déconnecter mes autres appareils")
    return page


ETATS = [
    ("connexion", at("/connexion/")),
    ("connexion-suite", at("/connexion/?next=/planning/2026-12/")),
    ("connexion-vide", after("/connexion/", "Connexion", identifiant="", password="")),
    ("connexion-refusee", after("/connexion/", "Connexion", **UNKNOWN)),
    ("connexion-temporaire", after("/connexion/", "Connexion", identifiant="3816238", password="0123456789abcdef" * 2)),
    ("connexion-session-finie", session_ended),
    ("connexion-apres-changement", password_changed),
    ("429", too_many, 429),
    ("mot-de-passe-oublie", at("/mot-de-passe-oublie/")),
    ("mot-de-passe-oublie-vide", after("/mot-de-passe-oublie/", "Recevoir un mot de passe", identifiant="")),
    ("mot-de-passe-oublie-envoye", after("/mot-de-passe-oublie/", "Recevoir un mot de passe", identifiant="3816238")),
    ("mot-de-passe-oublie-lettres", after("/mot-de-passe-oublie/", "Recevoir un mot de passe", identifiant="Léa")),
    ("mot-de-passe-oublie-long", after("/mot-de-passe-oublie/", "Recevoir un mot de passe", identifiant="9" * 90)),
    ("identifiant-oublie", at("/identifiant-oublie/")),
    ("identifiant-oublie-faux", after("/identifiant-oublie/", "Recevoir mon identifiant", email="camille")),
    (
        "identifiant-oublie-envoye",
        after("/identifiant-oublie/", "Recevoir mon identifiant", email="camille@courriel.example"),
    ),
    *((f"comment-entrer-{langue}", at(f"/comment-entrer/{langue}/")) for langue in ("fr", "ar", "uk")),
    ("mot-de-passe-nouveau", restricted),
    ("mot-de-passe-nouveau-refuse", restricted_refused),
    ("mot-de-passe-nouveau-expire", restricted_too_late),
    ("compte", parent_at("/compte/")),
    ("compte-agent", lambda site, javascript: site.open("/compte/", user=StaffFactory(), javascript=javascript)),
    ("confirmer", confirm_answer()),
    ("confirmer-refuse", confirm_answer("Autre chose 123")),
    ("confirmer-guichet", old_session("/admin/accounts/user/{pk}/guichet/")),
    ("fiche-mot-de-passe", old_session("/admin/accounts/user/{pk}/change/")),
    ("fiche-mot-de-passe-manque", email_unconfirmed),
    ("compte-refuse", account_answer(password="autre", again="autre")),
    ("compte-change", account_answer(password=PASSWORD, again=CHOSEN)),
    ("compte-appareils", other_devices),
]
