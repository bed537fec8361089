"""Several invoices at once, on the page of their parents: all of them, or those that are ticked, without a script."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from facturation.essai_payfip.serveur import Avis, Panne
from facturation.models import Encaissement, EssaiPaiement, Relance, SignalementFacture
from facturation.payfip.paiements import CHANGE, regler
from facturation.regie.encaissements import annuler, encaisser
from facturation.verification import verifier
from tests.clients import Client
from tests.factories import ResponsableFactory
from tests.facturation.essais import NOW, make_facture, make_trois
from tests.facturation.payfip.reponses import MEL
from tests.reading import words_of

pytestmark = pytest.mark.django_db
TOUT = "/factures/payer/"


@pytest.fixture
def camille(time_machine, montre):
    time_machine.move_to(NOW, tick=False)
    montre.now = NOW
    return ResponsableFactory()


@pytest.fixture
def factures(camille):
    return make_trois(camille)


@pytest.fixture
def client(camille, serveur) -> Client:
    client = Client()
    client.force_login(camille.user)
    return client


def pay(client, url: str = TOUT, somme: int = 8300) -> EssaiPaiement:
    response = client.post(url, {"mel": MEL, "somme": somme})
    essai = EssaiPaiement.objects.latest("pk")
    assert (response.status_code, response["Location"]) == (303, f"/factures/F-2026-0349/payer/{essai.pk}/")
    return essai


def test_list_leads_to_all_of_them_at_once(client, factures):
    page = client.get("/factures/")
    assert "À payer : 83,00 € 3 factures, un seul paiement, un reçu par facture. Tout payer, 83,00 €" in words_of(page)
    assert f'href="{TOUT}"' in page.text


def test_page_ticks_all_of_them_and_says_the_sum(client, factures):
    page = client.get(TOUT)
    boxes = re.findall(r'<input type="checkbox"[^>]*name="facture" value="([^"]*)"( checked)?>', page.text)
    assert boxes == [(facture.numero, " checked") for facture in factures]
    said = words_of(page)
    assert "F-2026-0350, à payer avant le dimanche 20 décembre 16,40 €" in said
    assert "À payer maintenant 83,00 €" in said
    assert "Tout payer sur PayFiP, 83,00 € Payer celles que je coche" in said


def test_all_of_them_are_one_operation_whatever_is_ticked(client, factures, serveur):
    response = client.post(TOUT, {"mel": MEL, "somme": "8300", "facture": ["F-2026-0349"]})
    essai = EssaiPaiement.objects.get()
    assert response["Location"] == f"/factures/F-2026-0349/payer/{essai.pk}/"
    assert (essai.montant, essai.factures) == (8300, factures)
    lien = words_of(client.get(response["Location"]))
    assert "Votre paiement est prêt : 83,00 € PayFiP affiche cette somme et la référence P20260001." in lien


def test_ticked_ones_are_said_again_with_their_sum_before_payfip(client, factures, serveur):
    response = client.post(TOUT, {"mel": MEL, "recompter": "1", "facture": ["F-2026-0351", "F-2026-0349"]})
    assert response.status_code == 303
    url = TOUT + response["Location"]
    said = words_of(client.get(url))
    assert "À payer maintenant : 66,60 € 2 factures, un seul paiement, un reçu par facture." in said
    assert "Payer sur PayFiP, 66,60 €" in said
    assert "Payer celles que je coche" not in said
    assert "F-2026-0350" not in said
    assert serveur.registre.operations == {}

    essai = pay(client, url, 6660)

    assert [facture.numero for facture in essai.factures] == ["F-2026-0349", "F-2026-0351"]


def test_one_that_is_ticked_alone_is_paid_by_its_own_page(client, factures):
    response = client.post(TOUT, {"mel": MEL, "recompter": "1", "facture": ["F-2026-0350"]}, follow=True)
    assert response.redirect_chain[-1][0] == "/factures/F-2026-0350/payer/"


def test_nothing_ticked_is_said(client, factures):
    response = client.post(TOUT, {"mel": MEL, "recompter": "1"})
    assert "Cochez au moins une facture." in words_of(response)
    assert "checked" not in response.text


@pytest.mark.parametrize("data", [{"mel": MEL}, {"mel": MEL, "somme": "9900"}, {"mel": MEL, "somme": "é"}])
def test_sum_that_is_not_the_one_of_the_page_is_said_again(client, factures, serveur, data):
    response = client.post(TOUT, data)
    assert CHANGE in response.text
    assert "Tout payer sur PayFiP, 83,00 €" in words_of(response)
    assert serveur.registre.operations == {}


def test_invoice_paid_since_the_page_was_read_is_asked_for_no_more(client, factures, serveur):
    encaisser(factures[0].compte, "especes", 1640, factures=factures[1:2], par=None, now=NOW)
    response = client.post(TOUT, {"mel": MEL, "somme": "8300"})
    assert "Tout payer sur PayFiP, 66,60 €" in words_of(response)
    assert serveur.registre.operations == {}


def test_address_that_is_none_and_payfip_that_is_silent_are_said(client, factures, serveur):
    assert "Écrivez une adresse complète" in words_of(client.post(TOUT, {"mel": "camille", "somme": "8300"}))
    serveur.panne = Panne.PAGE
    response = client.post(TOUT, {"mel": MEL, "somme": "8300"})
    assert "Le paiement en ligne ne répond pas en ce moment. Rien n’a été débité" in words_of(response)
    assert f'value="{MEL}"' in response.text


def test_second_click_leads_to_the_attempt_that_the_first_one_began(client, factures):
    essai = pay(client)
    assert pay(client) == essai
    assert client.get(TOUT)["Location"] == "/factures/"


def test_what_is_not_paid_here_is_not_in_it(client, camille, factures, settings):
    Relance.objects.create(facture=factures[2], genre="tresorerie", montant=80)
    assert "F-2026-0351" not in client.get(TOUT).text
    settings.ENCAISSEMENT = "titre"
    assert client.get(TOUT)["Location"] == "/factures/"
    assert "Tout payer" not in words_of(client.get("/factures/"))


def test_error_that_waits_for_its_answer_is_recalled(client, camille, factures):
    SignalementFacture.objects.create(facture=factures[1], texte="Absente.", dit_par=camille.user, dit_le=NOW)
    assert words_of(client.get(TOUT)).count("Une erreur est signalée, la mairie n’a pas encore répondu") == 1


def test_invoices_of_another_family_are_never_in_it(client, factures, serveur):
    autre = make_facture(ResponsableFactory(), 1000, 400)
    assert client.get(f"{TOUT}?facture={autre.numero}")["Location"] == "/factures/"
    response = client.post(f"{TOUT}?facture={autre.numero}", {"mel": MEL, "somme": "1000"})
    assert (response["Location"], serveur.registre.operations) == ("/factures/", {})


def test_payment_begun_of_several_is_one_notice_with_one_door(client, factures):
    essai = pay(client)
    for url in ("/", "/factures/", "/factures/F-2026-0350/", "/factures/F-2026-0351/payer/"):
        page = client.get(url)
        assert "Paiement commencé à 20 h 52 : 83,00 € Factures n° F-2026-0349, n° F-2026-0350 et n° F-2026-0351." in (
            words_of(page)
        ), url
        assert page.text.count(f'href="/factures/F-2026-0349/payer/{essai.pk}/?retour=1"') == 1
        assert 'payer/"' not in page.text
    attente = words_of(client.get(f"/factures/F-2026-0349/payer/{essai.pk}/?retour=1"))
    assert "rien n’est débité, et les 3 factures redeviennent à payer à 21 h 12." in attente


def test_paid_ones_are_said_with_a_receipt_each(client, factures, serveur):
    essai = pay(client)
    serveur.conclure(essai.id_op, "P", Avis.JAMAIS)
    regler(essai.id_op, now=NOW + timedelta(minutes=1))
    said = words_of(client.get(f"/factures/F-2026-0349/payer/{essai.pk}/"))
    assert (
        "83,00 € reçus jeudi 3 décembre à 20 h 52, par carte ou prélèvement, sur PayFiP, pour les 3 factures." in said
    )
    for recu, somme in (("R-2026-0001", "65,80 €"), ("R-2026-0002", "16,40 €"), ("R-2026-0003", "0,80 €")):
        assert f"n° {recu}, {somme}" in said
        assert client.get(f"/recus/{recu}/").status_code == 200
    assert "Il ne reste rien à payer pour ces factures." in said
    assert not [phrase for phrase in verifier() if phrase.startswith(("R-", "PayFiP", "Imputation"))]


@pytest.mark.parametrize(("resultat", "titre"), [("R", "Le paiement n’est pas passé"), ("A", "Vous n’avez rien payé")])
def test_refused_or_given_up_they_are_to_pay_again(client, factures, serveur, resultat, titre):
    essai = pay(client)
    serveur.conclure(essai.id_op, resultat, Avis.JAMAIS)
    regler(essai.id_op, now=NOW + timedelta(minutes=1))
    page = client.get(f"/factures/F-2026-0349/payer/{essai.pk}/")
    assert titre in words_of(page)
    assert "Les 3 factures restent à payer : 83,00 €." in words_of(page)
    assert f'href="{TOUT}"' in page.text
    assert pay(client) != essai


def test_direct_debit_that_the_bank_rejected_is_said_of_all_of_them(client, factures, serveur):
    essai = pay(client)
    serveur.conclure(essai.id_op, "V", Avis.JAMAIS)
    annuler(regler(essai.id_op, now=NOW).encaissement, "prélèvement rejeté", None, NOW + timedelta(days=4))
    said = words_of(client.get(f"/factures/F-2026-0349/payer/{essai.pk}/"))
    assert "83,00 € étaient arrivés par PayFiP." in said
    assert "Les 3 factures restent à payer : 83,00 €." in said
    assert said.count("Voir le reçu annulé") == Encaissement.objects.exclude(annule=None).count() == 3


def test_part_paid_at_the_counter_makes_the_payment_useless(client, factures):
    essai = pay(client)
    encaisser(essai.compte, "especes", 1640, factures=factures[1:2], par=None, now=NOW)
    said = words_of(client.get(f"/factures/F-2026-0349/payer/{essai.pk}/"))
    assert "une partie de ces factures a été payée autrement : il reste 66,60 €" in said
