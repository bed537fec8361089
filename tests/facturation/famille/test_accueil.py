"""The home says what is due in one line, and nothing when nothing is; the menu leads to the invoices."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from facturation.extension import EXTENSION
from facturation.famille import accueil
from facturation.models import ReglageFacturation, Relance
from facturation.payeurs.comptes import compte_of
from portail.dates import PARIS
from tests.facturation.caisse import make_facture
from tests.facturation.factures_emises import emettre, encaisser, make_mois, make_prestation
from tests.reading import words_of

pytestmark = pytest.mark.django_db


def test_home_says_what_is_due_and_until_when(connected, facture):
    page = connected.get("/")

    assert "À payer avant le 20 décembre : 65,80 €, facture de novembre. Voir et payer" in words_of(page)
    assert '<a href="/factures/F-2026-0349/">Voir et payer</a>' in page.text


def test_home_says_nothing_when_nothing_is_due(connected, facture):
    encaisser(facture.compte, 6580, (facture, 6580))

    assert "À payer" not in words_of(connected.get("/"))


def test_home_of_the_other_parent_says_nothing(client, facture, sacha):
    client.force_login(sacha.user)

    assert "À payer" not in words_of(client.get("/"))


def test_several_invoices_are_one_line(connected, facture, lea):
    premier = date(2026, 9, 1)
    ligne = make_prestation(facture.compte, lea, date(2026, 9, 7), "soir", quantite=4)
    emettre(facture.compte, [ligne], mois=make_mois(premier), echeance=date(2026, 12, 31))

    texte = words_of(connected.get("/"))

    assert "À payer : 68,40 €, 2 factures, la première avant le 20 décembre. Voir et payer" in texte


def test_date_that_is_past_is_told_kindly(connected, camille, facture, clock):
    clock.move_to(datetime(2027, 1, 5, 9, tzinfo=PARIS))
    connected.force_login(camille.user)

    assert "En retard : 65,80 €, facture de novembre, à payer depuis le 20 décembre." in words_of(connected.get("/"))


def test_treasury_that_collects_is_said_until_its_notice_has_come(connected, camille, facture, settings, clock):
    settings.ENCAISSEMENT = "titre"
    ReglageFacturation.objects.create(tresorerie_nom="Trésorerie de Vinay")
    dit = "Facture de novembre : la trésorerie de Vinay vous réclamera 65,80 €. Attendez son avis. Voir la facture"
    assert dit in words_of(connected.get("/"))

    clock.move_to(datetime(2027, 1, 5, 9, tzinfo=PARIS))
    connected.force_login(camille.user)
    assert dit in words_of(connected.get("/"))

    Relance.objects.create(facture=facture, genre="tresorerie", montant=6580)
    for encaissement in ("titre", "regie"):
        settings.ENCAISSEMENT = encaissement
        assert "la trésorerie de Vinay vous réclame 65,80 €. Suivez son avis." in words_of(connected.get("/"))

    clock.move_to(datetime(2027, 3, 7, 9, tzinfo=PARIS))
    connected.force_login(camille.user)
    assert "trésorerie" not in words_of(connected.get("/"))


def test_payer_made_one_with_another_is_told_of_too(connected, camille, sacha, lea):
    ancien = compte_of(sacha.foyer)
    emettre(ancien, [make_prestation(ancien, lea, date(2026, 11, 5), "soir", quantite=4)], mois=make_mois())
    ancien.reuni_dans, ancien.foyer = compte_of(camille.foyer), None
    ancien.save()

    assert "À payer avant le 20 décembre : 2,60 €, facture de novembre." in words_of(connected.get("/"))


@pytest.mark.parametrize("due", [False, True])
def test_home_asks_one_query_more_and_two_where_something_is_due(connected, camille, lea, adds, due):
    if due:
        make_facture(compte_of(camille.foyer), 5000)
    connected.get("/")
    with CaptureQueriesContext(connection) as avec:
        connected.get("/")
    lectures = tuple(lecture for lecture in EXTENSION.accueil if lecture is not accueil.a_payer)
    adds("facturation", replace(EXTENSION, accueil=lectures))
    with CaptureQueriesContext(connection) as sans:
        connected.get("/")

    assert len(avec) - len(sans) == 1 + due
    assert len(avec) <= 42


def test_menu_leads_to_the_invoices_and_tells_the_whole_name_of_a_week(connected, lea):
    html = connected.get("/factures/").text

    assert '<a href="/factures/" aria-current="page">Factures</a>' in html
    assert '<a href="/semaine-type/">Semaine<span class="vh"> type</span></a>' in html


def test_map_of_the_site_names_the_invoices(connected):
    assert '<a href="/factures/">Factures\u00a0: à payer, payées, le mois en cours, les reçus</a>' in (
        connected.get("/plan-du-site/").text
    )
