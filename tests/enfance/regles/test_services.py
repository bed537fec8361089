"""Lunch in two services, two créneaux of the same moment: the meal goes with the one where the child has a place."""

from datetime import time

import pytest

from enfance.inscriptions import lots
from enfance.models import Inscription
from enfance.regles import Action, Cle, Ecart, ecart, obstacles_for
from tests.enfance.situations import JOUR_MEME, LUNDI_7, SOIR, changed, codes, make_situation, paris

PREMIER = changed(
    SOIR, pk=2, code="midi", moment="midi", debut=time(11, 30), fin=time(12, 30), delai_inscription=JOUR_MEME
)
SECOND = changed(PREMIER, pk=4, code="midi-2", debut=time(12, 30), fin=time(13, 30), places=1)
MIDI, MIDI_2 = Cle(1, LUNDI_7, "midi"), Cle(1, LUNDI_7, "midi-2")


def at(*inscrits, mange=True, **champs):
    creneaux = {creneau.code: creneau for creneau in (PREMIER, SECOND, SOIR)}
    inscriptions = {cle: Inscription(enfant_id=1, jour=LUNDI_7, etat="inscrit") for cle in inscrits}
    repas = frozenset({(1, LUNDI_7)} if mange else ())
    return make_situation(creneaux=creneaux, inscriptions=inscriptions, repas=repas, **champs)


def test_only_place_of_a_child_who_eats_is_kept():
    assert codes(at(MIDI_2), MIDI_2, Action.ANNULER) == ["repas"]
    assert codes(at(MIDI_2, mange=False), MIDI_2, Action.ANNULER) == []


def test_either_of_two_places_may_be_given_up():
    situation = at(MIDI, MIDI_2)
    assert codes(situation, MIDI, Action.ANNULER) == codes(situation, MIDI_2, Action.ANNULER) == []


@pytest.mark.parametrize("cle", [MIDI, MIDI_2])
def test_meal_agrees_with_whichever_service_the_child_has(cle):
    assert at(cle).cle_midi(1, LUNDI_7) == cle
    assert ecart(at(cle), 1, LUNDI_7) is None
    assert ecart(at(), 1, LUNDI_7) is Ecart.SANS_MIDI


@pytest.mark.parametrize(("ailleurs", "passe"), [((), True), ((MIDI,), False)])
def test_meal_excuses_limit_and_places_of_who_has_no_lunch_break_alone(ailleurs, passe):
    tard = {"now": paris(2026, 12, 7, 11), "occupation": {(LUNDI_7, 4): 1}}
    obstacles = obstacles_for(at(*ailleurs, **tard), MIDI_2, Action.INSCRIRE)
    assert [(o.code, o.repas) for o in obstacles] == [("limite", passe), ("complet", passe)]


def test_lunch_break_left_for_another_is_decided_last():
    soir = Cle(1, LUNDI_7, "soir")
    voulus = {MIDI: Inscription.Etat.ANNULEE, MIDI_2: Inscription.Etat.INSCRIT, soir: Inscription.Etat.ANNULEE}
    assert [list(lot) for lot in lots(at(MIDI), voulus)] == [[soir], [MIDI_2], [MIDI]]
    assert [list(lot) for lot in lots(at(MIDI, mange=False), voulus)] == [[MIDI, soir], [MIDI_2]]
    deux = dict.fromkeys([MIDI, MIDI_2], Inscription.Etat.ANNULEE)
    assert [list(lot) for lot in lots(at(MIDI, MIDI_2), deux)] == [[MIDI], [], [MIDI_2]]
