"""A sheet closed, corrected, opened again."""

from __future__ import annotations

import pytest

from enfance.models import Appel, Geste
from tests.enfance.equipe.pages.conftest import PAGE, close, send
from tests.enfance.gate import inscrire, state
from tests.factories import ResponsableFactory, make_enfant


def test_appel_termine_keeps_the_ticks_then_closes(equipe, lea, journal):
    tom = make_enfant(prenom="Tom")
    inscrire(tom)
    html = send(equipe, avant="", present=lea.pk, parti=lea.pk, terminer="1")
    assert state(lea)[0]
    assert "Appel terminé Jeudi 10\u00a0décembre à 17\u00a0h, par Alix Durand." in html
    assert Appel.objects.get().clos_par.first_name == "Alix"
    assert [(e["event"], e["day"]) for e in journal.events if e["event"].startswith("sheet")] == [
        ("sheet_closed", "2026-12-10")
    ]


def test_children_who_are_still_there_are_named_before_the_sheet_is_closed(equipe, lea):
    tom = make_enfant(prenom="Tom")
    inscrire(tom)
    ticked = {"creneau": "soir", "avant": "", "present": [lea.pk, tom.pk], "parti": tom.pk}
    response = equipe.post(PAGE, {**ticked, "terminer": "1"})
    assert (response.status_code, response["Location"]) == (303, f"{PAGE}&clore=1#clore")
    assert (state(lea)[0], state(tom)[0], Appel.objects.count()) == (True, True, 0)
    response = equipe.get(f"{PAGE}&clore=1")
    assert "Encore là\u00a0: <b data-encore-noms>Léa Morel</b>" in response.text
    assert f'name="encore" value="{lea.pk} "' in response.text
    assert ">Appel terminé<" not in response.text
    assert "X-Feuille-Du-Jour" not in response.headers
    send(equipe, avant=f"{lea.pk}:present", present=lea.pk, encore=f"{lea.pk} ", terminer="1")
    assert Appel.objects.clos().count() == 1


def test_question_is_asked_again_when_somebody_else_is_there_since(equipe, lea):
    tom = make_enfant(prenom="Tom")
    inscrire(tom)
    send(equipe, avant="", present=[lea.pk, tom.pk])
    html = send(equipe, avant=f"{lea.pk}:present", present=lea.pk, encore=lea.pk, terminer="1")
    assert "Encore là\u00a0: Léa Morel et Tom Morel" in html
    assert not Appel.objects.exists()


def test_nothing_is_asked_once_everybody_is_gone(equipe, lea):
    send(equipe, avant="", present=lea.pk, parti=lea.pk)
    assert 'id="clore"' not in equipe.get(f"{PAGE}&clore=1").text
    send(equipe, avant=f"{lea.pk}:present {lea.pk}:parti", present=lea.pk, parti=lea.pk, terminer="1")
    assert Appel.objects.clos().count() == 1


@pytest.mark.parametrize("encore", ["x", "0", "12:present", "9" * 30])
def test_answer_that_names_nobody_is_404(equipe, lea, encore):
    assert equipe.post(PAGE, {"creneau": "soir", "avant": "", "encore": encore, "terminer": "1"}).status_code == 404


def test_closed_sheet_is_read_only_for_the_team(equipe, lea):
    close()
    html = equipe.get(PAGE).text
    assert html.count("disabled") == 2
    assert "Corriger cette feuille" not in html
    assert "L’appel est terminé depuis jeudi 10\u00a0décembre à 16\u00a0h\u00a059" in send(equipe, present=lea.pk)
    assert state(lea) == (False, None, None)


@pytest.mark.parametrize("bouton", ["corriger", "rouvrir"])
def test_team_corrects_nothing(equipe, lea, bouton):
    close()
    assert "Rien n’est changé." in send(equipe, present=lea.pk, motif="Oubli", **{bouton: "1"})
    assert (state(lea)[0], Appel.objects.clos().count()) == (False, 1)


@pytest.mark.parametrize("bouton", ["corriger", "rouvrir"])
def test_town_hall_gives_a_reason(mairie, lea, bouton):
    close()
    assert "Dites pourquoi" in send(mairie, present=lea.pk, motif="  ", **{bouton: "1"})
    assert (state(lea)[0], Appel.objects.clos().count()) == (False, 1)


@pytest.mark.parametrize("bouton", ["corriger", "rouvrir"])
def test_reason_with_a_sign_that_shows_nothing_changes_nothing(mairie, lea, bouton):  # VAL-09
    close()
    html = send(mairie, present=lea.pk, motif="Oubli\u202e", **{bouton: "1"})
    assert "Cette ligne contient un signe invisible\u00a0: effacez-la et retapez-la. Rien n’est changé." in html
    assert (state(lea)[0], Appel.objects.clos().count()) == (False, 1)


def test_town_hall_corrects_a_closed_sheet_with_a_trace(mairie, lea, journal):
    close()
    send(mairie, present=lea.pk, motif="Oubliée dans la cour", corriger="1")
    assert (state(lea), Appel.objects.clos().count()) == ((True, None, None), 1)  # nobody wrote the hour
    assert Geste.objects.get().motif == "Oubliée dans la cour"
    assert [(e["event"], e["count"]) for e in journal.events if e["event"].startswith("sheet")] == [
        ("sheet_corrected", 1)
    ]


def test_town_hall_opens_a_sheet_again(mairie, equipe, lea, journal):
    close()
    send(mairie, motif="Terminé trop tôt", rouvrir="1")
    assert Appel.objects.get().motif == "Terminé trop tôt"
    assert [e["event"] for e in journal.events if e["event"].startswith("sheet")] == ["sheet_reopened"]
    send(equipe, avant="", present=lea.pk)
    assert state(lea)[0]


def test_children_who_did_not_leave_are_named_once_the_sheet_is_closed_with_two_numbers(equipe):
    adultes = [ResponsableFactory(user__first_name=nom, telephone=f"06 39 98 00 0{n}") for n, nom in enumerate("ABC")]
    lea = make_enfant(*adultes)
    inscrire(lea)
    send(equipe, present=lea.pk)
    html = send(equipe, avant=f"{lea.pk}:present", present=lea.pk, encore=lea.pk, terminer="1")
    assert "1\u00a0enfant non reparti" in html
    assert "Léa Morel CE1. Arrivée à 17\u00a0h, départ non noté." in html
    html = equipe.get(PAGE).text
    assert [n for n in range(3) if f'class="btn btn--2 tel" href="tel:+3363998000{n}"' in html] == [0, 1]
    assert 'href="/equipe/2026-12-10/presents/?creneau=soir"' in html
