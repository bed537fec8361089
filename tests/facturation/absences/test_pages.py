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
from tests.reading import html_of, plain

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
    [decision] = [une for une in [*vues.dites, *vues.muettes] if une.enfant == enfant]
    return {
        "enfant": str(enfant.pk),
        "cle": decision.cle,
        "journees": [vue.valeur for vue in decision.vues],
        "raison": "",
        "raison_excusee": decision.excuse,
        "raison_facturee": decision.refus,
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


@pytest.mark.parametrize("wrong", [{"raison": "a" * 201}, {"r": "peut-etre"}, {"journees": "hier"}, {"journees": []}])
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
        "journees": [jour.valeur for jour in une.jours],
        "changer": "1",
        "raison_excusee": "",
        "raison_facturee": "",
        "r": "excusee-autre",
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
    creneaux = [ligne.creneau_id for ligne in lea.inscriptions.all()]
    repondre(lea.pk, {VENDREDI: creneaux}, "facturee", "hors délai", par=StaffFactory().pk, now=LUNDI)

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
        repondre(autre.pk, {jour: [ligne.creneau_id]}, "excusee", "malade", par=agente.pk, now=LUNDI)
    mairie.get(PAGE)
    with django_assert_num_queries(38):
        page = mairie.get(PAGE)
    assert (page.context["vues"].nombre, len(page.context["repondues"])) == (combien, combien)
    assert {decision.total for decision in page.context["vues"].dites} == {80} | ({110} if combien > 1 else set())


# --- Days that follow each other --------------------------------------------------------------------------------------

SEMAINE = [date(2026, 11, jour) for jour in (19, 20, 23, 24)]  # Thursday, Friday, Monday, Tuesday


@pytest.fixture
def malade(camille):
    """Léa, booked on these days and on the 26th, whom her family said to be ill from Thursday to Tuesday."""
    lea = make_enfant(camille, prenom="Léa")
    inscrire(lea, *SEMAINE, date(2026, 11, 26))
    for jour in SEMAINE:
        tell(lea, jour)
        Justification.objects.create(enfant=lea, jour=jour, raison="maladie", dite_par=camille.user)
    return lea


def decided(client):
    vues = client.get(PAGE).context["vues"]
    return [(une.enfant.prenom, [vue.jour for vue in une.vues]) for une in [*vues.dites, *vues.muettes]]


def test_days_that_follow_each_other_with_one_reason_are_one_decision_and_one_mail(mairie, malade):
    assert decided(mairie) == [("Léa", SEMAINE)]
    assert "absence à juger" in html_of(mairie.get("/admin/"))

    html = html_of(mairie.post(PAGE, form_of(mairie, malade, "excusee"), follow=True))

    dits = "lundi 23, mardi 24, jeudi 19 et vendredi 20 novembre"
    assert f"Les absences de Léa, {dits}, sont excusées. La famille est prévenue." in html
    assert {(r.jour, r.reponse, r.motif) for r in ReponseAbsence.objects.all()} == {
        (jour, "excusee", "malade") for jour in SEMAINE
    }
    assert LogEntry.objects.count() == 1
    [mail] = sent_mails()
    assert plain(mail.subject) == f"Absences de Léa, {dits} : excusées"
    assert "- jeudi 19 novembre (midi)" in plain(mail.body)
    [une] = mairie.get(PAGE).context["repondues"]
    assert [jour.jour for jour in une.jours] == SEMAINE


def test_single_day_of_a_decision_is_decided_apart(mairie, malade):
    form = form_of(mairie, malade, "facturee-autre", raison="elle a été vue au parc")
    form["journees"] = form["journees"][:1]

    html = html_of(mairie.post(PAGE, form, follow=True))

    assert "L’absence de Léa, jeudi 19 novembre, est facturée." in html
    assert decided(mairie) == [("Léa", SEMAINE[1:])]


def test_decision_without_a_day_or_a_reason_keeps_what_was_typed(mairie, malade):
    form = form_of(mairie, malade, "excusee-autre")
    assert "Écrivez la raison que la famille lira." in html_of(mairie.post(PAGE, form))
    refuse = mairie.post(PAGE, {**form, "raison": "certificat reçu", "journees": []})

    assert "Cochez au moins un jour." in html_of(refuse)
    assert 'value="certificat reçu"' in html_of(refuse)
    assert " checked" not in refuse.text
    assert not ReponseAbsence.objects.exists()


def test_day_when_the_child_came_another_reason_and_a_long_gap_part_decisions(mairie, camille):
    lea, tom, ada = (make_enfant(camille, prenom=prenom) for prenom in ("Léa", "Tom", "Ada"))
    for enfant, jours in ((lea, SEMAINE), (tom, SEMAINE), (ada, [date(2026, 11, 9), *SEMAINE[:1]])):
        inscrire(enfant, *jours)
    for jour in (SEMAINE[0], *SEMAINE[2:]):
        tell(lea, jour)
    for jour, raison in zip(SEMAINE, ["maladie", "maladie", "famille", "famille"], strict=True):
        tell(tom, jour)
        Justification.objects.create(enfant=tom, jour=jour, raison=raison)
    tell(ada, date(2026, 11, 9))
    tell(ada, SEMAINE[0])

    assert sorted(decided(mairie)) == sorted(
        [
            ("Léa", SEMAINE[:1]),
            ("Léa", SEMAINE[2:]),
            ("Tom", SEMAINE[:2]),
            ("Tom", SEMAINE[2:]),
            ("Ada", [date(2026, 11, 9)]),
            ("Ada", SEMAINE[:1]),
        ]
    )


# --- Looking for one --------------------------------------------------------------------------------------------------


def found(client, **typed):
    context = client.post(PAGE, {"chercher": "1", "nom": "", "du": "", "au": "", **typed}).context
    a_juger = [(une.enfant.prenom, [vue.jour.day for vue in une.vues]) for une in context["vues"].dites]
    return a_juger, [(une.enfant.prenom, [jour.jour.day for jour in une.jours]) for une in context["repondues"]]


def test_absences_are_found_by_the_name_of_the_child_and_by_days(mairie, malade, camille):
    eleonore = make_enfant(camille, prenom="Éléonore")
    [ancienne, _] = inscrire(eleonore, date(2026, 9, 8), VENDREDI)
    tell(eleonore, date(2026, 9, 8))
    tell(eleonore, VENDREDI)
    ReponseAbsence.objects.create(
        enfant=eleonore, jour=date(2026, 9, 8), creneau=ancienne.creneau, reponse="excusee", motif="malade",
        repondue_le=datetime(2026, 9, 9, 9, tzinfo=PARIS),
    )  # fmt: skip
    Mois.objects.create(premier=date(2026, 9, 1), echeance=date(2026, 10, 20))
    Mois.objects.create(premier=date(2026, 10, 1), echeance=date(2026, 11, 20))

    assert [une.enfant for une in mairie.get(PAGE).context["repondues"]] == []
    assert found(mairie, nom="eleonore") == ([("Éléonore", [27])], [("Éléonore", [8])])
    assert found(mairie, nom="LEA") == ([("Léa", [19, 20, 23, 24])], [])
    assert found(mairie, du="2026-11-20", au="2026-11-23") == ([("Léa", [20, 23])], [])
    assert found(mairie, du="2026-11-27") == ([("Éléonore", [27])], [])
    assert found(mairie, nom="léa", au="2026-11-27") == ([], [])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Écrivez un nom, ou un jour."),
        ({"du": "2026-11-27", "au": "2026-11-20"}, "La fin vient après le début."),
        ({"du": "hier"}, "Écrivez un jour, par exemple 27/11/2026."),
        ({"nom": "a" * 101}, "100 caractères"),
    ],
)
def test_search_that_is_not_understood_is_said_and_shows_all(mairie, malade, typed, said):
    page = mairie.post(PAGE, {"chercher": "1", "nom": "", "du": "", "au": "", **typed})

    assert said in html_of(page)
    assert page.context["vues"].nombre == 1


def test_search_without_a_result_says_where_other_absences_are(mairie, malade):
    html = html_of(mairie.post(PAGE, {"chercher": "1", "nom": "Personne", "du": "", "au": ""}))

    assert "Aucune absence à juger parmi celles que vous cherchez." in html
    assert "Absences signalées</a>" in html
