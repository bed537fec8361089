"""An invoice and a receipt on paper: the same sums as on the screen, the names and the address that they were issued
with, one A4 page."""

from datetime import date

import pytest

from facturation.models import Facture, Prestation, ReglageFacturation
from facturation.payeurs.comptes import compte_of
from facturation.regie.encaissements import annuler, encaisser, rembourser
from tests.facturation.factures_emises import correction, emettre, entete_of, make_mois, make_prestation
from tests.facturation.famille.conftest import NOW
from tests.reading import words_of

pytestmark = pytest.mark.django_db
PAPIER = "/factures/F-2026-0349/papier/"


@pytest.fixture
def reglage(db) -> ReglageFacturation:
    return ReglageFacturation.objects.create(
        ccas_telephone="04 65 71 00 42", ordre_cheque="Régie garderie", regisseur="Hélène Garnier"
    )


def test_invoice_on_paper_has_the_rows_of_the_mock_up(connected, facture, reglage):
    texte = words_of(connected.get(PAPIER))

    assert "Facture de garderie, novembre 2026" in texte
    assert "Camille et Dominique Morel 12 chemin des Tilleuls 38160 SAINT SAUVEUR" in texte
    assert "Léa (1er enfant) Matin 2, 3, 9, 16, 17, 23, 24, 30 8 séances 1,20 € 9,60 €" in texte
    assert "Soir 2 (3), 5 (2), 9 (2), 12 (4), 16 (3), 19 (4), 23 (2), 26 (3), 30 (3) 26 demi-heures 0,65 € 16,90 €" in texte
    assert "Retard le soir 19 (départ 18 h 41) 1 5,00 € 5,00 €" in texte
    assert "Absence excusée 10 (matin, midi) 2 séances 0,00 €" in texte
    assert "Total Léa 44,30 € Tom (2e enfant)" in texte
    assert "Présence sans inscription 26 (départ 17 h 58) 1 1,00 € 1,00 € Total Tom 24,15 €" in texte
    assert "Correction d’octobre Tom Soir du 12 octobre : heure corrigée par l’équipe" in texte
    assert "(facture F-2026-0214) −1,10 € Total de la facture 67,35 €" in texte
    assert "reste du chèque du 16 novembre −1,55 € À payer avant le dimanche 20 décembre 2026 65,80 €" in texte


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


def test_avoir_on_paper_names_its_origin_and_asks_nothing(connected, camille, tom):
    compte = compte_of(camille.foyer)
    ligne = make_prestation(compte, tom, date(2026, 11, 12), "soir", quantite=4)
    emettre(compte, [ligne], mois=make_mois())
    emettre(compte, [correction(ligne, -110)], origine=Facture.objects.get(), motif="heure corrigée")

    texte = words_of(connected.get("/factures/AV-2026-0001/papier/"))

    assert "Corrige la facture n° F-2026-0001." in texte
    assert "Total de l’avoir −1,10 €" in texte
    assert "Talon" not in texte


def test_other_parent_finds_neither_paper_nor_receipt(client, facture, sacha):
    client.force_login(sacha.user)

    assert client.get(PAPIER).status_code == 404
    assert client.get("/recus/R-2026-0322/").status_code == 404


# --- Receipts ---------------------------------------------------------------------------------------------------------


def receive(compte, montant, **fields):
    known = {"recu_le": NOW, "par": None, "now": NOW, "reference": "0001234"}
    return encaisser(compte, "cheque", montant, **known | fields)


def test_receipt_says_what_it_pays_and_what_had_been_paid_before(connected, facture, reglage):
    recu = receive(facture.compte, 6580)

    texte = words_of(connected.get(f"/recus/{recu.numero}/"))

    assert f"Reçu n° {recu.numero}" in texte
    assert "Saint-Sauveur, le jeudi 3 décembre 2026" in texte
    assert "la somme de : 65,80 € soixante-cinq euros et quatre-vingts centimes" in texte
    assert "F-2026-0349 novembre 2026 67,35 € 1,55 € 65,80 € Total de ce reçu 65,80 €" in texte
    assert "Moyen chèque Référence 0001234 Reste à payer 0,00 €" in texte
    assert "une part du chèque du 16 novembre (reçu n° R-2026-0322)" in texte
    assert "Hélène Garnier" in texte


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


def test_refund_says_to_whom_the_money_was_given_back(connected, facture):
    receive(facture.compte, 7000)
    rendu = rembourser(facture.compte, 420, par=None, now=NOW, motif="départ")

    texte = words_of(connected.get(f"/recus/{rendu.numero}/"))

    assert "Rendu à" in texte
    assert "4,20 € quatre euros et vingt centimes" in texte


def test_share_priced_by_the_other_foyer_says_why_one_moment_has_two_prices(client, camille, sacha, lea):
    moitie = compte_of(sacha.foyer)
    sienne = make_prestation(moitie, lea, date(2026, 11, 3), "midi", part=50, montant=40)
    autre = make_prestation(moitie, lea, date(2026, 11, 5), "midi", prix=60, part=50, montant=30)
    Prestation.objects.filter(pk=autre.pk).update(prix_dit=autre.prix_dit | {"propre": False})
    facture = emettre(moitie, [sienne, autre], mois=make_mois(), entete=entete_of(sacha.foyer, [lea], quotient=None))
    client.force_login(sacha.user)

    texte = words_of(client.get(f"/factures/{facture.numero}/papier/"))

    assert "Midi, part de 50 % 3 1 séance 0,80 € 0,40 €" in texte
    assert "Midi, inscrit par l’autre foyer, part de 50 % 5 1 séance 0,60 € 0,30 €" in texte
    assert "Une séance que l’autre foyer a inscrite a le prix de ce foyer, puis se partage : le même moment" in texte
    assert [mot for mot in ("742", "Camille") if mot in texte] == []


def test_share_of_one_s_own_price_says_nothing_of_another(connected, camille, lea):
    compte = compte_of(camille.foyer)
    emettre(compte, [make_prestation(compte, lea, date(2026, 11, 5), "midi", part=50, montant=40)], mois=make_mois())

    assert "a le prix de ce foyer" not in words_of(connected.get("/factures/F-2026-0001/papier/"))
