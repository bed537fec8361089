"""A parent pays an invoice on line: the page before, the link to PayFiP, what came of it."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django_tasks_db.models import DBTaskResult

from facturation.essai_payfip.serveur import Avis, Panne
from facturation.models import EssaiPaiement, ReglageFacturation, Relance, SignalementFacture
from facturation.payfip.paiements import regler
from facturation.regie.encaissements import annuler, encaisser
from facturation.verification import verifier
from tests.clients import Client
from tests.factories import ResponsableFactory
from tests.facturation.essais import NOW, make_essai, make_facture, questions
from tests.facturation.payfip.reponses import MEL
from tests.reading import words_of

pytestmark = pytest.mark.django_db
PAYER = "/factures/F-2026-0349/payer/"


@pytest.fixture
def camille(time_machine, montre):
    time_machine.move_to(NOW, tick=False)
    montre.now = NOW
    return ResponsableFactory()


@pytest.fixture
def facture(camille):
    return make_facture(camille)


@pytest.fixture
def client(camille, serveur) -> Client:
    client = Client()
    client.force_login(camille.user)
    return client


def pay(client) -> EssaiPaiement:
    response = client.post(PAYER, {"mel": MEL})
    essai = EssaiPaiement.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"{PAYER}{essai.pk}/")
    return essai


def test_page_says_the_sum_its_date_and_what_will_happen(client, camille, facture):
    encaisser(facture.compte, "cheque", 155, factures=[facture], reference="1", par=None, now=NOW)
    said = words_of(client.get(PAYER))
    assert "Payé par chèque le 3 décembre −1,55 € À payer 64,25 €" in said
    assert "À payer avant le dimanche 20 décembre." in said
    assert "PayFiP affiche 64,25 € et la référence F20260349" in said
    assert f'value="{camille.user.email}"' in client.get(PAYER).text


def test_date_that_is_past_is_said_so_on_each_page(client, camille, facture, serveur, time_machine):
    tard = NOW + timedelta(days=40)
    time_machine.move_to(tard, tick=False)
    client.force_login(camille.user)
    assert "En retard : à payer depuis le dimanche 20 décembre." in words_of(client.get(PAYER))
    essai = pay(client)
    for resultat in ("R", "A"):
        EssaiPaiement.objects.filter(pk=essai.pk).update(etat={"R": "refuse", "A": "abandonne"}[resultat])
        page = words_of(client.get(f"{PAYER}{essai.pk}/?retour=1"))
        assert "reste à payer depuis le dimanche 20 décembre : 65,80 €." in page


def test_button_leads_to_our_own_page_whose_plain_link_leads_to_payfip(client, facture, serveur, camille):
    essai = pay(client)

    page = client.get(f"{PAYER}{essai.pk}/").text

    assert f'href="{serveur.adresse}/tpa/paiementws.web?idop={essai.id_op}"' in page
    assert (essai.mel, essai.demande_par) == (MEL, camille.user)
    assert "form-action 'self'" in client.get(PAYER)["Content-Security-Policy"]


def test_form_that_comes_empty_says_what_is_missing(client, facture):
    response = client.post(PAYER, {})

    assert response.context["form"].errors["mel"] == ["Indiquez l’adresse où PayFiP enverra son ticket."]
    assert EssaiPaiement.objects.count() == 0


@pytest.mark.parametrize(
    "mel", ["", "camille", "a@b.f", f"{'a' * 75}@courriel.example", "camille@courriel.example\r\nx"]
)
def test_address_that_is_none_is_said_and_kept(client, facture, mel):
    response = client.post(PAYER, {"mel": mel})
    assert (response.status_code, EssaiPaiement.objects.count()) == (200, 0)
    assert "corriger" in words_of(response)


def test_payfip_that_does_not_answer_is_said_and_nothing_is_lost(client, facture, serveur):
    serveur.panne = Panne.PAGE
    response = client.post(PAYER, {"mel": MEL})
    assert "Le paiement en ligne ne répond pas en ce moment. Rien n’a été débité" in words_of(response)
    assert f'value="{MEL}"' in response.text


def test_second_click_leads_to_the_attempt_that_waits(client, facture):
    essai = pay(client)
    response = client.post(PAYER, {"mel": MEL})
    assert (response.status_code, response["Location"]) == (303, f"{PAYER}{essai.pk}/")
    page = client.get(PAYER)
    said = words_of(page)
    assert (
        "Paiement commencé à 20 h 52 : 65,80 € Facture n° F-2026-0349. PayFiP n’a pas encore répondu : "
        "ne payez pas une seconde fois, ni ici, ni par chèque. Voir où en est ce paiement"
    ) in said
    assert f'href="{PAYER}{essai.pk}/?retour=1"' in page.text
    assert "à l’ordre de" not in said


def test_under_one_euro_is_paid_at_the_counter(client, camille):
    make_facture(camille, total=99)
    said = words_of(client.get(PAYER))
    assert "PayFiP n’accepte pas moins de 1,00 € : réglez au guichet, ou avec la prochaine facture." in said
    assert "Continuer vers PayFiP" not in said


def test_other_ways_to_pay_are_those_of_the_town(client, facture):
    ReglageFacturation.objects.create(ordre_cheque="Régie garderie", iban="FR76 3000", ccas_telephone="04 65 71 00 42")
    said = words_of(client.get(PAYER))
    assert "Chèque à l’ordre de « Régie garderie »" in said
    assert "IBAN FR76 3000" in said
    assert "Quoi qu’il arrive, vos enfants restent accueillis." in said


def test_treasury_that_collects_is_said(client, facture, settings):
    settings.ENCAISSEMENT = "titre"
    ReglageFacturation.objects.create(tresorerie_nom="trésorerie de Vinay")
    said = words_of(client.get(PAYER))
    assert "La trésorerie de Vinay vous réclamera 65,80 €" in said
    assert "Continuer vers PayFiP" not in said
    assert "Le paiement en ligne n’est pas ouvert" in words_of(client.post(PAYER, {"mel": MEL}))


def test_invoice_handed_over_to_the_treasury_is_not_paid_here(client, facture, serveur):
    ReglageFacturation.objects.create(tresorerie_nom="trésorerie de Vinay", iban="FR76 3000")
    Relance.objects.create(facture=facture, genre="tresorerie", faite_le=NOW)

    page = client.get(PAYER)
    refus = client.post(PAYER, {"mel": MEL})

    assert "La trésorerie de Vinay vous réclame 65,80 € : suivez son avis" in words_of(page)
    assert "Continuer vers PayFiP" not in page.text
    assert "FR76" not in page.text
    assert "La trésorerie recouvre cette facture" in words_of(refus)
    assert (serveur.registre.operations, EssaiPaiement.objects.count()) == ({}, 0)


@pytest.mark.parametrize(
    ("resultat", "title", "said"),
    [
        ("P", "C’est payé, merci", "Il ne reste rien à payer pour cette facture."),
        ("P", "C’est payé, merci", "par carte ou prélèvement, sur PayFiP, pour la facture n° F-2026-0349."),
        ("V", "C’est payé, merci", "par carte ou prélèvement, sur PayFiP"),
        ("R", "Le paiement n’est pas passé", "reste à payer avant le dimanche 20 décembre : 65,80 €."),
        ("A", "Vous n’avez rien payé", "Vous avez quitté PayFiP avant la fin"),
        ("Q", "Paiement en cours", "La mairie vérifie ce paiement"),
    ],
)
def test_page_of_the_attempt_says_what_came_of_it(client, facture, serveur, resultat, title, said):
    essai = pay(client)
    serveur.conclure(essai.id_op, resultat, Avis.JAMAIS)
    regler(essai.id_op, now=NOW + timedelta(minutes=1))
    page = words_of(client.get(f"{PAYER}{essai.pk}/?retour=1"))
    assert title in page
    assert said in page


@pytest.mark.parametrize("resultat", ["R", "A"])
def test_page_of_a_failed_attempt_knows_that_the_invoice_was_paid_since(client, facture, serveur, resultat):
    essai = pay(client)
    serveur.conclure(essai.id_op, resultat, Avis.JAMAIS)
    regler(essai.id_op, now=NOW + timedelta(minutes=1))
    before = words_of(client.get(f"{PAYER}{essai.pk}/"))
    encaisser(facture.compte, "cheque", 6580, factures=[facture], reference="1", par=None, now=NOW)

    page = client.get(f"{PAYER}{essai.pk}/")

    assert "Depuis, la" not in before
    assert "a été payée : il ne reste rien à payer." in words_of(page).split("Depuis, la")[1]
    assert "Que faire" not in words_of(page)
    assert f'class="btn" href="{PAYER}"' not in page.text


def test_attempt_that_waits_says_when_another_may_begin(client, facture, time_machine):
    essai = pay(client)
    page = words_of(client.get(f"{PAYER}{essai.pk}/?retour=1"))
    assert "PayFiP n’a pas encore répondu" in page
    assert "65,80 €, facture n° F-2026-0349, commencé à 20 h 52." in page
    assert "rien n’est débité, et la facture n° F-2026-0349 redevient à payer à 21 h 12." in page
    time_machine.move_to(NOW + timedelta(minutes=16), tick=False)
    assert "paiementws.web" not in client.get(f"{PAYER}{essai.pk}/").text


def test_first_words_after_payfip_suppose_nothing(client, facture, time_machine):
    essai = pay(client)
    page = client.get(f"{PAYER}{essai.pk}/?retour=1")
    assert "Ne payez pas une seconde fois. Si vous avez quitté PayFiP ou si votre banque a refusé" in words_of(page)
    assert "data-relire" in page.text
    assert "js/paiement" in page.text
    assert "paiementws.web" not in page.text
    assert f'href="/paiement/retour/?idop={essai.id_op}">Demander la réponse maintenant</a>' in page.text
    time_machine.move_to(NOW + timedelta(minutes=20), tick=False)
    tard = client.get(f"{PAYER}{essai.pk}/?retour=1")
    assert "data-relire" not in tard.text
    assert "rien n’est débité : vous pouvez payer de nouveau." in words_of(tard)


def test_invoice_paid_at_the_counter_is_offered_to_payfip_no_more(client, facture, serveur):
    essai = pay(client)
    encaisser(facture.compte, "cheque", 1580, factures=[facture], reference="1", par=None, now=NOW)

    part = client.get(f"{PAYER}{essai.pk}/")
    assert "il reste 50,00 €, et PayFiP vous demanderait 65,80 €." in words_of(part)
    encaisser(facture.compte, "cheque", 5000, factures=[facture], reference="2", par=None, now=NOW)
    toute = client.get(f"{PAYER}{essai.pk}/")

    assert "Facture déjà payée" in words_of(toute)
    assert "Il ne reste rien à payer." in words_of(toute)
    pages = [part, toute, client.get(f"{PAYER}{essai.pk}/?retour=1")]
    assert not any("paiementws.web" in page.text for page in pages)
    page = words_of(client.get(PAYER))
    assert "Facture payée Cette facture est payée : il ne reste rien à payer." in page
    assert "maintenant" not in page


def test_payment_that_became_a_credit_says_so(client, facture, serveur):
    essai = pay(client)
    encaisser(facture.compte, "cheque", 6080, factures=[facture], reference="1", par=None, now=NOW)
    serveur.conclure(essai.id_op, "P", Avis.JAMAIS)
    regler(essai.id_op, now=NOW + timedelta(minutes=1))
    page = words_of(client.get(f"{PAYER}{essai.pk}/"))
    assert "pour la facture n° F-2026-0349. 60,80 € de trop sont votre crédit, déduit de la prochaine facture." in page


def test_payment_of_an_invoice_that_was_paid_is_not_said_for_it(client, facture, serveur):
    essai = pay(client)
    encaisser(facture.compte, "cheque", 6580, factures=[facture], reference="1", par=None, now=NOW)
    serveur.conclure(essai.id_op, "P", Avis.JAMAIS)
    regler(essai.id_op, now=NOW + timedelta(minutes=1))
    page = words_of(client.get(f"{PAYER}{essai.pk}/"))
    assert "sur PayFiP. La facture n° F-2026-0349 était déjà payée : cette somme est votre crédit" in page


def test_direct_debit_that_the_bank_rejected_is_said_and_paid_again(client, facture, serveur):
    essai = pay(client)
    serveur.conclure(essai.id_op, "V", Avis.JAMAIS)
    recu = regler(essai.id_op, now=NOW + timedelta(minutes=1)).encaissement
    annuler(recu, "prélèvement rejeté par la banque", None, NOW + timedelta(days=4))

    page = words_of(client.get(f"{PAYER}{essai.pk}/"))

    assert "Ce paiement ne compte plus" in page
    assert "reste à payer avant le dimanche 20 décembre : 65,80 €." in page
    assert "C’est payé" not in page
    assert client.post(PAYER, {"mel": MEL}).status_code == 303
    assert facture.essais.count() == 2
    assert [phrase for phrase in verifier() if phrase.startswith(("R-", "PayFiP", "Imputation"))] == []


def test_attempt_without_a_trace_at_payfip_is_over(client, facture):
    essai = make_essai(facture, etat="perime", resultrans="P1")
    assert "PayFiP n’a enregistré aucun paiement" in words_of(client.get(f"{PAYER}{essai.pk}/"))


def test_invoice_and_attempt_of_another_family_are_not_there(client, facture):
    essai = make_essai(facture)
    other = Client()
    other.force_login(ResponsableFactory().user)
    assert [other.get(url).status_code for url in (PAYER, f"{PAYER}{essai.pk}/")] == [404, 404]
    assert other.post(PAYER, {"mel": MEL}).status_code == 404
    autre = make_facture(ResponsableFactory(), rang=350)
    mine = make_essai(autre, id_op="op-00000001")
    assert client.get(f"{PAYER}{mine.pk}/").status_code == 404


# --- Begun, wherever the sum is read ----------------------------------------------------------------------------------

COMMENCE = (
    "Paiement commencé à 20 h 52 : 65,80 € Facture n° F-2026-0349. PayFiP n’a pas encore répondu : "
    "ne payez pas une seconde fois, ni ici, ni par chèque. Voir où en est ce paiement"
)


@pytest.mark.parametrize("url", ["/", "/factures/", "/factures/F-2026-0349/", PAYER])
def test_payment_begun_is_said_where_its_sum_is_and_nobody_is_asked_to_pay(client, facture, url, time_machine):
    essai = pay(client)
    page = client.get(url)
    assert COMMENCE in words_of(page)
    assert page.text.count(f'href="{PAYER}{essai.pk}/?retour=1"') == 1
    assert f'href="{PAYER}"' not in page.text
    assert "Voir et payer" not in page.text

    time_machine.move_to(NOW + timedelta(minutes=20), tick=False)
    assert "Paiement commencé" not in words_of(client.get(url))
    assert url == PAYER or re.search(
        rf'href="({PAYER}|/factures/F-2026-0349/)"[^>]*>\s*(Payer|Voir et payer)', client.get(url).text
    )


@pytest.mark.parametrize("url", ["/", "/factures/", "/factures/F-2026-0349/", PAYER])
def test_payment_that_the_town_checks_is_not_to_pay_whatever_its_age(client, facture, url):
    make_essai(facture, etat="a_verifier", resultrans="Q", demande_le=NOW - timedelta(days=3))
    said = words_of(client.get(url))
    assert (
        "Paiement à vérifier : 65,80 € Facture n° F-2026-0349, commencé lundi 30 novembre à 20 h 52. La mairie vérifie "
        "ce que PayFiP a répondu : ne payez pas une seconde fois"
    ) in said
    assert "Continuer vers PayFiP" not in said
    assert (client.post(PAYER, {"mel": MEL}).status_code, facture.essais.count()) == (303, 1)


def test_payment_without_an_answer_for_long_is_recalled_where_another_may_begin(client, camille, facture):
    make_facture(camille, 1640, 350)
    essai = make_essai(facture, demande_le=NOW - timedelta(minutes=20))
    dit = "Un paiement commencé jeudi 3 décembre à 20 h 32 est resté sans réponse de PayFiP. Vous l’aviez payé ?"
    for url in (PAYER, "/factures/payer/"):
        page = client.get(url)
        assert dit in words_of(page)
        assert f'href="{PAYER}{essai.pk}/?retour=1"' in page.text
    assert dit not in words_of(client.get("/factures/F-2026-0350/payer/"))


@pytest.mark.parametrize("etat", ["refuse", "abandonne", "perime"])
def test_payment_that_came_to_nothing_is_said_no_more(client, facture, etat):
    make_essai(facture, etat=etat, resultrans="R")
    for url in ("/", "/factures/", "/factures/F-2026-0349/"):
        assert "Paiement commencé" not in words_of(client.get(url))
    assert "Continuer vers PayFiP" in words_of(client.get(PAYER))


def test_rest_of_what_is_due_is_told_beside_the_payment_begun(client, camille, facture):
    make_facture(camille, 1640, 350)
    pay(client)
    said = words_of(client.get("/"))
    assert "À payer avant le 20 décembre : 16,40 €, facture n° F-2026-0350." in said
    assert COMMENCE in said
    assert "Payer la facture n° f-2026-0350, 16,40 €" in words_of(client.get("/factures/"))


# --- What PayFiP calls ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["/paiement/notification/", "/paiement/retour/"])
@pytest.mark.parametrize("name", ["idop", "idOp", "IDOP"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_payfip_says_an_id_and_a_question_is_asked(facture, serveur, url, name, method):
    essai = make_essai(facture)
    response = getattr(Client(enforce_csrf_checks=True), method)(url, {name: essai.id_op})
    assert response.status_code == (303 if "retour" in url else 200)
    assert questions() == [([essai.pk], None)]
    essai.refresh_from_db()
    assert (essai.etat, essai.encaissement) == ("en_cours", None)


@pytest.mark.parametrize("url", ["/paiement/notification/", "/paiement/retour/"])
@pytest.mark.parametrize(
    "data", [{}, {"idop": ""}, {"idop": "f0f0f0f0-0000"}, {"idop": "<script>"}, {"idop": "é" * 500}, {"x": "1"}]
)
def test_answer_is_the_same_whatever_the_id(facture, url, data):
    essai = make_essai(facture)
    known = Client().post(url, {"idop": essai.id_op}).content
    DBTaskResult.objects.all().delete()
    assert Client().post(url, data).content == known
    assert questions() == []


def test_notifications_any_number_of_times_ask_once(facture):
    essai = make_essai(facture)
    for _ in range(3):
        Client().post("/paiement/notification/", {"idop": essai.id_op})
        Client().get("/paiement/retour/", {"idOp": essai.id_op})
    assert questions() == [([essai.pk], None)]


@pytest.mark.parametrize("idop", ["cc0cb210-1cd4-11ea-8cca-0213ad91a103", "f0f0f0f0-0000", ""])
def test_return_leads_to_a_page_of_its_own_address_that_says_nothing_of_anybody(facture, idop):
    """Neither Back nor a reload sends PayFiP's form again; the id is what came in, known or not."""
    make_essai(facture)
    retour = Client(enforce_csrf_checks=True).post("/paiement/retour/", {"idop": idop})
    query = f"?idop={idop}" if idop else ""
    assert (retour.status_code, retour["Location"], dict(retour.cookies)) == (303, f"/paiement/reponse/{query}", {})

    page = Client().get(retour["Location"])

    assert (page.status_code, dict(page.cookies)) == (200, {})
    assert re.findall(r'href="(/paiement/[^"]*|/factures/)"', page.text) == [f"/paiement/suite/{query}", "/factures/"]
    assert "Vous revenez de PayFiP" in words_of(page)
    assert "65,80" not in page.text


