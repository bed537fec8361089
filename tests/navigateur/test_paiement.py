"""A parent pays in a browser, on the PayFiP of the loopback: there and back, by links and forms alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from facturation.essai_payfip.serveur import Serveur
from facturation.models import Encaissement, EssaiPaiement
from tests.facturation.essais import make_facture
from tests.navigateur.controles import DISPLAYS, violations
from tests.navigateur.famille import make_famille
from tests.navigateur.gestes import go, press
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur


@pytest.fixture
def payfip(settings) -> Iterator[Serveur]:
    with Serveur() as one:
        settings.PAYFIP_WSDL = one.wsdl
        yield one


def link(page: Page, name: str) -> None:
    go(page.get_by_role("link", name=name))


def begin(site: Site, *, javascript: bool) -> Page:
    """A parent who stands before the page of PayFiP."""
    famille = make_famille()
    facture = make_facture(famille.camille)
    page = famille.open(site, f"/factures/{facture.numero}/payer/", javascript)
    press(page, "Continuer vers PayFiP")
    link(page, "Aller sur PayFiP")
    return page


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_parent_pays_and_reads_that_it_is_paid(site: Site, payfip: Serveur, javascript: bool):
    page = begin(site, javascript=javascript)
    expect(page.get_by_text("Ceci est un essai.")).to_be_visible()

    press(page, "Payer")
    press(page, "Revenir au portail")  # a form of PayFiP's site
    expect(page.get_by_role("heading", name="Paiement en cours")).to_be_visible()
    page.reload()  # nothing is sent again
    link(page, "Demander la réponse maintenant")
    site.run_tasks()
    link(page, "Demander la réponse maintenant")

    expect(page.get_by_role("heading", name="C’est payé, merci")).to_be_visible()
    expect(page.get_by_text("Il ne reste rien à payer pour cette facture.")).to_be_visible()
    assert Encaissement.objects.get().montant == 6580


def test_answer_that_comes_is_shown_by_itself(site: Site, payfip: Serveur):
    page = begin(site, javascript=True)
    press(page, "Payer")
    press(page, "Revenir au portail")
    expect(page.get_by_role("status").get_by_text("Cette page change d’elle-même dès la réponse.")).to_be_visible()

    site.run_tasks()

    expect(page.get_by_role("heading", name="C’est payé, merci")).to_be_visible(timeout=10_000)
    expect(page.locator("#resultat")).to_be_focused()


def test_return_without_a_payment_says_so_and_credits_nothing(site: Site, payfip: Serveur):
    page = begin(site, javascript=False)

    link(page, "Revenir au portail sans rien choisir")
    site.run_tasks()

    expect(page.get_by_role("heading", name="PayFiP n’a pas encore répondu")).to_be_visible()
    assert not Encaissement.objects.exists()


def test_payment_whose_network_was_cut_is_said_and_leads_to_no_other(site: Site, payfip: Serveur):
    """Paid on PayFiP, and the portal opened again from nowhere: home, then its one door, then the receipts."""
    famille = make_famille()
    for total, rang in ((6580, 349), (1640, 350)):
        make_facture(famille.camille, total, rang)
    page = famille.open(site, "/factures/", True)
    link(page, "Tout payer, 82,20 €")
    press(page, "Tout payer sur PayFiP, 82,20 €")
    link(page, "Aller sur PayFiP")
    press(page, "Payer")
    page.goto(site.url + "/")

    notice = page.get_by_role("region", name="Paiement commencé à")
    expect(notice).to_contain_text("ne payez pas une seconde fois")
    go(notice.get_by_role("link", name="Voir où en est ce paiement"))
    expect(page.get_by_role("link", name="Aller sur PayFiP")).to_have_count(0)
    site.run_tasks()

    expect(page.get_by_role("heading", name="C’est payé, merci")).to_be_visible(timeout=10_000)
    assert sorted(Encaissement.objects.values_list("montant", flat=True)) == [1640, 6580]


@pytest.mark.parametrize(
    ("button", "heading", "suite"),
    [("Refuser", "Le paiement n’est pas passé", "Réessayer"), ("Abandonner", "Vous n’avez rien payé", "Reprendre")],
)
def test_parent_who_does_not_pay_may_try_again(site: Site, payfip: Serveur, button: str, heading: str, suite: str):
    page = begin(site, javascript=False)

    press(page, button)
    press(page, "Revenir au portail")
    site.run_tasks()
    link(page, "Demander la réponse maintenant")

    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    link(page, suite)
    press(page, "Continuer vers PayFiP")
    assert EssaiPaiement.objects.filter(etat="en_cours").count() == 1


def test_pages_of_the_trial_have_no_violation(site: Site, payfip: Serveur):
    page = begin(site, javascript=True)
    page.get_by_text("Pour essayer ce qui va mal").click()
    assert violations(page, DISPLAYS) == []
    press(page, "Payer")
    assert violations(page, DISPLAYS) == []
