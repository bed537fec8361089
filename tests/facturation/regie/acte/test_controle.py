"""The diagnosis says what a régie that bills has not said of itself."""

from datetime import date

import pytest

from facturation.models import Nomination, Regie
from facturation.regie.acte.controle import check_regie_is_said
from surveillance.diagnostic.reglages import check_rows
from tests.facturation.grille import make_tarifs
from tests.surveillance.constater import LIEU, lines, told

pytestmark = pytest.mark.django_db


def test_diagnosis_of_a_portal_in_service_tells_what_a_town_that_bills_has_not_said(settings):
    settings.PRODUCTION = True
    assert lines(check_rows(LIEU)) == []
    make_tarifs()

    emetteur, regie = lines(check_rows(LIEU))  # in the order of their codes, whatever that of the set of Django

    assert told(emetteur)[0] == told(regie)[0] == "attention"
    assert "REGIE_SIRET" in emetteur.phrase
    assert emetteur.remede.startswith("Revoyez ce réglage dans .env")
    assert regie.remede == "Le secrétariat les écrit sur la page «\u00a0La régie\u00a0» de la mairie."


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
