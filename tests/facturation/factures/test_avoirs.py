"""An avoir says where it went: its page, paper and mail, the invoice that it corrects and the one that it paid."""

from datetime import date, datetime

import pytest

from facturation.arrete.courriels import facture_context
from facturation.arrete.suivi import load_suivi
from facturation.models import Encaissement, Facture, Imputation
from facturation.payeurs.comptes import compte_of
from portail.dates import PARIS
from tests.facturation.factures_emises import correction, emettre, encaisser, make_mois, make_prestation
from tests.reading import plain, words_of

pytestmark = pytest.mark.django_db
SEPTEMBRE, OCTOBRE = date(2026, 9, 1), date(2026, 10, 1)
AVOIR = "/factures/AV-2026-0001/"


@pytest.fixture
def ancienne(camille, tom) -> Facture:
    """September's: 2,60 €, never paid."""
    compte = compte_of(camille.foyer)
    ligne = make_prestation(compte, tom, date(2026, 9, 7), "soir", quantite=4)
    return emettre(compte, [ligne], mois=make_mois(SEPTEMBRE))


@pytest.fixture
def corrigee(ancienne, tom) -> Facture:
    """October's: 2,60 €, of which 1,10 € are given back on 2 December."""
    ligne = make_prestation(ancienne.compte, tom, date(2026, 10, 12), "soir", quantite=4)
    facture = emettre(ancienne.compte, [ligne], mois=make_mois(OCTOBRE))
    emettre(ancienne.compte, [correction(ligne, -110)], origine=facture, motif="heure corrigée.")
    return facture


def impute(montant: int, **cible) -> None:
    avoir = Facture.objects.avoirs().get()
    Imputation.objects.create(avoir=avoir, montant=montant, faite_le=avoir.emise_le, **cible)


def test_avoir_that_paid_an_older_debt_says_it_everywhere(connected, ancienne, corrigee):
    impute(110, facture=ancienne)
    ou = "Il a été déduit de la facture n° F-2026-0001 (septembre)."
    plus_vieille = "La somme la plus ancienne se paie d’abord."

    page = words_of(connected.get(AVOIR))
    assert f"Heure corrigée. Cet avoir corrige la facture n° F-2026-0002. {ou} Ouvrir la facture n° F-2026-0001" in page
    assert ou in words_of(connected.get(f"{AVOIR}papier/"))
    assert plain(facture_context(Facture.objects.avoirs().get(), date(2026, 12, 2))["suite"]) == ou

    sur_elle = words_of(connected.get("/factures/F-2026-0002/"))
    assert f"L’avoir n° AV-2026-0001, de 1,10 €, corrige cette facture. {ou} {plus_vieille} Ouvrir l’avoir" in sur_elle
    assert "2,60 €" in sur_elle
    assert f"corrige cette facture. {ou}" in words_of(connected.get("/factures/F-2026-0002/papier/"))
    payee = words_of(connected.get("/factures/F-2026-0001/"))
    assert "Avoir n° AV-2026-0001 du 2 décembre, déduit −1,10 € Reste à payer 1,50 €" in payee

    liste = words_of(connected.get("/factures/"))
    assert "Facture de septembre, Tom. 2,60 €, moins un avoir de 1,10 €." in liste
    assert f"Avoir n° AV-2026-0001 Corrige la facture n° F-2026-0002. {ou}" in liste

    [(_, suite)] = load_suivi(corrigee.mois).avoirs_suivis
    assert plain(suite) == f"{ou} {plus_vieille}"


def test_avoir_taken_off_the_invoice_that_it_corrects(connected, corrigee):
    impute(110, facture=corrigee)

    assert "corrige cette facture. Il a été déduit de cette facture. Ouvrir l’avoir" in words_of(
        connected.get("/factures/F-2026-0002/")
    )


def test_avoir_that_nothing_took_yet_is_a_credit(connected, corrigee):
    assert "Il est en votre crédit, et sera déduit de la prochaine facture." in words_of(connected.get(AVOIR))


def test_avoir_cut_between_two_invoices_and_money_given_back_says_each_part(connected, ancienne, corrigee):
    rendu = datetime(2026, 12, 3, 10, tzinfo=PARIS)
    sortie = encaisser(ancienne.compte, -20, moyen=Encaissement.Moyen.REMBOURSEMENT, recu_le=rendu)
    impute(50, facture=ancienne)
    impute(30, facture=corrigee)
    impute(20, sortie=sortie)

    assert (
        "Il a été déduit de la facture n° F-2026-0001 (septembre) pour 0,50 €, déduit de la facture n° F-2026-0002 "
        "(octobre) pour 0,30 € et rendu le 3 décembre pour 0,20 €. Il en reste 0,10 € en votre crédit."
    ) in words_of(connected.get(AVOIR))


def test_family_with_avoirs_alone_reads_what_they_are(connected, camille, tom):
    compte = compte_of(camille.foyer)
    ligne = make_prestation(compte, tom, date(2026, 10, 12), "soir", quantite=4)
    emettre(compte, [correction(ligne, -110)], motif="heure corrigée")

    texte = words_of(connected.get("/factures/"))

    assert "Avoir n° AV-2026-0001 Heure corrigée. Il est en votre crédit" in texte
    assert "Votre crédit 1,10 €" in texte
