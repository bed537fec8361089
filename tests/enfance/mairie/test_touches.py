"""Whom a change of the town hall's touches."""

from __future__ import annotations

from datetime import date

import pytest

from enfance.mairie.touches import enfants_touches, touches_of
from enfance.models import Inscription
from tests.factories import AnneeFactory, ResponsableFactory, ScolariteFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("jour", "classe"),
    [(date(2026, 12, 7), "CE1-CE2 Mme Sorbier"), (date(2027, 9, 6), "CE2"), (date(2026, 8, 31), "Sans classe")],
)
def test_class_is_that_of_the_day_when_the_next_year_is_prepared(jour, classe):
    camille = ResponsableFactory()
    lea = make_enfant(camille)
    suivante = AnneeFactory(debut=date(2027, 9, 2), fin=date(2028, 7, 3), conges=None)
    ScolariteFactory(enfant=lea, annee=suivante, niveau="CE2", classe=None)
    ligne = Inscription(enfant=lea, jour=jour, creneau=make_creneaux()["soir"], foyer=camille.foyer)

    assert touches_of([ligne]).classes == ((classe, (1,)),)
    assert [touche.classe for touche in enfants_touches([ligne])] == [classe]


def test_child_of_two_years_is_counted_in_the_class_of_each_day():
    camille = ResponsableFactory()
    lea, soir = make_enfant(camille), make_creneaux()["soir"]
    suivante = AnneeFactory(debut=date(2027, 9, 2), fin=date(2028, 7, 3), conges=None)
    ScolariteFactory(enfant=lea, annee=suivante, niveau="CE2", classe=None)
    jours = (date(2027, 6, 28), date(2027, 9, 6), date(2027, 9, 7))

    touches = touches_of([Inscription(enfant=lea, jour=jour, creneau=soir, foyer=camille.foyer) for jour in jours])

    assert touches.classes == (("CE1-CE2 Mme Sorbier", (1,)), ("CE2", (2,)))
