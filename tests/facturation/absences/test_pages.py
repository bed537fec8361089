"""The secretary's page of absences: what is at stake, one click that answers, an answer that is changed."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.contrib.admin.models import LogEntry

from enfance.models import Absence
from facturation.absences.ecriture import repondre
from facturation.models import Justification, Mois, ReponseAbsence
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.files import sent_mails
from tests.facturation.mairie.conftest import LUNDI, VENDREDI
from tests.facturation.vecu import clore, dire_quotient, inscrire, make_commune
from tests.reading import html_of

PAGE = "/admin/facturation/absences/"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(LUNDI, tick=False)


@pytest.fixture
def camille(db):
    make_commune()
    camille = ResponsableFactory(user__email="camille.morel@courriel.example")
    dire_quotient(camille.foyer, 742)
    return camille


@pytest.fixture
def lea(camille):
    lea = make_enfant(camille, prenom="Léa")
    inscrire(lea, VENDREDI)
    inscrire(lea, VENDREDI, creneau="matin")
    return lea


def tell(enfant, jour=VENDREDI):
    return Absence.objects.create(enfant=enfant, jour=jour, signalee_le=datetime(2026, 11, 27, 7, 20, tzinfo=PARIS))


def form_of(client, enfant, reponse, **more):
    """What a button of the page sends for this child."""
    vues = client.get(PAGE).context["vues"]
    [vue] = [vue for vue in [*vues.dites, *vues.muettes] if vue.enfant == enfant]
    return {
        "enfant": str(enfant.pk),
        "jour": vue.jour.isoformat(),
        "creneaux": vue.creneaux,
        "raison": "",
        "raison_excusee": vue.excuse,
        "raison_facturee": vue.refus,
        "r": reponse,
        **more,
    }


def test_page_says_what_is_at_stake_and_what_was_told(mairie, lea):
    tell(lea)
    Justification.objects.create(enfant=lea, jour=VENDREDI, raison="maladie")

    html = html_of(mairie.get(PAGE))

    assert 'À juger (1), <span class="m">2,00 €</span> en jeu' in html
    assert "Vendredi 27 novembre, matin et midi" in html
    assert "(matin 1,20 € + midi 0,80 €)" in html
    assert "Signalée vendredi 27 novembre à 7 h 20, après la limite (jeudi 26 novembre, 12 h)." in html
    assert "Raison choisie : <b>maladie</b>" in html
    assert "« malade »" in html
    assert "« signalée après la limite »" in html


def test_absence_without_a_word_is_apart_and_does_not_press(mairie, lea):
    clore(VENDREDI)

    html = html_of(mairie.get(PAGE))

    assert "À juger (0)" in html
    assert "Sans message (1)" in html
    assert "Aucun message. Noté absent par l’équipe." in html
    assert "« à titre exceptionnel »" in html
    assert "à juger" not in html_of(mairie.get("/admin/"))


def test_home_counts_those_that_a_family_told(mairie, lea):
    tell(lea)

    html = html_of(mairie.get("/admin/"))

    assert "absence à juger" in html


@pytest.mark.parametrize(
    ("reponse", "motif", "dite"),
    [("excusee", "malade", "excusée"), ("facturee", "signalée après la limite", "facturée")],
)
def test_one_click_answers_with_the_reason_under_the_button(mairie, secretaire, lea, reponse, motif, dite):
    tell(lea)
    Justification.objects.create(enfant=lea, jour=VENDREDI, raison="maladie")

    response = mairie.post(PAGE, form_of(mairie, lea, reponse), follow=True)

    assert f"L’absence de Léa, vendredi 27 novembre, est {dite}. La famille est prévenue." in html_of(response)
    assert [(r.reponse, r.motif, r.repondue_par) for r in ReponseAbsence.objects.all()] == [
        (reponse, motif, secretaire)
    ] * 2
    assert LogEntry.objects.get().object_id == str(lea.pk)
    assert len(sent_mails()) == 1


def test_other_reason_is_typed(mairie, lea):
    tell(lea)
    mairie.post(PAGE, form_of(mairie, lea, "excusee", raison="sortie de classe, dite la veille"))

    assert {r.motif for r in ReponseAbsence.objects.all()} == {"sortie de classe, dite la veille"}


@pytest.mark.parametrize("wrong", [{"raison": "a" * 201}, {"r": "peut-etre"}, {"creneaux": "x"}, {"jour": "hier"}])
def test_answer_that_is_not_understood_is_said(mairie, lea, wrong):
    tell(lea)
    response = mairie.post(PAGE, form_of(mairie, lea, "excusee", **wrong))

    assert "Rien n’est encore répondu" in html_of(response)
    assert not ReponseAbsence.objects.exists()


def test_answered_ones_show_who_and_what_is_billed(mairie, secretaire, lea):
    tell(lea)
    mairie.post(PAGE, form_of(mairie, lea, "facturee"))

    html = html_of(mairie.get(PAGE))

    assert "Répondues (1)" in html
    assert "lundi 30 novembre à 9 h 05, Nadia Roux" in html
    assert '<span class="m">2,00 €</span>' in html


def test_answer_is_changed_with_a_reason_and_told_again(mairie, lea):
    tell(lea)
    mairie.post(PAGE, form_of(mairie, lea, "facturee"))
    sent_mails()
    [une] = mairie.get(PAGE).context["repondues"]
    envoi = {
        "enfant": str(lea.pk),
        "jour": VENDREDI.isoformat(),
        "creneaux": une.creneaux,
        "changer": "1",
        "raison_excusee": "",
        "raison_facturee": "",
        "r": "excusee",
    }

    assert "Écrivez la raison" in html_of(mairie.post(PAGE, {**envoi, "raison": ""}))
    response = mairie.post(PAGE, {**envoi, "raison": "certificat reçu"}, follow=True)

    assert "est excusée" in html_of(response)
    assert [mail.subject.endswith("excusée") for mail in sent_mails()] == [True]
    [une] = response.context["repondues"]
    assert (une.reponse.motif, une.facture) == ("certificat reçu", 0)


def test_two_agents_at_once_answer_once(mairie, lea):
    tell(lea)
    envoi = form_of(mairie, lea, "excusee")
    repondre(lea.pk, VENDREDI, [int(c) for c in envoi["creneaux"].split()], "facturee", "hors délai",
             par=StaffFactory().pk, now=LUNDI)  # fmt: skip

    assert "a déjà sa réponse" in html_of(mairie.post(PAGE, envoi, follow=True))
    assert {r.reponse for r in ReponseAbsence.objects.all()} == {"facturee"}


def test_answer_of_a_closed_month_says_that_a_correction_follows(mairie, lea):
    tell(lea)
    Justification.objects.create(enfant=lea, jour=VENDREDI, raison="maladie")
    Mois.objects.create(premier=date(2026, 11, 1), echeance=date(2026, 12, 20))

    html = html_of(mairie.post(PAGE, form_of(mairie, lea, "excusee"), follow=True))

    assert "Novembre est arrêté : la correction est proposée avec le mois suivant." in html


def test_parent_does_not_open_it(lea, camille):
    client = Client()
    client.force_login(camille.user)
    assert client.get(PAGE).status_code == 403


@pytest.mark.parametrize("combien", [1, 3])
def test_page_reads_the_same_for_one_absence_and_for_three_of_three_months(
    mairie, camille, django_assert_num_queries, combien
):
    agente = StaffFactory()
    for rang, jour in enumerate([VENDREDI, date(2026, 10, 6), date(2026, 9, 8)][:combien]):
        parent = camille if rang == 0 else ResponsableFactory()
        enfant, autre = make_enfant(parent, prenom=f"Enfant {rang}"), make_enfant(parent, prenom=f"Autre {rang}")
        inscrire(enfant, jour)
        [ligne] = inscrire(autre, jour)
        tell(enfant, jour)
        tell(autre, jour)
        repondre(autre.pk, jour, [ligne.creneau_id], "excusee", "malade", par=agente.pk, now=LUNDI)
    mairie.get(PAGE)
    with django_assert_num_queries(37):
        page = mairie.get(PAGE)
    assert (page.context["vues"].nombre, len(page.context["repondues"])) == (combien, combien)
    assert {vue.total for vue in page.context["vues"].dites} == {80} | ({110} if combien > 1 else set())
