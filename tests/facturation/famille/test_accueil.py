"""The home says what is due in one line, and nothing when nothing is; the menu leads to the invoices."""

from dataclasses import replace
from datetime import date, datetime
from functools import reduce
from operator import or_

import pytest
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.test.utils import CaptureQueriesContext

from facturation.extension import EXTENSION
from facturation.famille import accueil
from facturation.models import Compte, Encaissement, EssaiPaiement, Facture, ReglageFacturation, Relance
from facturation.models.paiements import ATTENTE
from facturation.payeurs.comptes import AVIS, compte_of, remise_le
from facturation.payeurs.reports import is_reportee
from portail.dates import PARIS
from tests.facturation.caisse import make_facture
from tests.facturation.essais import make_essai
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


# --- How it is read ---------------------------------------------------------------------------------------------------


def payeurs(foyer, de=""):
    chaine = ("", "reuni_dans__", "reuni_dans__reuni_dans__")
    return reduce(or_, (Q((f"{de}{dans}foyer", foyer)) for dans in chaine))


def dues_of(foyer, now):
    """The same by querysets alone."""
    factures = Facture.objects.factures().filter(payeurs(foyer, "compte__"))
    essais = EssaiPaiement.objects.of_facture(OuterRef("pk")).begun(now - ATTENTE)
    factures = factures.annotate(
        paye=Coalesce(Sum("imputations__montant"), 0),
        remise_le=remise_le(),
        reportee=is_reportee(),
        commencee=Exists(essais),
        tresorerie=Subquery(ReglageFacturation.objects.order_by("pk").values("tresorerie_nom")[:1]),
    )
    attendue = Q(remise_le=None) | Q(remise_le__gte=now - AVIS) | Q(echeance__gte=now.astimezone(PARIS).date())
    restent = factures.filter(attendue).filter(Q(total__gt=F("paye")) | Q(reportee=True))
    return restent.select_related("mois").order_by("echeance", "pk")


def du_of(foyer):
    siennes = Facture.objects.filter(compte=OuterRef("pk")).order_by().values("compte")
    siens = Encaissement.objects.filter(compte=OuterRef("pk")).order_by().values("compte")
    factures = Coalesce(Subquery(siennes.annotate(somme=Sum("total")).values("somme")), 0)
    recus = Coalesce(Subquery(siens.annotate(somme=Sum("montant")).values("somme")), 0)
    comptes = Compte.objects.filter(payeurs(foyer)).annotate(du=factures - recus).filter(du__gt=0)
    return sum(compte.du for compte in comptes)


def assert_as_the_orm(foyer, now):
    lues, expected = accueil.load_dues(foyer, now), dues_of(foyer, now)
    noms = accueil.Due._fields[1:]
    assert [(due.facture, due.facture.mois, *due[1:]) for due in lues] == [
        (row, row.mois, *(getattr(row, nom) for nom in noms)) for row in expected
    ]
    assert accueil.load_du(foyer) == du_of(foyer)
    return lues


@pytest.mark.parametrize("now", [datetime(2026, 12, 3, 12, tzinfo=PARIS), datetime(2027, 3, 7, 12, tzinfo=PARIS)])
def test_what_is_due_is_what_the_orm_says(camille, sacha, lea, facture, now):
    """Two payers made one: an invoice paid in part, one that the treasury claims, one whose payment is begun."""
    ReglageFacturation.objects.create(tresorerie_nom="Trésorerie de Vinay")
    ancien = compte_of(sacha.foyer)
    emettre(ancien, [make_prestation(ancien, lea, date(2026, 11, 5), "soir", quantite=4)], mois=facture.mois)
    reclamee = make_facture(ancien, 5000)
    Relance.objects.create(facture=reclamee, genre="tresorerie", montant=5000)
    make_essai(make_facture(facture.compte, 3000), demande_le=now)
    encaisser(facture.compte, 1000, (facture, 1000))

    assert_as_the_orm(sacha.foyer_id, now)
    ancien.reuni_dans, ancien.foyer = facture.compte, None
    ancien.save()

    lues = assert_as_the_orm(camille.foyer_id, now)
    assert len(lues) == (4 if now.year == 2026 else 3)  # the notice of the treasury has come
    assert (sum(due.paye for due in lues) > 1000, any(due.commencee for due in lues)) == (True, True)
    assert assert_as_the_orm(sacha.foyer_id, now) == []
