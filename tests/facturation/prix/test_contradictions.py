"""A shape that says two things is refused in words; one that says one is not."""

from datetime import date

import pytest

from facturation.prix.contradictions import contradictions_of, contradictions_of_plafond
from facturation.prix.tarifs import LigneGrille, PlafondVote
from tests.facturation.bareme import MATIN, MIDI, SOIR, midi, soir_tranche, tarif

MOMENTS = [(MATIN, "matin"), (MIDI, "midi"), (SOIR, "soir")]
PREMIERE = (LigneGrille("commune", 0, None, 1, prix=100, premiere=150),)
EN_PLUS = (LigneGrille("commune", 0, None, 1, prix=3000, seance=700),)


@pytest.mark.parametrize(
    "grille",
    [
        midi(80),
        soir_tranche(65, tolerance=29, lignes=PREMIERE),
        tarif(SOIR, unite="forfait", jours=2, prorata=True, lignes=EN_PLUS),
        tarif(MIDI, axe="enfants"),
    ],
)
def test_shapes_that_hold(grille):
    assert contradictions_of(grille) == []


@pytest.mark.parametrize(
    ("grille", "champ"),
    [
        (soir_tranche(65, tolerance=30), "tolerance"),
        (midi(80, tolerance=5), "tolerance"),
        (tarif(SOIR, unite="forfait", lignes=EN_PLUS), "jours"),
        (tarif(SOIR, unite="forfait", jours=7, lignes=EN_PLUS), "jours"),
        (midi(80, jours=2), "jours"),
        (midi(80, prorata=True), "prorata"),
        (soir_tranche(65, par_jour=True), "par_jour"),
        (midi(80, axe="enfants", fratrie=True), "axe"),
        (midi(80, lignes=PREMIERE), ""),
        (midi(80, lignes=EN_PLUS), ""),
        (tarif(SOIR, unite="forfait", jours=2), ""),
        (midi(80, lignes=[LigneGrille("commune", 0, None, 13, prix=1)]), ""),
    ],
)
def test_each_shape_that_says_two_things_is_refused_at_its_field(grille, champ):
    assert [dite.champ for dite in contradictions_of(grille)] == [champ]


def plafond(montant, **champs):
    return PlafondVote(**{"cle": 1, "montant": montant, "periode": "jour", "debut": date(2026, 9, 1), **champs})


@pytest.mark.parametrize(
    ("vote", "voulu", "champs"),
    [
        (plafond(400), False, []),
        (plafond(299), False, ["voulu"]),
        (plafond(299), True, []),
        (plafond(299, moment="midi"), False, []),
        (plafond(0), False, ["montant"]),
        (plafond(400, fin=date(2026, 8, 31)), False, ["fin"]),
        (plafond(400, periode="mois", debut=date(2026, 9, 2)), False, ["debut"]),
    ],
)
def test_cap_below_the_dearest_price_it_counts_has_to_be_wanted(vote, voulu, champs):
    grilles = [midi(150), tarif(SOIR, prix=300)]

    assert [dite.champ for dite in contradictions_of_plafond(vote, grilles, MOMENTS, voulu=voulu)] == champs
