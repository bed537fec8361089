"""What was carried from a payer made one with another is owed still: by the family, at the reminders, to the treasury.

The invoice that it comes from is paid when the payer that stays has paid it.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from enfance.mairie.doubles.fusions import reunir_foyers
from enfance.models import AnneeScolaire
from facturation.arrete.suivi import load_suivi
from facturation.arrete.tableaux import factures_emises
from facturation.chiffres import load_chiffres
from facturation.factures.liste import load_liste
from facturation.models import Compte, Facture, Mois, Relance
from facturation.montants import valeur
from facturation.papiers.facture import load_facture
from facturation.payeurs.comptes import compte_of, comptes_seen_by
from facturation.payeurs.reports import load_reportes, restes_dus
from facturation.payfip.paiements import load_ouverture
from facturation.regie.encaissements import annuler, encaisser, reporter
from facturation.regie.relances.ecriture import rappeler
from facturation.regie.relances.lecture import count_retards, load_retards
from facturation.regie.relances.tasks import send_rappel
from facturation.regie.relances.tresorerie import lignes_of, lignes_remises, load_remises
from facturation.registres.durees import retenus
from tests.clients import Client
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, StaffFactory
from tests.facturation.caisse import JEUDI, check_balance, make_compte, make_facture, make_mois
from tests.reading import plain, words_of

pytestmark = pytest.mark.django_db
EN_RETARD = JEUDI + timedelta(days=90)


@pytest.fixture
def camille(time_machine):
    """The parent of the home that stays."""
    time_machine.move_to(JEUDI, tick=False)
    AnneeFactory()
    return ResponsableFactory(user__first_name="Camille", user__last_name="Morel")


@pytest.fixture
def facture(camille) -> Facture:
    """Of the home that was made one with Camille's, and owed 200 €."""
    sacha = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    compte_of(camille.foyer)
    entete = {"payeur": {"nom": "Sacha Rivière", "identifiants": []}}
    facture = make_facture(compte_of(sacha.foyer), 20000, mois=make_mois(), entete=entete)
    reunir_foyers(camille.foyer_id, sacha.foyer_id, {})
    return Facture.objects.get(pk=facture.pk)


@pytest.fixture
def vivant(camille, facture) -> Compte:
    return Compte.objects.get(foyer=camille.foyer_id)


@pytest.fixture
def connected(camille, facture) -> Client:
    client = Client()
    client.force_login(camille.user)
    return client


def receive(compte, montant, now=JEUDI):
    return encaisser(compte, "cheque", montant, par=None, now=now)


# --- What remains of each invoice -------------------------------------------------------------------------------------


def test_first_debts_carried_are_the_first_paid():
    source, cible = make_compte(), make_compte("Henry")
    premiere, seconde = make_facture(source, 2000), make_facture(source, 3000)
    receive(source, 500)
    reporter(source, cible, None, JEUDI)
    assert load_reportes() == {premiere.pk: 1500, seconde.pk: 3000}

    recu = receive(cible, 2000)

    assert load_reportes([cible.pk]) == {seconde.pk: 2500}
    assert load_reportes([source.pk]) == {}
    annuler(recu, "chèque rejeté", None, JEUDI)
    assert load_reportes() == {premiere.pk: 1500, seconde.pk: 3000}
    receive(cible, 4500)
    assert load_reportes() == {}
    check_balance()


def test_debt_carried_twice_is_that_of_its_invoice():
    premier, deuxieme, dernier = make_compte(), make_compte("Henry"), make_compte("Roux")
    ancienne, autre = make_facture(premier, 2000), make_facture(deuxieme, 1000, emise_le=JEUDI + timedelta(hours=1))
    reporter(premier, deuxieme, None, JEUDI)
    receive(deuxieme, 600, JEUDI + timedelta(days=1))
    reporter(deuxieme, dernier, None, JEUDI + timedelta(days=2))
    receive(dernier, 100, JEUDI + timedelta(days=3))

    lues = Facture.objects.filter(pk__in=[ancienne.pk, autre.pk])

    assert load_reportes() == {ancienne.pk: 1300, autre.pk: 1000}
    assert restes_dus(lues) == {ancienne.pk: 1300, autre.pk: 1000}
    assert load_reportes(au=JEUDI + timedelta(hours=2)) == {ancienne.pk: 2000}


def test_credit_that_was_carried_is_no_debt():
    source, cible, dernier = make_compte(), make_compte("Henry"), make_compte("Roux")
    receive(source, 1000)
    reporter(source, cible, None, JEUDI)
    reporter(cible, dernier, None, JEUDI)
    assert load_reportes() == {}


# --- The family -------------------------------------------------------------------------------------------------------


def test_family_reads_what_was_carried_as_due(camille, facture, vivant, connected):
    receive(vivant, 5000)

    liste = load_liste(comptes_seen_by(camille.user), JEUDI.date())
    page, lue = (words_of(connected.get(adresse)) for adresse in ("/factures/", f"/factures/{facture.numero}/"))

    assert ([due.reste for due in liste.dues], liste.payees) == ([15000], [])
    for texte in (page, lue):
        assert "150,00 €" in texte
        assert "Reportée : reprise d’une facture d’avant la réunion de vos foyers. Réglez-la au guichet" in texte
    assert "Facture payée" not in lue
    assert "/payer/" not in connected.get(f"/factures/{facture.numero}/").text + connected.get("/factures/").text
    assert load_facture(facture, []).reste == 15000


