"""The diagnosis says what a régie that bills has not said of itself."""

from datetime import date

import pytest

from facturation.models import Nomination, Regie
from facturation.regie.acte.controle import check_regie_is_said
from tests.facturation.grille import make_tarifs

pytestmark = pytest.mark.django_db


def test_town_that_bills_is_told_until_it_has_said_its_regie(settings):
    assert check_regie_is_said(None) == []  # it bills nothing
    make_tarifs()

    (dit,) = check_regie_is_said(None)
    assert (dit.id, dit.msg) == (
        "portail.W012",
        "La régie\u00a0: son acte n’est pas dit et personne n’est nommé aujourd’hui\u202f; les reçus portent le nom "
        "des réglages des factures.",
    )
    Regie.objects.create(acte="Arrêté 2026-12", acte_du=date(2026, 1, 1))
    Nomination.objects.create(nom="Hélène Garnier", fonction="titulaire", debut=date(2020, 1, 1))

    assert check_regie_is_said(None) == []
    Nomination.objects.all().delete()
    settings.ENCAISSEMENT = "titre"
    assert check_regie_is_said(None) == []
