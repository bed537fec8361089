"""How many adults there are, as a phone says it or as a button of the form does."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from enfance.models import AdultesPresents, AnneeScolaire, Geste
from tests.enfance.equipe.pages.conftest import JOUR, PAGE, close, send
from tests.enfance.gate import NOW, at, state

POINTAGE = f"{JOUR}pointage/"


def adultes(nombre, *, a=NOW, **fields):
    return {
        "id": str(uuid4()),
        "enfant": "",
        "quoi": "adultes",
        "coche": nombre,
        "a": a.isoformat(),
        "creneau": "soir",
    } | fields


def test_number_comes_with_the_taps_and_counts_once(equipe, lea):
    data = adultes(2)
    both = {name: [value, value] for name, value in data.items() if name != "creneau"} | {"creneau": "soir"}
    both |= {"id": [data["id"], str(uuid4())], "enfant": ["", lea.pk], "quoi": ["adultes", "present"], "coche": [2, 1]}
    for _ in range(2):
        answer = equipe.post(POINTAGE, both).json()
        assert ({*answer["recus"]}, answer["refus"]) == ({*both["id"]}, [])
    assert (answer["etat"]["adultes"], state(lea)[0]) == (2, True)
    assert (AdultesPresents.objects.count(), Geste.objects.count()) == (1, 1)
    assert AdultesPresents.objects.get().auteur == equipe.agent


def test_number_said_before_another_does_not_take_its_place(equipe):
    for nombre, minute in ((3, 50), (1, 45)):
        answer = equipe.post(POINTAGE, adultes(nombre, a=at(16, minute))).json()
    assert answer["etat"]["adultes"] == 3


@pytest.mark.parametrize(
    "fields", [{"coche": "-1"}, {"coche": "100"}, {"coche": ""}, {"enfant": ["", ""]}, {"id": "x"}]
)
def test_number_that_no_page_sends_is_refused(equipe, fields):
    assert equipe.post(POINTAGE, adultes(2, **fields)).status_code == 400
    assert not AdultesPresents.objects.exists()


def test_number_said_before_the_sheet_was_closed_is_taken_and_after_it_is_not(equipe):
    close()
    answer = equipe.post(POINTAGE, adultes(4, a=NOW - timedelta(minutes=5))).json()
    assert (answer["refus"], answer["etat"]["adultes"]) == ([], 4)
    [refus] = equipe.post(POINTAGE, adultes(5)).json()["refus"]
    assert "L’appel est terminé" in refus["phrase"]


def test_number_of_another_day_is_refused(equipe):
    [refus] = equipe.post("/equipe/2026-12-11/pointage/", adultes(2)).json()["refus"]
    assert "elle s’ouvrira ce jour-là" in refus["phrase"]


@pytest.mark.parametrize(
    ("declaree", "classe", "repere"), [(True, "encadrement--manque", False), (False, "encadrement--repere", True)]
)
def test_short_is_a_rule_or_a_mark(equipe, lea, declaree, classe, repere):
    AnneeScolaire.objects.update(declaree=declaree)
    send(equipe, present=lea.pk)
    html = equipe.get(PAGE).text
    assert "Il faut 1\u00a0adulte pour 1\u00a0enfant" in html
    send(equipe, avant=f"{lea.pk}:present", present=lea.pk, adultes="0")
    html = equipe.get(PAGE).text
    assert "Il manque 1\u00a0adulte pour 1\u00a0enfant" in html
    assert classe in html
    assert ("Repère\u00a0:" in html, "c’est un repère, pas une règle" in html) == (repere, repere)


def test_button_of_the_form_keeps_the_ticks_with_the_number(equipe, lea):
    send(equipe, present=lea.pk, adultes="1")
    html = equipe.get(PAGE).text
    assert (state(lea)[0], AdultesPresents.objects.get().nombre) == (True, 1)
    assert "Assez d’adultes pour 1\u00a0enfant" in html
    assert ('name="adultes" value="0"' in html, 'name="adultes" value="2"' in html) == (True, True)


@pytest.mark.parametrize("adultes", ["x", "-1", "100"])
def test_button_that_no_page_has_is_404(equipe, adultes):
    assert equipe.post(PAGE, {"creneau": "soir", "avant": "", "adultes": adultes}).status_code == 404


def test_device_learns_the_band_of_a_child_and_not_its_birth(equipe, lea):
    html = equipe.get(PAGE).text
    assert 'data-tranche="plus6"' in html
    assert str(lea.date_naissance.year) not in html
    assert lea.date_naissance.strftime("%d/%m/%Y") not in html


def test_closed_sheet_counts_no_adult_any_more(equipe, lea):
    close()
    assert 'name="adultes"' not in equipe.get(PAGE).text
