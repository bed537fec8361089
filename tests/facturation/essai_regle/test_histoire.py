"""A history lived again under other limits: a parent's tick is judged when it was saved, the town's hand never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from facturation.essai_regle.histoire import Acte, IssueRejouee, LimitesEssayees, rejouer

LIMITE = datetime(2026, 11, 3, 11, tzinfo=UTC)
TOT, PILE, TARD = LIMITE - timedelta(seconds=1), LIMITE, LIMITE + timedelta(hours=2)
SUPPLEMENT = LimitesEssayees(supplement=LIMITE)
DEUX = LimitesEssayees(None, LIMITE, LIMITE)


def parent(quand, avant, apres):
    return Acte(quand, True, avant, apres)


def autre(quand, avant, apres):
    return Acte(quand, False, avant, apres)


@pytest.mark.parametrize(("quand", "tardive"), [(TOT, False), (PILE, True), (TARD, True)])
def test_inscription_is_late_from_the_instant_of_the_limit(quand, tardive):
    assert rejouer([parent(quand, "", "inscrit")], SUPPLEMENT) == IssueRejouee(True, tardive)


def test_town_closure_and_waiting_list_are_never_late():
    assert rejouer([autre(TARD, "", "inscrit")], SUPPLEMENT) == IssueRejouee(True, False)
    assert rejouer([parent(TOT, "", "attente"), autre(TARD, "attente", "inscrit")], SUPPLEMENT) == IssueRejouee(
        True, False
    )
    rouvert = [parent(TOT, "", "inscrit"), autre(TOT, "inscrit", "annulee"), autre(TARD, "annulee", "inscrit")]
    assert rejouer(rouvert, SUPPLEMENT) == IssueRejouee(True, False)


def test_last_tick_counts():
    deux_fois = [parent(TOT, "", "inscrit"), parent(TOT, "inscrit", "annulee"), parent(TARD, "annulee", "inscrit")]

    assert rejouer(deux_fois, SUPPLEMENT) == IssueRejouee(True, True)


def test_late_inscription_is_refused_past_the_last_limit():
    derniere = LimitesEssayees(supplement=TOT, inscription=LIMITE)

    assert rejouer([parent(TOT, "", "inscrit")], derniere) == IssueRejouee(True, True)
    assert rejouer([parent(TARD, "", "inscrit")], derniere) == IssueRejouee(False, False)


def test_refused_cancellation_leaves_the_place():
    annulee = [parent(TOT, "", "inscrit"), parent(TARD, "inscrit", "annulee")]

    assert rejouer(annulee) == IssueRejouee(False, False)
    assert rejouer(annulee, DEUX) == IssueRejouee(True, False)
    assert rejouer([*annulee, parent(TARD, "annulee", "inscrit")], DEUX) == IssueRejouee(True, False)


def test_cancelling_what_was_refused_changes_nothing():
    assert rejouer([parent(TARD, "", "inscrit"), parent(TARD, "inscrit", "annulee")], DEUX) == IssueRejouee(
        False, False
    )


def test_place_from_a_list_that_was_joined_too_late_is_not_given():
    assert rejouer([parent(TARD, "", "attente"), autre(TARD, "attente", "inscrit")], DEUX) == IssueRejouee(False, False)


def test_town_that_cancels_is_obeyed_even_where_the_parent_was_not():
    partie = [parent(TOT, "", "inscrit"), autre(TARD, "inscrit", "annulee")]

    assert rejouer(partie, DEUX) == IssueRejouee(False, False)


def test_history_whose_beginning_is_purged_begins_as_it_says():
    assert rejouer([parent(TARD, "inscrit", "annulee")], DEUX) == IssueRejouee(True, False)
