"""An invoice and a receipt on paper: the same sums as on the screen, the names and the address that they were issued
with, one A4 page."""

from datetime import date
from pathlib import Path

import pytest

from facturation.models import Facture, Prestation, ReglageFacturation
from facturation.payeurs.comptes import compte_of
from facturation.regie.encaissements import annuler, encaisser, rembourser
from tests.facturation.factures_emises import correction, emettre, entete_of, make_mois, make_prestation
from tests.facturation.famille.conftest import NOW
from tests.reading import words_of
from tests.temoins import assert_kept, paper_of

pytestmark = pytest.mark.django_db
KEPT = Path(__file__).parent / "temoins"
PAPIER = "/factures/F-2026-0349/papier/"


@pytest.fixture
def reglage(db) -> ReglageFacturation:
    return ReglageFacturation.objects.create(
        ccas_telephone="04 65 71 00 42", ordre_cheque="Régie garderie", regisseur="Hélène Garnier"
    )


@pytest.mark.temoin
def test_papers_of_the_mock_up_are_those_that_are_kept(connected, facture, reglage):
    assert_kept(KEPT / "facture.txt", paper_of(connected.get(PAPIER)))
    recu = receive(facture.compte, 6580)
    assert_kept(KEPT / "recu.txt", paper_of(connected.get(f"/recus/{recu.numero}/")))


def test_slip_says_what_to_join_to_a_payment(connected, facture, reglage):
    texte = words_of(connected.get(PAPIER))

    assert "Talon à joindre au paiement Facture F-2026-0349" in texte
    assert "Chèque à l’ordre de « Régie garderie », avec ce talon." in texte
    assert "Un mois difficile ? CCAS : 04 65 71 00 42." in texte


def test_paper_in_titre_mode_has_no_slip(connected, facture, settings):
    settings.ENCAISSEMENT = "titre"

    texte = words_of(connected.get(PAPIER))

    assert "Talon" not in texte
    assert "Le Trésor public vous réclamera 65,80 €" in texte
    encaisser(facture.compte, "cheque", 6580, par=None, now=NOW)
    assert "Trésor public" not in words_of(connected.get(PAPIER))


def test_paper_keeps_the_names_and_the_address_that_it_was_issued_with(connected, facture, camille):
    camille.foyer.adresse = "3 rue du Lac"
    camille.foyer.save()
    camille.user.last_name = "Rivière"
    camille.user.save()

    texte = words_of(connected.get(PAPIER))

    assert "Camille et Dominique Morel 12 chemin des Tilleuls" in texte
    assert "rue du Lac" not in texte


@pytest.mark.temoin
def test_avoir_on_paper_names_its_origin_and_asks_nothing(connected, camille, tom):
    compte = compte_of(camille.foyer)
    ligne = make_prestation(compte, tom, date(2026, 11, 12), "soir", quantite=4)
    emettre(compte, [ligne], mois=make_mois())
    emettre(compte, [correction(ligne, -110)], origine=Facture.objects.get(), motif="heure corrigée")

    assert_kept(KEPT / "avoir.txt", paper_of(connected.get("/factures/AV-2026-0001/papier/")))


def test_other_parent_finds_neither_paper_nor_receipt(client, facture, sacha):
    client.force_login(sacha.user)

    assert client.get(PAPIER).status_code == 404
    assert client.get("/recus/R-2026-0322/").status_code == 404


# --- Receipts ---------------------------------------------------------------------------------------------------------


def receive(compte, montant, **fields):
    known = {"recu_le": NOW, "par": None, "now": NOW, "reference": "0001234"}
    return encaisser(compte, "cheque", montant, **known | fields)


def test_receipt_says_what_is_left_in_credit(connected, facture):
    recu = receive(facture.compte, 7000)

    texte = words_of(connected.get(f"/recus/{recu.numero}/"))

    assert "Reste en votre crédit, déduit de la prochaine facture 4,20 € Total de ce reçu 70,00 €" in texte


def test_receipt_of_an_advance_pays_no_invoice(connected, camille):
    recu = receive(compte_of(camille.foyer), 1000)

    texte = words_of(connected.get(f"/recus/{recu.numero}/"))

    assert "Cette somme est en votre crédit" in texte


def test_cancelled_receipt_says_by_which_one(connected, facture):
    recu = receive(facture.compte, 6580)
    inverse = annuler(recu, "chèque refusé", None, NOW)

    assert f"Ce reçu a été annulé par le n° {inverse.numero}" in words_of(connected.get(f"/recus/{recu.numero}/"))
    contraire = words_of(connected.get(f"/recus/{inverse.numero}/"))
    assert f"Annulation du reçu n° {recu.numero}" in contraire
    assert f"Ligne n° {inverse.numero}" in contraire
    assert "Raison : chèque refusé." in contraire


@pytest.mark.temoin
def test_refund_says_to_whom_the_money_was_given_back(connected, facture):
    receive(facture.compte, 7000)
    rendu = rembourser(facture.compte, 420, par=None, now=NOW, motif="départ")

    assert_kept(KEPT / "remboursement.txt", paper_of(connected.get(f"/recus/{rendu.numero}/")))


def test_share_priced_by_the_other_foyer_says_why_one_moment_has_two_prices(client, camille, sacha, lea):
    moitie = compte_of(sacha.foyer)
    sienne = make_prestation(moitie, lea, date(2026, 11, 3), "midi", part=50, montant=40)
    autre = make_prestation(moitie, lea, date(2026, 11, 5), "midi", prix=60, part=50, montant=30)
    Prestation.objects.filter(pk=autre.pk).update(prix_dit=autre.prix_dit | {"propre": False})
    facture = emettre(moitie, [sienne, autre], mois=make_mois(), entete=entete_of(sacha.foyer, [lea], quotient=None))
    client.force_login(sacha.user)

    texte = words_of(client.get(f"/factures/{facture.numero}/papier/"))

    assert "Midi, part de 50 % 3 1 moment 0,80 € 0,40 €" in texte
    assert "Midi, inscrit par l’autre foyer, part de 50 % 5 1 moment 0,60 € 0,30 €" in texte
    assert "Un moment que l’autre foyer a inscrit a le prix de ce foyer, puis se partage : le même moment" in texte
    assert [mot for mot in ("742", "Camille") if mot in texte] == []


def test_share_of_one_s_own_price_says_nothing_of_another(connected, camille, lea):
    compte = compte_of(camille.foyer)
    emettre(compte, [make_prestation(compte, lea, date(2026, 11, 5), "midi", part=50, montant=40)], mois=make_mois())

    assert "a le prix de ce foyer" not in words_of(connected.get("/factures/F-2026-0001/papier/"))
