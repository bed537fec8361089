"""The second factor of agents: enrolment, code, codes on paper."""

import re
from base64 import b32decode
from collections.abc import Callable

from django.contrib.auth.models import Group
from django.utils import timezone
from playwright.sync_api import Page

from accounts import recovery_codes
from accounts.models import User
from tests.accounts.phones import CODES, code_of, give_phone
from tests.factories import STAFF_PASSWORD, StaffFactory
from tests.navigateur.gestes import Reach, send
from tests.navigateur.site import Site

Step = Callable[[Page, User], object]


def after(*steps: Step, phone: bool = True) -> Reach:
    """The window of an agent of the gate who gave the password, then went through these steps."""

    def reach(site: Site, javascript: bool) -> Page:
        user = StaffFactory(is_superuser=False)
        user.groups.add(Group.objects.get_or_create(name="Équipe")[0])
        if phone:
            give_phone(user)
        page = site.open("/connexion/", javascript=javascript)
        send(page, "Connexion", identifiant=user.identifiant, password=STAFF_PASSWORD)
        for step in steps:
            step(page, user)
        return page

    return reach


def open_paper(page: Page, user: User) -> None:
    page.get_by_text("Téléphone perdu ou indisponible").click()


def use_paper(page: Page, user: User) -> None:
    (code, *_) = recovery_codes.draw(user, now=timezone.now())
    open_paper(page, user)
    send(page, "Utiliser ce code", secours=code)


def refused_paper(page: Page, user: User) -> None:
    open_paper(page, user)
    send(page, "Utiliser ce code", secours="k7dum-m2rep")


def refused_code(page: Page, user: User) -> None:
    send(page, "Vérifier", code="000000")


def right_code(page: Page, user: User) -> None:
    send(page, "Vérifier", code=code_of())


def six_codes(page: Page, user: User) -> None:
    for _ in range(6):
        refused_code(page, user)


def typed_key(page: Page, user: User) -> None:
    page.get_by_text("Impossible de scanner").click()


def refused_phone(page: Page, user: User) -> None:
    send(page, "Vérifier et continuer", code="000000")


def enrol(page: Page, user: User) -> None:
    """Read the key as a person who cannot scan does."""
    key = re.sub(r"\s", "", page.locator(".cle").text_content() or "")
    send(page, "Vérifier et continuer", code=code_of(b32decode(key)))


def new_codes(page: Page, user: User) -> None:
    right_code(page, user)
    page.goto(CODES)


def refused_password(page: Page, user: User) -> None:
    new_codes(page, user)
    send(page, "Obtenir 10 nouveaux codes", password="autre")


def drawn(page: Page, user: User) -> None:
    new_codes(page, user)
    send(page, "Obtenir 10 nouveaux codes", password=STAFF_PASSWORD)


ETATS = [
    ("facteur", after()),
    ("facteur-secours", after(open_paper)),
    ("facteur-refuse", after(refused_code)),
    ("facteur-secours-refuse", after(refused_paper)),
    ("facteur-secours-accepte", after(use_paper)),
    ("facteur-pause", after(six_codes), 429),
    ("facteur-inscription", after(phone=False)),
    ("facteur-inscription-cle", after(typed_key, phone=False)),
    ("facteur-inscription-refusee", after(refused_phone, phone=False)),
    ("facteur-codes", after(enrol, phone=False)),
    ("facteur-nouveaux-codes", after(new_codes)),
    ("facteur-nouveaux-codes-refuses", after(refused_password)),
    ("facteur-nouveaux-codes-tires", after(drawn)),
]
