"""Who is on a sheet, in which order, and what is said of each."""

from datetime import date, datetime

import pytest

from enfance.feuille import load_feuille
from enfance.models import Inscription
from portail.dates import PARIS
from tests.factories import AnneeFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
JEUDI = date(2026, 12, 10)
NOW = datetime(2026, 12, 10, 17, 0, tzinfo=PARIS)


def test_feuille_lists_by_name(django_assert_num_queries):
    AnneeFactory()
    creneaux = make_creneaux()
    lea = make_enfant()
    Inscription.objects.create(enfant=lea, jour=JEUDI, creneau=creneaux["soir"])
    with django_assert_num_queries(4):
        feuille = load_feuille(JEUDI, "", now=NOW)
    assert [ligne.nom for ligne in feuille.lignes] == ["Léa Morel"]
