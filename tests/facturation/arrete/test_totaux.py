"""What a school day costs, beside the month before: a number, or nothing where it would say nothing."""

from __future__ import annotations

import pytest

from facturation.arrete.totaux import LigneTotal


def row(montant=1200, montant_avant=1000, jours=10, jours_avant=10, *, par_jour=True):
    return LigneTotal("Midi", 12, montant, 10, montant_avant, jours, jours_avant, par_jour)


@pytest.mark.parametrize(
    ("ligne", "par_jour", "par_jour_avant", "ecart"),
    [
        (row(), 120, 100, 20),
        (row(1200, 1000, jours=12, jours_avant=8), 100, 125, -20),
        (row(1005, 1000), 101, 100, 1),  # half a cent goes up, half a per cent too
        (row(montant_avant=None), 120, None, None),
        (row(montant_avant=0), 120, 0, None),
        (row(jours=0), None, 100, None),
        (row(jours_avant=0), 120, None, None),
        (row(par_jour=False), None, None, None),
    ],
)
def test_amounts_of_a_school_day_are_compared(ligne, par_jour, par_jour_avant, ecart):
    assert (ligne.par_jour, ligne.par_jour_avant, ligne.ecart) == (par_jour, par_jour_avant, ecart)
