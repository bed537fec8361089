"""« Absent », on the page of a family: noted by who takes the call, as a parent tells it, and taken back."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core import mail
from django_tasks_db.models import DBTaskResult

from enfance.cantine.convives import load_releve
from enfance.equipe.feuille import load_feuille
from enfance.famille.absences.ecriture import signaler
from enfance.models import Absence, Appel, Creneau, Fermeture, Garde, Inscription, ListeRepas, Repas, Scolarite
from enfance.planning.fil import load_historique
from enfance.regles import Acteur
from facturation.models import Justification
from portail.dates import PARIS
from portail.groupes import GROUPES, SECRETARIAT
from tests.enfance.mairie.conftest import client_of
from tests.enfance.mairie.familles.pages_lues import RIGHTS, page_of
from tests.factories import ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.grille import make_tarifs
from tests.reading import body_of, html_of, messages_of, plain, words_of

JEUDI, VENDREDI, LUNDI = date(2026, 12, 3), date(2026, 12, 4), date(2026, 12, 7)
MATIN = datetime(2026, 12, 4, 7, 40, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def friday(clock):
    """Friday, 7 h 40: the limit of the day has passed, that of Monday has not."""
    with time_machine.travel(MATIN, tick=False) as traveller:
        yield traveller


@pytest.fixture
def camille(creneaux):
    return ResponsableFactory(
        user__first_name="Camille", user__last_name="Morel", user__email="camille@courriel.example"
    )


@pytest.fixture
def lea(camille):
    return make_enfant(camille, prenom="Léa", sexe="f", date_naissance=date(2018, 1, 1))


@pytest.fixture
def tom(camille):
    return make_enfant(camille, prenom="Tom", sexe="m", date_naissance=date(2020, 1, 1))


def register(enfant, jour, *codes):
    foyer = enfant.responsables.first().foyer
    for code in codes:
        creneau = Creneau.objects.get(code=code)
        Inscription.objects.create(enfant=enfant, jour=jour, creneau=creneau, foyer=foyer)


def note(mairie, camille, *enfants, **data):
    sent = {"noter": "1", "absent": [e.pk for e in enfants], "moment": "", "du": "2026-12-04", "jusqua": ""}
    return mairie.post(page_of(camille.foyer), sent | data, follow=True)


def take_back(mairie, camille, enfant, jour="2026-12-04"):
    return mairie.post(page_of(camille.foyer), {"vient": enfant.pk, "jour": jour}, follow=True)


def run_tasks():
    """The mails of absences that leave, by address."""
    mail.outbox.clear()
    while rows := list(DBTaskResult.objects.filter(status="READY", task_path__contains="absences")):
        for row in rows:
            DBTaskResult.objects.filter(pk=row.pk).update(status="SUCCESSFUL")
            row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
    return {message.to[0]: message for message in mail.outbox}


# --- What the form offers -------------------------------------------------------------------------------------------


def test_form_is_open_with_all_moments_today_and_nobody(mairie, camille, lea, tom):
    html = html_of(mairie.get(page_of(camille.foyer)))
    assert re.findall(r'name="absent" value="\d+"( checked)?', html) == ["", ""]
    assert re.search(r'type="radio" name="moment" value=""[^>]* checked', html)
    assert 'name="du" value="2026-12-04"' in html
    assert html.index("Appeler") < html.index("Noter l’absence") < html.index("Pour cette famille")


def test_only_child_is_ticked(mairie, camille, lea):
    assert re.findall(r'name="absent" value="\d+"( checked)?', html_of(mairie.get(page_of(camille.foyer)))) == [
        " checked"
    ]


def test_form_begins_on_the_next_school_day(agente, camille, lea, friday):
    friday.move_to(datetime(2026, 12, 5, 9, 0, tzinfo=PARIS), tick=False)
    assert 'name="du" value="2026-12-07"' in html_of(client_of(agente).get(page_of(camille.foyer)))


def test_child_who_left_is_not_offered_and_not_noted(mairie, camille, lea, tom):
    register(tom, VENDREDI, "midi")
    Scolarite.objects.filter(enfant=tom).update(depart=date(2026, 12, 1))
    assert f'name="absent" value="{tom.pk}"' not in html_of(mairie.get(page_of(camille.foyer)))
    assert "n’est plus à l’école" in html_of(note(mairie, camille, tom))
    assert Absence.objects.count() == 0


def test_family_without_a_child_at_school_has_no_form(mairie, camille):
    assert "Noter l’absence" not in html_of(mairie.get(page_of(camille.foyer)))
    assert mairie.post(page_of(camille.foyer), {"noter": "1"}).status_code == 403


def test_names_of_four_children_are_told_apart(mairie, camille):
    for n, prenom in enumerate(["Marie-Élisabeth Anne", "Jean-Christophe Henri", "Léa", "Léa"]):
        enfant = make_enfant(camille, prenom=prenom, date_naissance=date(2017 + n, 1, 1))
        Scolarite.objects.filter(enfant=enfant).update(niveau=("CM2", "CE2", "CP", "GS")[n])
    page = words_of(html_of(mairie.get(page_of(camille.foyer))))
    assert "Qui Marie-Élisabeth Anne Jean-Christophe Henri Léa (CP) Léa (Grande section) Moments" in page


# --- Noted ----------------------------------------------------------------------------------------------------------


def test_absence_is_noted_under_the_name_of_the_agent(mairie, agente, camille, lea, tom, journal):
    register(lea, VENDREDI, "midi", "soir")
    register(tom, VENDREDI, "midi")
    response = note(mairie, camille, tom)
    assert response.redirect_chain == [
        (f"{page_of(camille.foyer)}?absent=2026-12-04&jusqua=2026-12-04&enfants={tom.pk}", 302)
    ]
    absence = Absence.objects.get()
    assert (absence.enfant, absence.jour, absence.signalee_par, absence.moments) == (tom, VENDREDI, agente, "midi")
    page = words_of(html_of(response))
    assert "Tom est absent aujourd’hui, midi Noté à 7 h 40, à votre nom." in page
    assert "L’équipe de la garderie : sur la feuille d’appel du midi." in page
    assert "La cantine : « 1 absence annoncée », dans sa liste" in page
    assert "Camille Morel : par e-mail." in page
    assert "Tom vient finalement" in page
    assert [event["child"] for event in journal.events if event["event"] == "absence_told"] == [tom.pk]
    assert Inscription.objects.inscrit().count() == 3  # nothing is cancelled


def test_gate_and_canteen_see_it(mairie, camille, tom):
    register(tom, VENDREDI, "midi")
    liste = ListeRepas.objects.create(debut=VENDREDI, fin=VENDREDI)
    Repas.objects.create(enfant=tom, jour=VENDREDI, liste=liste)
    note(mairie, camille, tom)
    assert [ligne.absence for ligne in load_feuille(VENDREDI, "midi", now=MATIN).lignes] == [True]
    [journee] = load_releve(VENDREDI, VENDREDI, now=MATIN).journees
    assert journee.absents == 1


def test_parents_read_that_the_town_hall_told_it(client, mairie, camille, tom):
    register(tom, VENDREDI, "midi")
    note(mairie, camille, tom)
    [message] = run_tasks().values()
    assert "La mairie a signalé l’absence de Tom" in plain(body_of(message))
    client.force_login(camille.user)
    assert "par la mairie" in words_of(html_of(client.get("/jour/2026-12-04/absences/dites/")))


def test_history_and_journal_say_who_noted_it(mairie, agente, camille, tom):
    register(tom, VENDREDI, "midi")
    note(mairie, camille, tom)
    take_back(mairie, camille, tom)
    [jour], _ = load_historique(None, {tom.pk: "Tom"}, now=MATIN)
    assert [(entree.qui, entree.voie) for entree in jour.entrees] == [(agente.get_full_name(), "mairie")] * 2
    entries = LogEntry.objects.order_by("pk").values_list("user", "change_message")
    assert list(entries) == [
        (agente.pk, "Absence notée pour la famille."),
        (agente.pk, "Absence retirée pour la famille."),
    ]


def test_moment_that_is_chosen_is_noted_alone_and_another_beside_it(mairie, camille, tom):
    register(tom, VENDREDI, "matin", "midi", "soir")
    note(mairie, camille, tom, moment="midi")
    assert Absence.objects.get().moments == "midi"
    note(mairie, camille, tom, moment="soir")
    assert Absence.objects.get().moments == "midi et soir"


def test_several_days_are_told_together_and_those_that_may_be_cancelled_are_said(mairie, camille, lea, tom):
    register(tom, VENDREDI, "midi")
    register(tom, LUNDI, "midi")
    register(lea, VENDREDI, "midi")
    register(lea, LUNDI, "midi")
    note(mairie, camille, lea)
    response = note(mairie, camille, tom, jusqua="2026-12-07")
    page = words_of(html_of(response))
    assert set(Absence.objects.values_list("jour", flat=True)) == {VENDREDI}
    assert "Pas notés, car ils s’annulent encore dans le planning. Lundi 7 : Tom, midi." in page
    assert f'href="/guichet/{camille.foyer_id}/planning/2026-12/"' in html_of(response)


def test_days_past_their_limit_are_noted_and_taken_back_together(agente, camille, lea, tom, friday):
    """Noted on Thursday at 12 h 05, once the limit of Friday has passed. Léa has nothing on Thursday."""
    friday.move_to(datetime(2026, 12, 3, 12, 5, tzinfo=PARIS), tick=False)
    mairie = client_of(agente)
    register(tom, JEUDI, "soir")
    register(tom, VENDREDI, "midi")
    register(lea, VENDREDI, "midi", "soir")
    page = words_of(html_of(note(mairie, camille, tom, lea, du="2026-12-03", jusqua="2026-12-04")))
    dites = {(absence.enfant, absence.jour, absence.moments) for absence in Absence.objects.all()}
    assert dites == {(tom, JEUDI, "soir"), (tom, VENDREDI, "midi"), (lea, VENDREDI, "midi et soir")}
    assert "Jusqu’à vendredi 4 décembre, noté à 12 h 05, à votre nom." in page
    assert "Autres jours d’absence : vendredi 4 décembre." in page
    take_back(mairie, camille, tom, "2026-12-03")
    assert [absence.enfant for absence in Absence.objects.standing()] == [lea]


def test_absence_told_by_the_parent_is_shown_before_anything_is_noted(mairie, camille, lea, tom):
    register(tom, VENDREDI, "midi")
    signaler(Acteur.parent(camille), {tom.pk: ["midi"]}, VENDREDI, now=MATIN - timedelta(minutes=20))
    page = words_of(html_of(mairie.get(page_of(camille.foyer))))
    assert "Tom est absent aujourd’hui, midi Noté à 7 h 20 par Camille Morel." in page
    run_tasks()
    assert "par Camille Morel" in words_of(html_of(note(mairie, camille, tom)))
    assert Absence.objects.count() == 1
    assert run_tasks() == {}  # nothing new to tell
    take_back(mairie, camille, tom)
    assert Absence.objects.standing().count() == 0


def test_noted_twice_is_one_absence_one_mail_and_one_line(mairie, camille, tom):
    register(tom, VENDREDI, "midi")
    for _ in range(2):
        assert "Tom est absent aujourd’hui" in html_of(note(mairie, camille, tom))
    assert (Absence.objects.count(), LogEntry.objects.count(), len(run_tasks())) == (1, 1, 1)


# --- Nothing to note: a sentence, nothing lost ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "phrase"),
    [
        ({}, "Tom : aucun moment réservé, vendredi 4 décembre."),
        ({"moment": "midi"}, "Tom : aucun moment réservé, vendredi 4 décembre."),
        ({"du": "2026-12-09"}, "Tom : mercredi 9 décembre, il n’y a pas école ce jour-là."),
        ({"du": "2026-12-21"}, "Tom : lundi 21 décembre, pas de garderie pendant les congés"),
        ({"du": "2026-12-03"}, "Ce jour est passé"),
        ({"du": "2027-06-03"}, "deux mois à l’avance au plus"),
        ({"du": "demain"}, "Écrivez une date"),
        ({"jusqua": "2026-12-01"}, "La fin est avant le début"),
        ({"jusqua": "2027-01-20"}, "Quinze jours au plus : jusqu’au vendredi 18 décembre."),
        ({"moment": "minuit"}, "Choisissez un moment de la liste."),
        ({"absent": ["x"]}, "n’est pas arrivé tel que la page l’envoie"),
        ({"absent": []}, "Personne n’est coché"),
    ],
)
def test_what_cannot_be_noted_has_its_sentence_and_keeps_the_form(mairie, camille, lea, tom, data, phrase):
    response = note(mairie, camille, tom, **data)
    page = html_of(response)
    assert (response.status_code, response.redirect_chain) == (200, [])
    assert phrase in plain(words_of(page))
    assert "Erreur : " in plain(page)
    assert (f'name="absent" value="{tom.pk}" checked' in page) == ("absent" not in data)
    assert Absence.objects.count() == 0


def test_what_may_still_be_cancelled_is_unticked_instead(mairie, camille, tom):
    register(tom, LUNDI, "midi")
    page = words_of(html_of(note(mairie, camille, tom, du="2026-12-07")))
    assert "Tom : lundi 7 décembre (midi) s’annule encore. Décochez dans le planning" in page


def test_what_has_begun_is_told_to_the_team(mairie, camille, tom, friday):
    friday.move_to(datetime(2026, 12, 4, 7, 55, tzinfo=PARIS), tick=False)
    register(tom, VENDREDI, "matin")
    page = words_of(html_of(note(mairie, camille, tom)))
    assert "Tom : le matin a commencé, l’équipe fait l’appel. Appelez-la." in page


def test_moment_that_has_begun_is_left_to_the_team_and_the_others_are_noted(mairie, camille, tom, friday):
    friday.move_to(datetime(2026, 12, 4, 7, 55, tzinfo=PARIS), tick=False)
    register(tom, VENDREDI, "matin", "midi", "soir")
    note(mairie, camille, tom)
    assert Absence.objects.get().moments == "midi et soir"


def test_closed_day_is_said(mairie, camille, tom):
    register(tom, VENDREDI, "midi")
    Fermeture.objects.create(debut=VENDREDI, fin=VENDREDI, motif="grève")
    page = words_of(html_of(note(mairie, camille, tom)))
    assert "Tom : vendredi 4 décembre, garderie fermée (grève)." in page
    assert Absence.objects.count() == 0


def test_day_of_the_other_home_is_neither_noted_nor_taken_back(mairie, camille, tom):
    ines = ResponsableFactory(user__last_name="Muñoz")
    Garde.objects.filter(enfant=tom).delete()
    Garde.objects.create(enfant=tom, foyer=ines.foyer)
    Inscription.objects.create(enfant=tom, jour=VENDREDI, creneau=Creneau.objects.get(code="midi"), foyer=ines.foyer)
    page = words_of(html_of(note(mairie, camille, tom)))
    assert f"Tom : vendredi 4 décembre, {ines.foyer}. Notez-le sur la page de ce foyer." in plain(page)
    Absence.objects.create(enfant=tom, jour=VENDREDI)
    assert "rien n’a changé" in plain(" ".join(messages_of(take_back(mairie, camille, tom))))
    assert Absence.objects.standing().count() == 1


def test_day_without_custody_is_said(mairie, camille, tom):
    register(tom, VENDREDI, "midi")
    Garde.objects.filter(enfant=tom).update(fin=date(2026, 11, 30))
    page = words_of(html_of(note(mairie, camille, tom)))
    assert "Tom : aucun foyer n’a la garde, vendredi 4 décembre. Notez d’abord la garde." in page


def test_who_is_not_awaited_is_said_beside_who_is(mairie, camille, lea, tom):
    register(tom, VENDREDI, "midi")
    response = note(mairie, camille, lea, tom)
    assert Absence.objects.get().enfant == tom
    assert "Léa : aucun moment réservé, vendredi 4 décembre. Rien à noter." in plain(" ".join(messages_of(response)))


# --- Why ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def billed(creneaux):
    """A tariff bills who is registered: why is asked."""
    make_tarifs()


def test_reason_is_asked_from_the_list_of_parents_and_not_said_by_default(mairie, camille, lea, billed):
    html = html_of(mairie.get(page_of(camille.foyer)))
    assert '<option value="" selected>Ne pas dire</option>' in html
    assert '<option value="maladie">Maladie</option>' in html


def test_reason_is_kept_told_and_goes_with_the_absence(mairie, agente, camille, tom, billed):
    register(tom, VENDREDI, "midi")
    response = note(mairie, camille, tom, raison="maladie")
    assert Justification.objects.get().dite_par == agente
    assert "Noté à 7 h 40, à votre nom. Raison : maladie." in words_of(html_of(response))
    take_back(mairie, camille, tom)
    assert Justification.objects.count() == 0


def test_reason_is_added_to_what_the_parent_told(mairie, camille, tom, billed):
    register(tom, VENDREDI, "midi")
    signaler(Acteur.parent(camille), {tom.pk: ["midi"]}, VENDREDI, now=MATIN)
    note(mairie, camille, tom, raison="maladie")
    assert Justification.objects.get().raison == "maladie"


# --- Taken back -----------------------------------------------------------------------------------------------------


def test_child_who_comes_after_all_is_awaited(mairie, agente, camille, tom):
    register(tom, VENDREDI, "midi")
    note(mairie, camille, tom)
    run_tasks()
    response = take_back(mairie, camille, tom)
    assert "Tom vient finalement, vendredi 4 décembre" in plain(" ".join(messages_of(response)))
    assert Absence.objects.get().retiree_par == agente
    assert [ligne.absence for ligne in load_feuille(VENDREDI, "midi", now=MATIN).lignes] == [False]
    [message] = run_tasks().values()
    assert "La mairie a retiré l’absence de Tom" in plain(body_of(message))
    assert "rien n’a changé" in plain(" ".join(messages_of(take_back(mairie, camille, tom))))


def test_absence_stays_once_the_sheet_is_closed(mairie, camille, tom, friday):
    register(tom, VENDREDI, "midi")
    note(mairie, camille, tom)
    friday.move_to(MATIN + timedelta(hours=5), tick=False)
    Appel.objects.create(jour=VENDREDI, creneau=Creneau.objects.get(code="midi"), clos_le=MATIN + timedelta(hours=4))
    assert "Tom vient finalement" not in html_of(mairie.get(page_of(camille.foyer)))
    take_back(mairie, camille, tom)
    assert Absence.objects.standing().count() == 1


@pytest.mark.parametrize("data", [{"vient": "x", "jour": "2026-12-04"}, {"vient": "1"}, {"vient": "", "jour": ""}])
def test_forged_return_changes_nothing(mairie, camille, tom, data):
    assert len(messages_of(mairie.post(page_of(camille.foyer), data, follow=True))) == 1


@pytest.mark.parametrize("query", ["?absent=demain", "?absent=0001-01-01", "?absent=9999-12-31&jusqua=9999-12-31"])
def test_address_that_means_nothing_shows_the_page(mairie, camille, lea, query):
    assert mairie.get(f"{page_of(camille.foyer)}{query}").context["qui_sait"] is None


# --- Who may --------------------------------------------------------------------------------------------------------


def test_absence_is_noted_by_who_may_and_nobody_else(agent_with, camille, tom):
    register(tom, VENDREDI, "midi")
    browser = agent_with(*RIGHTS, "change_inscription")
    assert "Noter l’absence" not in html_of(browser.get(page_of(camille.foyer)))
    for data in ({"noter": "1", "absent": tom.pk}, {"vient": tom.pk, "jour": "2026-12-04"}):
        assert browser.post(page_of(camille.foyer), data).status_code == 403
    assert Absence.objects.count() == 0


def test_only_the_secretariat_notes_absences():
    assert [nom for nom, droits in GROUPES.items() if "add" in droits.get("enfance.absence", "")] == [SECRETARIAT]


def test_page_with_absences_costs_the_same_for_one_child_and_three(mairie, camille, tom, django_assert_num_queries):
    page = page_of(camille.foyer)
    for _ in range(2):
        register(tom, VENDREDI, "midi")
        note(mairie, camille, tom)
        mairie.get(page)
        with django_assert_num_queries(50):
            mairie.get(page)
        for prenom in ("Ana", "Bo"):
            autre = make_enfant(camille, prenom=prenom)
            register(autre, VENDREDI, "midi")
            note(mairie, camille, autre)
        tom = make_enfant(camille, prenom="Max")


def test_parent_has_no_such_page(client, camille, lea):
    client.force_login(camille.user)
    assert client.post(page_of(camille.foyer), {"noter": "1", "absent": lea.pk}).status_code in {302, 403, 404}
    assert (Absence.objects.count(), StaffFactory._meta.model.objects.count()) == (0, 1)
