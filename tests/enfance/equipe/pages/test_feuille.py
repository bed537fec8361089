"""The way in and the sheet: what it shows, what its form keeps, what it costs."""

from __future__ import annotations

import gzip
from datetime import date, timedelta

import pytest

from enfance.equipe.pointages import enregistrer
from enfance.models import Absence, AnneeScolaire, Geste, PersonneAutorisee
from tests.enfance import gate
from tests.enfance.equipe.pages.conftest import JOUR, PAGE, logged_in, send
from tests.enfance.gate import JEUDI, NOW, at, inscrire, state
from tests.factories import ResponsableFactory, StaffFactory, make_enfant

KB = 1024


# --- The way in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "to"),
    [(NOW, JOUR), (NOW - timedelta(days=1), JOUR), (NOW + timedelta(days=2), "/equipe/2026-12-14/")],
)
def test_equipe_leads_to_the_next_sheet(time_machine, today, to):
    time_machine.move_to(today, tick=False)
    assert logged_in("Équipe").get("/equipe/")["Location"] == to


def test_equipe_says_that_no_year_is_ready(equipe):
    AnneeScolaire.objects.update(fin=NOW.date() - timedelta(days=1))
    assert "La mairie n’a pas encore préparé l’année scolaire suivante" in equipe.get("/equipe/").text


@pytest.mark.parametrize("path", ["/equipe/2031-12-11/", "/equipe/2026-12-10/?creneau=nuit", "/equipe/2026-12-32/"])
def test_sheet_that_does_not_exist_is_404(equipe, path):
    assert equipe.get(path).status_code == 404


@pytest.mark.parametrize("path", ["", "imprimer/", "imprimer/?semaine=1"])
def test_day_without_school_is_said(equipe, path):
    html = equipe.get(f"/equipe/2026-10-22/{path}").text
    assert "Pas de garderie" in html
    assert 'type="checkbox"' not in html


# --- The sheet --------------------------------------------------------------------------------------------------------


def test_sheet_names_its_boxes_and_what_to_know(equipe, lea):
    lea.pai, lea.consigne = True, "Allergie aux noix."
    lea.save()
    PersonneAutorisee.objects.create(enfant=lea, nom="Odile Morel", lien="tante")
    PersonneAutorisee.objects.create(enfant=lea, nom="Claude Interdit", interdite=True)
    Absence.objects.create(enfant=lea, jour=JEUDI)
    html = equipe.get(PAGE).text
    for text in (
        "Léa Morel, présent", "Léa Morel, parti", "Peut repartir avec Odile Morel (tante)",
        "Ne pas remettre à Claude Interdit", "PAI\u00a0: voir la fiche", "Absence signalée",
    ):  # fmt: skip
        assert text in html, text
    assert "noix" not in html


def test_sheet_to_come_has_no_box_to_tick(equipe, lea):
    inscrire(lea, jour=date(2026, 12, 11))
    html = equipe.get("/equipe/2026-12-11/?creneau=soir").text
    assert "Cette feuille s’ouvrira vendredi 11\u00a0décembre" in html
    assert html.count("disabled") == 2
    assert "Enregistrer l’appel" not in html


def test_ticks_of_the_form_are_kept(equipe, lea):
    tom = make_enfant(prenom="Tom")
    inscrire(tom)
    response = equipe.post(PAGE, {"creneau": "soir", "avant": "", "present": [lea.pk, tom.pk], "parti": tom.pk})
    assert (response.status_code, response["Location"]) == (303, f"{PAGE}&remis={tom.pk}#suite")
    assert (state(lea), state(tom)) == ((True, NOW, None), (True, NOW, NOW))
    assert "Dernier pointage reçu à 17\u00a0h" in equipe.get(PAGE).text


def test_form_opened_before_another_phone_ticked_undoes_nothing(equipe, lea):
    """Tom is ticked on the other phone since: not being ticked here says nothing of him."""
    tom = make_enfant(prenom="Tom")
    inscrire(tom)
    enregistrer([gate.tap(tom, a=at(16, 50))], JEUDI, "soir", StaffFactory(), now=at(16, 50))
    send(equipe, avant="", present=lea.pk)
    assert (state(lea)[0], state(tom)) == (True, (True, at(16, 50), None))


