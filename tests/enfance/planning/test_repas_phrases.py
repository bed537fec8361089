"""What a save tells to settle with the canteen: one sentence for all the children."""

from __future__ import annotations

from datetime import date

import pytest

from enfance.models import Creneau, Evenement, Inscription
from enfance.planning.historique import repas_phrases

NOMS = {1: "Léa", 2: "Tom", 3: "Zoé", 4: "Anna"}
JEUDI = date(2026, 12, 3)
Etat = Inscription.Etat


def midi(enfant: int, jour: int, *, voulu: str = Etat.INSCRIT, commande: bool = False) -> Evenement:
    """The change of a lunch break in December 2026; `commande`: its meal is ordered already."""
    avant = Etat.ANNULEE if voulu == Etat.INSCRIT else Etat.INSCRIT
    creneau = Creneau(code="midi", moment="midi", nom="Midi")
    evenement = Evenement(enfant_id=enfant, jour=date(2026, 12, jour), creneau=creneau, avant=avant, apres=voulu)
    evenement.repas = commande
    return evenement


@pytest.mark.parametrize(
    ("evenements", "phrases"),
    [
        ([midi(1, 8)], ["Pensez à commander le repas de Léa (mardi 8)"]),
        ([midi(2, 8), midi(1, 8)], ["Pensez à commander les repas de Léa et de Tom (mardi 8)"]),
        (
            [midi(enfant, jour) for enfant in NOMS for jour in (8, 10)],
            ["Pensez à commander les repas de Léa, de Tom, de Zoé et d’Anna (mardi 8 et jeudi 10)"],
        ),
        (
            [midi(1, 8), midi(2, 8), midi(2, 10), midi(3, 8)],
            ["Pensez à commander les repas de Léa et de Zoé (mardi 8) et de Tom (mardi 8 et jeudi 10)"],
        ),
        (
            [midi(1, 8, voulu=Etat.ANNULEE), midi(2, 8, voulu=Etat.ANNULEE), midi(2, 10)],
            ["Pensez à commander le repas de Tom (jeudi 10)", "Pensez à annuler les repas de Léa et de Tom (mardi 8)"],
        ),
        (
            [midi(1, 8, commande=True), midi(2, 10, commande=True)],
            ["Les repas de Léa (mardi 8) et de Tom (jeudi 10) sont déjà commandés"],
        ),
        ([], []),
    ],
)
def test_one_sentence_tells_the_meals_of_all_the_children(evenements, phrases):
    assert repas_phrases(evenements, NOMS, JEUDI) == phrases
