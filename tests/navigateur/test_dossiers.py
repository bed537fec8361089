"""Every page of the admin, Django's own among them, opened once: no rule of accessibility broken, no error of HTML, no
refusal of the strict CSP, no list cut on a desktop."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from playwright.sync_api import Page

from accounts import groups
from accounts.models import UndeliveredMail, User
from tests import matrice
from tests.ecole import concrete, make_ecole
from tests.factories import StaffFactory
from tests.matrice import GROUPS
from tests.navigateur.controles import Display, HtmlChecker, show, violations
from tests.navigateur.gestes import go, press
from tests.navigateur.site import DESKTOP, PHONE, Site

pytestmark = pytest.mark.navigateur

DISPLAYS = [Display("390", PHONE), Display("1280 dark", DESKTOP, "dark")]
NO_PAGE = {"/admin/login/", "/admin/logout/", "/admin/jsi18n/", "/admin/enfance/importonde/<pk>/bilan.txt",
           "/admin/enfance/inscription/chiffres/tableau/",
           "/admin/enfance/responsable/sans-courriel/tableau/",
           "/admin/facturation/chiffres/tableau/", "/admin/facturation/mois/<mois>/lignes/",
           "/admin/regie/acte/nominations/<pk>/",  # nobody is named in this town
           "/admin/regie/journal/tableau/", "/admin/regie/relances/tresorerie/",
           "/admin/enfance/fermeture/<pk>/rester/<enfant>/"}  # fmt: skip
# What the fields of other forms open in a window of its own.
RELATED = ("accounts/user", "enfance/anneescolaire", "enfance/classe", "enfance/enfant", "enfance/foyer",
           "enfance/regledelai", "enfance/responsable")  # fmt: skip
# The rights of an agent, the group whose pages this agent goes through, in how many parts. Nothing but menus differs
# on the pages of the other groups.
VISITS = [(["Secrétariat"], "Secrétariat", 8), (["Régie"], "Régie", 3), (GROUPS, "Informatique", 2)]
# Which of these pages each test goes through: two tests run at once, and a long one that comes last runs alone.
TURNS = [(rights, group, slice(part, None, parts)) for rights, group, parts in VISITS for part in range(parts)]
QUARTERS = [slice(part, None, 4) for part in range(4)]
CUT = """() => [...document.querySelectorAll('.results')].filter(list => list.scrollWidth > list.clientWidth)
  .map(list => `list cut by ${list.scrollWidth - list.clientWidth} px`)"""
VALUES = "options => options.map(option => option.value)"


def agent_of(names: list[str]) -> User:
    groups.sync()
    agent = StaffFactory(is_superuser=False)
    agent.groups.set(Group.objects.filter(name__in=names))
    return agent


def pages_of(group: str) -> list[str]:
    """The addresses that open to this group."""
    pages = [
        address
        for address, row in matrice.read().items()
        if address.startswith("/admin/") and address not in NO_PAGE
        if row.answers[group] == "oui" and not row.post_only
    ]
    forms = [f"/admin/{model}/{page}/" for model in RELATED for page in ("add", "<object_id>/change")]
    return pages + [f"{form}?_popup=1" for form in forms if form in pages]


def faults(site: Site, page: Page, checker: HtmlChecker | None) -> list[str]:
    """What is against the page that has just come."""
    said = checker.said_of(site.source(page)) if checker else ""
    status = [] if site.status(page) == 200 else [f"status {site.status(page)}"]
    show(page, DISPLAYS[-1])
    return status + page.evaluate(CUT) + violations(page, DISPLAYS) + said.splitlines()


def opened(page: Page, opener: str, what: str) -> list[str]:
    """What is against the page once this is opened on it."""
    page.locator(opener).first.click()
    page.locator(what).first.wait_for()
    found = []
    for display in DISPLAYS:
        show(page, display)
        page.wait_for_timeout(200)  # what a script places beside a field follows the window a moment later
        found += violations(page, [display])
    page.keyboard.press("Escape")
    return [f"{opener}, {problem}" for problem in found]


@pytest.mark.parametrize(("rights", "group", "which"), TURNS)
def test_every_page_of_the_admin_has_no_fault(
    site: Site, w3c: HtmlChecker | None, rights: list[str], group: str, which: slice
):  # HDR-01, RGA-10, RGA-13
    lea = make_ecole(timezone.now())
    page = site.open(user=agent_of(rights))
    addresses, found = pages_of(group)[which], []

    for address in addresses:
        page.goto(concrete(address, lea))
        found += [f"{address}, {problem}" for problem in faults(site, page, w3c)]

    assert len(addresses) > 5
    assert found == []


@pytest.mark.parametrize("which", QUARTERS)
def test_every_list_without_a_row_has_no_fault(
    site: Site, w3c: HtmlChecker | None, which: slice
):  # HDR-01, RGA-10, RGA-13
    page = site.open(user=agent_of(GROUPS))
    found = []

    for address in list(matrice.dossiers())[which]:
        page.goto(address)
        found += [f"{address}, {problem}" for problem in faults(site, page, w3c)]

    assert found == []


@pytest.mark.parametrize("which", QUARTERS)
def test_every_form_left_empty_and_every_action_has_no_fault(
    site: Site, w3c: HtmlChecker | None, which: slice
):  # RGA-10, RGA-13
    """What a form refuses, what an action asks, or what either says once done."""
    make_ecole(timezone.now())
    page = site.open(user=agent_of(["Secrétariat"]))
    names, found = set(), []
    parent = UndeliveredMail.objects.get().user  # one mail for each of the two actions on them
    UndeliveredMail.objects.create(user=parent, mail="Rappel", reason="unknown_address")

    def see(name: str) -> None:
        names.add(name)
        found.extend(f"{name}, {problem}" for problem in faults(site, page, w3c))

    for address in pages_of("Secrétariat")[which]:
        if address.endswith("/add/"):
            page.goto(address)
            go(page.locator("main").locator("button:not([type]), [type=submit]").first)
            see(address)
        elif address in matrice.dossiers():
            page.goto(address)
            for action in page.locator("select[name=action] option:not([value=''])").evaluate_all(VALUES):
                page.goto(address)
                page.locator("#result_list .action-select").first.check()
                page.locator("select[name=action]").select_option(action)
                press(page, "Exécuter")
                see(f"{address} {action}")

    assert len(names) > 4
    assert found == []


def test_what_fields_open_has_no_violation(site: Site):  # RGA-10
    make_ecole(timezone.now())
    page = site.open("/admin/enfance/inscription/add/", user=agent_of(GROUPS))

    found = opened(page, ".field-enfant .select2-selection", ".select2-results__option[role=option]")
    page.goto("/admin/enfance/responsable/add/")
    found += opened(page, ".field-foyer .select2-selection", ".select2-results__option[role=option]")

    assert found == []