def test_form_unticks_what_it_showed_as_ticked(equipe, lea):
    enregistrer([gate.tap(lea, a=at(16, 50))], JEUDI, "soir", StaffFactory(), now=at(16, 50))
    send(equipe, avant=f"{lea.pk}:present")
    assert state(lea) == (False, None, None)


def test_sheet_names_who_is_not_ticked_before_it_is_closed(equipe, lea):
    html = equipe.get(PAGE).text
    assert ">À l’ouverture de cette page</span>\u00a0: <span data-absents>Léa Morel</span>. Ensuite," in html


@pytest.mark.parametrize("jour", ["2026-12-11", "2026-12-09", "2000-01-03"])
def test_sheet_of_a_day_that_has_none_is_not_closed(equipe, jour):
    assert equipe.post(f"/equipe/{jour}/", {"creneau": "soir", "avant": "", "terminer": "1"}).status_code == 404


@pytest.mark.parametrize("pk", ["9" * 23, "0" * 19 + "1" + "9" * 5000])
def test_key_beyond_any_is_404(equipe, pk):
    assert equipe.get(f"/equipe/2026-12-10/enfants/{pk[:23]}/").status_code == 404
    assert equipe.post(PAGE, {"creneau": "soir", "avant": "", "present": pk}).status_code == 404


def test_form_sent_twice_changes_nothing_more(equipe, lea):
    for _ in range(2):
        send(equipe, avant="", present=lea.pk)
    assert state(lea) == (True, NOW, None)


@pytest.mark.parametrize(
    "data",
    [
        {"avant": "x:present"}, {"avant": "1:arrive"}, {"avant": "1"}, {"avant": "²:present"}, {"present": "0"},
        {"present": "x"}, {"parti": "9" * 30}, {"creneau": "nuit"}, {"motif": "x" * 201},
    ],
)  # fmt: skip
def test_form_that_no_page_has_is_404(equipe, data):
    assert equipe.post(PAGE, {"creneau": "soir", **data}).status_code == 404
    assert not Geste.objects.exists()


def test_child_of_another_school_is_refused_with_a_sentence(equipe):
    assert "Cet enfant n’est pas à l’école ce jour-là." in send(equipe, present="987654321")


@pytest.mark.parametrize("n", [1, 3, 80])
def test_sheet_costs_11_queries_and_15_kb(equipe, django_assert_num_queries, n):
    camille = ResponsableFactory(telephone="06 39 98 00 01")
    enfants = [make_enfant(camille, prenom=f"Prénom {rang}", nom=f"Nom-de-famille {rang}") for rang in range(n)]
    for rang, enfant in enumerate(enfants):
        inscrire(enfant)
        PersonneAutorisee.objects.create(enfant=enfant, nom=f"Odile Morel {rang}", lien="grand-mère")
    taps = [gate.tap(enfant, quoi) for enfant in enfants[::2] for quoi in ("present", "parti")]
    enregistrer(taps, JEUDI, "soir", StaffFactory(), now=NOW)
    equipe.get(PAGE)
    with django_assert_num_queries(11):
        html = equipe.get(PAGE).content
    assert html.count(b'name="present"') == n
    assert len(gzip.compress(html, 9)) <= 15 * KB


# --- Who has just been added ------------------------------------------------------------------------------------------


def test_child_who_has_just_been_added_is_named_under_its_line(equipe, lea):
    tom = make_enfant(prenom="Tom")
    response = equipe.post(PAGE, {"creneau": "soir", "avant": "", "ajout": "1", "present": tom.pk})
    assert response["Location"] == f"{PAGE}&ajoute={tom.pk}"
    response = equipe.get(response["Location"])
    assert "Noté présent, sans inscription\u00a0: <b>Tom Morel, CE1</b>." in response.text
    assert "X-Feuille-Du-Jour" not in response.headers
    for page in (PAGE, f"{PAGE}&ajoute={lea.pk}", f"{PAGE}&ajoute=<b>"):
        assert "Noté présent" not in equipe.get(page).text


def test_child_who_cannot_be_added_is_refused_with_a_sentence(equipe):
    assert "Cet enfant n’est pas à l’école ce jour-là." in send(equipe, ajout="1", present="987654321")
