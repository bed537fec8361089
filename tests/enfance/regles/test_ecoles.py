"""Two schools: what each holds, what a closure of one leaves to the other, the lunch break of a meal."""

from datetime import date, time

import pytest

from enfance.models import Inscription, Scolarite
from enfance.regles import Action, Cle, Ecart, FermetureVue, ListeVue, ecart, obstacles_for
from tests.enfance.annees import ANNEE_2026
from tests.enfance.situations import JOUR_MEME, LUNDI_7, MATIN, SOIR, changed, codes, make_situation

BOURG, HAMEAU = 1, 2
MIDI = changed(
    SOIR, pk=2, code="midi", moment="midi", debut=time(11, 30), fin=time(13, 30), delai_inscription=JOUR_MEME
)
MIDI_HAMEAU = changed(MIDI, pk=7, code="midi-hameau", debut=time(12), fin=time(13, 30))
SOIR_HAMEAU = changed(SOIR, pk=8, code="soir-hameau")
CRENEAUX = {c.code: c for c in (MATIN, MIDI, MIDI_HAMEAU, SOIR, SOIR_HAMEAU)}
TENUES = {2: {BOURG}, 7: {HAMEAU}, 3: {BOURG}, 8: {HAMEAU}}
CHANGE = date(2026, 12, 8)
MARDI_8 = CHANGE


def at(*places, **champs):
    defauts = {
        "creneaux": CRENEAUX,
        "tenues": {pk: frozenset(ecoles) for pk, ecoles in TENUES.items()},
        "scolarites": {(1, ANNEE_2026.debut): places},
    }
    return make_situation(**(defauts | champs))


def place(ecole, **champs):
    return Scolarite(enfant_id=1, ecole_id=ecole, **champs)


MOVES = (place(BOURG, depart=CHANGE), place(HAMEAU, debut=CHANGE))


@pytest.mark.parametrize(
    ("ecole", "code", "attendu"),
    [
        (BOURG, "soir", []),
        (BOURG, "soir-hameau", ["creneau"]),
        (HAMEAU, "soir", ["creneau"]),
        (HAMEAU, "soir-hameau", []),
        (HAMEAU, "matin", []),  # held by all
    ],
)
def test_only_the_creneaux_of_its_school_are_open_to_a_child(ecole, code, attendu):
    assert codes(at(place(ecole)), Cle(1, LUNDI_7, code)) == attendu


def test_the_others_say_why():
    [obstacle] = obstacles_for(at(place(HAMEAU)), Cle(1, LUNDI_7, "soir"), Action.INSCRIRE)
    assert obstacle.message == "ce moment de garderie n’est pas celui de son école."


def test_child_who_changes_school_has_the_creneaux_of_each_in_its_time():
    situation = at(*MOVES)

    assert [situation.scolarite(1, jour).ecole_id for jour in (LUNDI_7, MARDI_8)] == [BOURG, HAMEAU]
    assert codes(situation, Cle(1, LUNDI_7, "soir")) == codes(situation, Cle(1, MARDI_8, "soir-hameau")) == []
    assert codes(situation, Cle(1, LUNDI_7, "soir-hameau")) == codes(situation, Cle(1, MARDI_8, "soir")) == ["creneau"]


@pytest.mark.parametrize(("ecole", "attendu"), [(BOURG, ["fermeture"]), (HAMEAU, [])])
def test_strike_at_one_school_closes_that_one(ecole, attendu):
    greve = FermetureVue(LUNDI_7, LUNDI_7, "grève", ecoles=frozenset({BOURG}))
    assert codes(at(place(ecole), fermetures=(greve,)), Cle(1, LUNDI_7, "matin")) == attendu


@pytest.mark.parametrize(("ecole", "code"), [(BOURG, "midi"), (HAMEAU, "midi-hameau")])
def test_meal_goes_with_the_lunch_break_of_the_childs_school(ecole, code):
    situation = at(place(ecole), repas=frozenset({(1, LUNDI_7)}))

    assert situation.cle_midi(1, LUNDI_7) == Cle(1, LUNDI_7, code)
    assert ecart(situation, 1, LUNDI_7) is Ecart.SANS_MIDI


def test_meal_where_no_lunch_break_is_held_is_no_mismatch():
    situation = at(place(3), repas=frozenset({(1, LUNDI_7)}))

    assert codes(situation, situation.cle_midi(1, LUNDI_7)) == ["creneau"]
    assert ecart(situation, 1, LUNDI_7) is None


@pytest.mark.parametrize(("ecole", "attendu"), [(BOURG, Ecart.SANS_REPAS), (HAMEAU, None)])
def test_list_of_one_school_says_nothing_of_the_others(ecole, attendu):
    code = "midi" if ecole == BOURG else "midi-hameau"
    inscrit = Inscription(enfant_id=1, jour=LUNDI_7, creneau=CRENEAUX[code], etat="inscrit")
    situation = at(
        place(ecole),
        inscriptions={Cle(1, LUNDI_7, code): inscrit},
        listes_repas=(ListeVue(LUNDI_7, LUNDI_7, frozenset({BOURG})),),
    )

    assert ecart(situation, 1, LUNDI_7) is attendu