def test_session_that_ended_meanwhile_finds_its_payment_after_the_login(facture, camille):
    essai = make_essai(facture)
    suite = f"/paiement/suite/?idop={essai.id_op}"
    login = Client().get(suite)
    assert login["Location"] == f"/connexion/?next={quote(suite)}"
    assert Client().post("/paiement/reponse/").status_code == 405


def test_parent_who_is_logged_in_reads_the_payment_that_payfip_names(client, camille, facture):
    essai = make_essai(facture)
    make_essai(make_facture(camille, rang=350), id_op="op-00000001", demande_le=NOW + timedelta(minutes=1))
    retour = client.post("/paiement/retour/", {"idop": essai.id_op}, follow=True)
    assert [url for url, _ in retour.redirect_chain] == [
        f"/paiement/reponse/?idop={essai.id_op}",
        f"/paiement/suite/?idop={essai.id_op}",
        f"{PAYER}{essai.pk}/?retour=1",
    ]


def test_payment_of_somebody_else_that_the_return_names_is_not_shown(client, facture):
    make_essai(make_facture(ResponsableFactory(), rang=350), id_op="op-00000001")
    assert client.get("/paiement/suite/?idop=op-00000001")["Location"] == "/factures/"


def test_what_follows_the_return_is_the_last_attempt_of_its_reader(client, facture):
    essai = make_essai(facture)
    make_essai(make_facture(ResponsableFactory(), rang=350), id_op="op-00000001", demande_le=NOW + timedelta(minutes=1))
    response = client.get("/paiement/suite/")
    assert (response.status_code, response["Location"]) == (303, f"{PAYER}{essai.pk}/?retour=1")


