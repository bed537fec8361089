"""What a box may say of its price before it is ticked, and where nothing is said."""

from datetime import date

import pytest

from facturation.prix.fixes import PrixFixe, PrixFixes
from facturation.prix.mois import PartPayeur
from tests.facturation.bareme import (
    AUTRE,
    FOYER,
    LEA,
    LUNDI,
    MARDI,
    MATIN,
    MIDI,
    SOIR,
    TOM,
    contexte,
    midi,
    rangs_of,
    soir_tranche,
    tarif,
)


def said(regles, enfant=LEA, creneau=MIDI, jour=LUNDI, surs=()):
    prix = PrixFixes(regles, FOYER, [LEA, TOM], surs).of(enfant, jour, creneau)
    return prix and prix.centimes


def test_price_of_a_seance_and_of_a_tranche():
    regles = contexte(midi(80), soir_tranche(65))
    prix = PrixFixes(regles, FOYER, [LEA, TOM])

    assert prix.of(LEA, LUNDI, MIDI) == PrixFixe(80)
    assert prix.of(TOM, LUNDI, SOIR) == PrixFixe(65, minutes=30)
    assert prix.of(TOM, LUNDI, MATIN) is None  # no tariff


def test_price_of_who_comes_alone_says_so():
    assert PrixFixes(contexte(midi(80, base="presence")), FOYER, [LEA]).of(LEA, LUNDI, MIDI) == PrixFixe(80, None, True)


def test_price_is_that_of_the_quotient_and_of_the_day():
    avant, depuis = midi(80, inconnu=120), midi(90, cle=9, debut=MARDI)

    assert said(contexte(avant)) == 80
    assert said(contexte(avant, quotients={})) == 120
    assert said(contexte(avant, depuis), jour=MARDI) == 90


def test_rank_is_a_price_once_the_elder_is_sure():
    regles = contexte(midi(0, lignes=rangs_of(120, 105)))

    assert said(regles, LEA) == 120
    assert said(regles, TOM) is None
    assert said(regles, TOM, surs=[LEA]) == 105
    assert said(contexte(midi(0, lignes=rangs_of(120, 120))), TOM) == 120


@pytest.mark.parametrize(
    "grille",
    [
        {"fratrie": True},
        {"unite": "mois"},
        {"par_jour": True, "creneaux": frozenset({MATIN, MIDI, SOIR})},
        {"lignes": ()},
    ],
)
def test_price_that_another_tick_changes_is_not_said(grille):
    assert said(contexte(midi(100, **grille))) is None


def test_price_of_a_day_that_takes_one_creneau_is_said():
    assert said(contexte(midi(100, par_jour=True), tarif(SOIR))) == 100


def test_shared_price_is_not_said_while_it_is_shared():
    parts = [PartPayeur(foyer, 50, None, LUNDI) for foyer in (FOYER, AUTRE)]
    regles = contexte(midi(80), partages={LEA: parts})

    assert said(regles) is None
    assert said(regles, TOM) == 80
    assert said(regles, jour=MARDI) == 80
    assert said(regles, jour=date(2026, 11, 5)) == 80