def test_home_counts_what_was_carried(facture, vivant, connected):
    assert "À payer avant le 20 décembre : 200,00 €" in words_of(connected.get("/"))
    make_facture(vivant, 4000)
    assert "À payer : 240,00 €, 2 factures" in words_of(connected.get("/"))
    receive(vivant, 24000)
    assert "À payer" not in words_of(connected.get("/"))


def test_what_was_carried_is_paid_at_the_counter_alone(facture, settings):
    settings.PAYFIP_NUMCLI = "090909"
    ouverture = load_ouverture(facture, now=JEUDI)
    assert (ouverture.reste, "réglez-la au guichet" in ouverture.refus) == (20000, True)


def test_invoice_is_paid_once_what_was_carried_of_it_is(camille, facture, vivant, connected):
    receive(vivant, 20000)
    liste = load_liste(comptes_seen_by(camille.user), JEUDI.date())
    assert (liste.dues, len(liste.payees)) == ([], 1)
    assert "Facture payée" in words_of(connected.get(f"/factures/{facture.numero}/"))


def test_list_of_invoices_says_what_remains_of_one_that_was_carried(facture, vivant):
    agent = StaffFactory()
    client = Client()
    client.force_login(agent)
    receive(vivant, 5000)

    pages = [client.get(f"/admin/facturation/facture/{suite}", follow=True) for suite in ("", f"{facture.pk}/change/")]

    assert ["150,00 €" in plain(page.text) for page in pages] == [True, True]


# --- Reminders, the treasury ------------------------------------------------------------------------------------------


def test_what_was_carried_is_reminded_of_to_the_payer_that_stays(camille, facture, vivant, mailoutbox):
    receive(vivant, 5000)

    (rappel,) = load_retards(EN_RETARD.date()).premiers
    (due,) = rappel.dues

    assert (due.numero, due.payeur, due.reste, due.paye) == (facture.numero, vivant, 15000, 5000)
    assert "Camille Morel" in due.nom
    assert count_retards(EN_RETARD.date())[Relance.Genre.PREMIER] == 1
    assert rappeler([vivant.pk], "premier", None, EN_RETARD).courriels == 1
    send_rappel.func(camille.user_id, [facture.pk], "premier")
    assert "150,00 €" in plain(mailoutbox[0].body)
    receive(vivant, 15000)
    assert rappeler([vivant.pk], "deuxieme", None, EN_RETARD).ecartes == [(rappel.nom, "plus rien à payer")]
    send_rappel.func(camille.user_id, [facture.pk], "deuxieme")
    assert len(mailoutbox) == 1


def test_what_was_carried_is_handed_over_to_the_treasury(facture, vivant):
    for genre, jours in (("premier", 40), ("deuxieme", 20)):
        Relance.objects.create(facture=facture, genre=genre, faite_le=EN_RETARD - timedelta(days=jours))

    (ligne,) = lignes_of(load_retards(EN_RETARD.date()).tresorerie)

    assert (ligne.numero, ligne.montant, ligne.sous_seuil) == (facture.numero, 20000, False)


def test_list_handed_over_says_what_remains_of_what_was_carried_since():
    source, cible = make_compte(), make_compte("Henry")
    facture = make_facture(source, 20000, echeance=date(2026, 11, 1))
    relance = Relance.objects.create(facture=facture, genre="tresorerie", faite_le=JEUDI)
    reporter(source, cible, None, JEUDI + timedelta(days=1))
    receive(cible, 5000, JEUDI + timedelta(days=2))

    (remise,) = load_remises()

    assert (remise.remis, remise.reste) == (20000, 15000)
    _, (ligne,) = lignes_remises(relance.pk)
    assert ligne.montant == 20000


# --- The town's figures, and what is kept -----------------------------------------------------------------------------


def test_figures_of_the_month_do_not_call_paid_what_was_carried(facture, vivant):
    receive(vivant, 5000)
    annee = AnneeScolaire.objects.get()

    suivi = load_suivi(Mois.objects.get())
    (mois,) = load_chiffres(annee, today=JEUDI.date()).mois
    (ligne,) = factures_emises(Facture.objects.all())

    assert (suivi.recu, suivi.payees, suivi.reste) == (5000, 0, 15000)
    assert (mois.paye, mois.reste) == (5000, 15000)
    assert valeur(5000) in ligne
    assert valeur(15000) in ligne


def test_home_that_owes_what_was_carried_is_kept(camille, facture, vivant):
    assert retenus([camille.foyer_id], JEUDI.date()) == {camille.foyer_id}
    Relance.objects.create(facture=facture, genre="de_cote", motif="plan de paiement")
    assert retenus([camille.foyer_id], JEUDI.date()) == set()
