"""Small numbers are hidden, and those by which they would be found: whoever knows the totals is left with a doubt."""

from __future__ import annotations

from random import Random

import pytest

from facturation.essai_regle.masque import SEUIL, Cache, Effectif, voiler

PEU, AUTRE = Cache.PEU, Cache.AUTRE


def possibles_of(lignes, voile):
    """Of each hidden row, what it may be for whoever reads this table: those of its reason, and of its families if they
    are said.
    """
    total = sum(ligne.familles for ligne, raison in zip(lignes, voile.raisons, strict=True) if raison)
    possibles = []
    for ligne, raison in zip(lignes, voile.raisons, strict=True):
        if raison:
            tailles = [ligne.familles] if voile.avec_familles else range(1, total + 1)
            siens = [Effectif(n, taille) for taille in tailles for n in range(taille + 1)]
            possibles.append([un for un in siens if (min(un) < SEUIL) == (raison == PEU)])
    return possibles


def reachable(possibles):
    """All the sums that these rows may have together."""
    sommes = {(0, 0)}
    for siens in possibles:
        sommes = {(t + un.touchees, f + un.familles) for t, f in sommes for un in siens}
    return sommes


def worlds(lignes, voile):
    """Of each hidden row, all that it is in some table that has the same totals."""
    cachees = [ligne for ligne, raison in zip(lignes, voile.raisons, strict=True) if raison]
    touchees, familles = sum(un.touchees for un in cachees), sum(un.familles for un in cachees)
    possibles = possibles_of(lignes, voile)
    mondes = []
    for rang, siens in enumerate(possibles):
        autres = reachable(possibles[:rang] + possibles[rang + 1 :])
        mondes.append([un for un in siens if (touchees - un.touchees, familles - un.familles) in autres])
    return mondes


def assert_in_doubt(lignes):
    voile = voiler(lignes)
    if voile is None or not any(voile.raisons):
        return voile
    for mondes in worlds(lignes, voile):
        assert len({un.touchees for un in mondes}) > 1, (lignes, voile)
        if not voile.avec_familles:
            assert len({un.familles for un in mondes}) > 1, (lignes, voile)
    return voile


@pytest.mark.parametrize("seed", range(6))
def test_no_hidden_number_can_be_derived_from_the_totals(seed):
    hasard = Random(seed)
    for _ in range(40):
        lignes = []
        for _ in range(hasard.randint(2, 4)):
            familles = hasard.choice([hasard.randint(1, 6), hasard.randint(5, 8)])
            lignes.append(Effectif(min(familles, hasard.choice([0, 1, 4, 5, hasard.randint(0, familles)])), familles))
        voile = assert_in_doubt(lignes)

        if voile is not None:
            shown = [ligne for ligne, raison in zip(lignes, voile.raisons, strict=True) if raison is None]
            assert all(ligne.touchees >= SEUIL and ligne.familles >= SEUIL for ligne in shown) or len(lignes) == 1


def test_row_under_five_takes_another_with_it():
    lignes = [Effectif(18, 48), Effectif(24, 71), Effectif(11, 66), Effectif(5, 38), Effectif(3, 17)]

    assert voiler(lignes).raisons == (None, None, None, AUTRE, PEU)


def test_rows_under_five_that_hide_each_other_take_nobody():
    assert voiler([Effectif(20, 30), Effectif(2, 20), Effectif(3, 20)]).raisons == (None, PEU, PEU)


def test_two_rows_at_their_bounds_are_not_enough():
    """Four and four can only be eight in one way."""
    assert voiler([Effectif(20, 30), Effectif(4, 20), Effectif(4, 20)]).raisons == (AUTRE, PEU, PEU)


def test_number_of_families_under_five_is_hidden_too():
    voile = voiler([Effectif(20, 30), Effectif(9, 20), Effectif(3, 4)])

    assert (voile.raisons, voile.avec_familles) == ((None, AUTRE, PEU), False)


def test_nothing_is_shown_when_all_could_be_derived():
    assert voiler([Effectif(4, 9), Effectif(4, 9)]) is None


def test_rows_of_many_and_one_row_alone_are_shown():
    assert voiler([Effectif(5, 9), Effectif(6, 9)]).raisons == (None, None)
    assert voiler([Effectif(2, 9)]).raisons == (None,)