def test_what_follows_a_return_long_ago_is_all_invoices(client, facture):
    make_essai(facture, demande_le=NOW - timedelta(days=2))
    assert client.get("/paiement/suite/")["Location"] == "/factures/"


def test_page_recalls_an_error_that_waits_for_its_answer(client, camille, facture):
    dit = SignalementFacture.objects.create(
        facture=facture, texte="Absente ce jour-là.", dit_par=camille.user, dit_le=NOW
    )

    assert "Vous avez signalé une erreur sur cette facture" in words_of(client.get(PAYER))
    assert "la mairie n’a pas encore répondu. Vous pouvez attendre sa réponse pour payer." in words_of(
        client.get(PAYER)
    )
    paye = encaisser(facture.compte, "cheque", 6580, factures=[facture], reference="1", par=None, now=NOW)
    assert "la mairie n’a pas encore répondu. Relire ce qui est signalé" in words_of(client.get(PAYER))
    annuler(paye, "Erreur de saisie", None, NOW)
    SignalementFacture.objects.update(dit_par=None)
    assert "Une erreur est signalée sur cette facture" in words_of(client.get(PAYER))
    SignalementFacture.objects.filter(pk=dit.pk).update(repondu_le=NOW, reponse="Corrigé.")
    assert "erreur" not in words_of(client.get(PAYER)).split("Ce que vous payez")[1].split("Par carte")[0]
