"""Errors that families told of their invoices: listed with where to correct, answered once, mailed."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest

from enfance.models import Ecole
from facturation.models import SignalementFacture
from facturation.papiers.facture import load_facture
from facturation.signalements.ecriture import repondre_signalement, signaler
from portail.dates import PARIS
from tests.factories import AnneeFactory
from tests.facturation.factures_emises import make_prestation, une_facture
from tests.facturation.files import sent_mails
from tests.facturation.grille import make_tarif
from tests.facturation.mairie.conftest import LUNDI
from tests.reading import body_of, html_of

PAGE = "/admin/facturation/signalements/"


@pytest.fixture
def signalement(camille, lea, creneaux):
    facture = une_facture(lea)
    return SignalementFacture.objects.create(
        facture=facture,
        prestation=facture.prestations.get(),
        texte="Léa est partie à 17 h ce soir-là.",
        dit_le=datetime(2026, 11, 28, 20, 12, tzinfo=PARIS),
        dit_par=camille.user,
    )


def test_page_says_who_told_what_and_where_to_correct(mairie, lea, signalement):
    html = html_of(mairie.get(PAGE))

    for said in (
        "F-2026-0001, Léa, jeudi 5 novembre, soir",
        "À répondre au plus tard le dimanche 13 décembre",
        "Camille Morel, samedi 28 novembre à 20 h 12",
        "Léa est partie à 17 h ce soir-là.",
        'href="/equipe/2026-11-05/?creneau=soir">Ouvrir la feuille : jeudi 5 novembre, soir',
        'href="/admin/facturation/facture/F-2026-0001/"',
        'href="/admin/facturation/mois/2026-11/"',
        f'href="/admin/facturation/payeurs/{lea.gardes.get().foyer_id}/"',
    ):
        assert said in html, said
    assert "erreur signalée sur une facture" in html_of(mairie.get("/admin/"))


def test_answer_is_dated_and_mailed_to_who_told_it(mairie, secretaire, camille, signalement):
    envoi = {"signalement": signalement.pk, "reponse": "La feuille est corrigée : 1,30 € en moins sur décembre."}
    response = mairie.post(PAGE, envoi, follow=True)

    assert "La réponse est enregistrée" in html_of(response)
    assert "Répondues (1)" in html_of(response)
    signalement.refresh_from_db()
    assert (signalement.repondu_par, signalement.repondu_le) == (secretaire, LUNDI)
    [mail] = sent_mails()
    assert mail.to == [camille.user.email]
    assert "message que vous avez laissé samedi 28 novembre sur la facture F-2026-0001" in body_of(mail)
    assert "La feuille est corrigée" in body_of(mail)
    assert "/factures/F-2026-0001/" in body_of(mail)


def test_second_agent_answers_nothing(mairie, secretaire, signalement):
    assert repondre_signalement(signalement.pk, "Corrigé.", par=secretaire.pk, now=LUNDI)
    response = mairie.post(PAGE, {"signalement": signalement.pk, "reponse": "Non."}, follow=True)

    assert "a déjà sa réponse" in html_of(response)
    signalement.refresh_from_db()
    assert signalement.reponse == "Corrigé."


def test_error_is_acknowledged_once_to_its_parent(camille, lea, creneaux):
    facture = une_facture(lea)
    lue = load_facture(facture, {camille.foyer_id})
    for _ in range(2):  # sent twice by an impatient finger
        dit = signaler(lue, lue.lignes[0], "Léa est partie à 17 h.", camille.user_id, now=LUNDI)

    assert SignalementFacture.objects.get() == dit
    [mail] = sent_mails()
    assert mail.to == [camille.user.email]
    assert mail.subject == "Votre message sur la facture F-2026-0001\u00a0: nous l’avons bien reçu"
    texte = body_of(mail)
    for said in (
        "Nous avons bien reçu votre message sur la facture F-2026-0001 (Léa, jeudi 5 novembre, soir) :",
        "Léa est partie à 17 h.",
        "Le secrétariat de la mairie le lit",
        "au plus tard le mardi 15 décembre",
    ):
        assert said in texte, said


def test_parent_without_email_reports_an_error_all_the_same(camille, lea, creneaux):
    camille.user.email = ""
    camille.user.save()
    lue = load_facture(une_facture(lea), {camille.foyer_id})

    signaler(lue, None, "Trop cher.", camille.user_id, now=LUNDI)

    assert sent_mails() == []
    assert SignalementFacture.objects.get().texte == "Trop cher."


@pytest.mark.parametrize(
    ("reponse", "said"), [("", "Écrivez la réponse que la famille lira."), ("a" * 1001, "C’est trop long")]
)
def test_answer_that_cannot_be_is_said_and_kept(mairie, signalement, reponse, said):
    html = html_of(mairie.post(PAGE, {"signalement": signalement.pk, "reponse": reponse}))

    assert said in html
    assert reponse in html
    signalement.refresh_from_db()
    assert signalement.repondu_le is None


def test_page_without_any_says_so(mairie):
    assert "Aucune erreur signalée n’attend de réponse." in html_of(mairie.get(PAGE))


def test_link_opens_the_sheet_of_the_moment_in_the_school_that_holds_it(mairie, camille, lea, creneaux):
    AnneeFactory()
    hameau = Ecole.objects.create(nom="École du Hameau", code="hameau")
    creneaux["soir"].ecoles.set([hameau])
    facture = une_facture(lea)
    make_tarif("midi")
    midi = make_prestation(facture.compte, lea, date(2026, 11, 5), "midi", facture=facture)
    soir = facture.prestations.get(creneau=creneaux["soir"])
    for ligne in (midi, soir):
        SignalementFacture.objects.create(facture=facture, prestation=ligne, texte="Faux.", dit_par=camille.user)

    feuilles = re.findall(r'href="(/equipe/[^"]+)"', mairie.get(PAGE).text)

    ouvertes = [mairie.get(feuille.replace("&amp;", "&")).context["feuille"] for feuille in feuilles]
    assert [(f.jour, f.onglet.creneau) for f in ouvertes] == [
        (date(2026, 11, 5), creneaux["midi"]),
        (date(2026, 11, 5), creneaux["soir"]),
    ]
    assert ouvertes[1].ecole == hameau


def test_list_costs_the_same_for_one_error_and_three(mairie, camille, lea, creneaux, django_assert_num_queries):
    facture = une_facture(lea)
    ligne = facture.prestations.get()
    mairie.get(PAGE)  # what is asked once a process
    for dits in (1, 2):
        for _ in range(dits):
            SignalementFacture.objects.create(facture=facture, prestation=ligne, texte="Faux.", dit_par=camille.user)
        with django_assert_num_queries(6):
            mairie.get(PAGE)


def test_answer_that_is_late_is_said(mairie, camille, lea, creneaux):
    dit_le = datetime(2026, 11, 10, 9, tzinfo=PARIS)
    SignalementFacture.objects.create(facture=une_facture(lea), texte="Faux.", dit_le=dit_le, dit_par=camille.user)

    assert "à répondre depuis le mercredi 25 novembre" in html_of(mairie.get(PAGE))
