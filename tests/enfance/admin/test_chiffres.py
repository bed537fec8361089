"""The page of figures of the town hall."""

from datetime import date

import pytest

from tests.factories import AnneeFactory, StaffFactory, make_creneaux

pytestmark = pytest.mark.django_db
PAGE = "/admin/enfance/inscription/chiffres/"


@pytest.fixture
def secretaire(client):
    client.force_login(StaffFactory())
    return client


def test_page_opens_on_the_month_that_runs(secretaire, time_machine):
    time_machine.move_to(date(2026, 12, 3))
    AnneeFactory()
    make_creneaux()
    assert "Décembre 2026, par classe" in secretaire.get(PAGE).text
    assert "Janvier 2027, par classe" in secretaire.get(PAGE, {"mois": "2027-01"}).text


@pytest.mark.parametrize("mois", ["2031-01", "décembre", "0000-00"])
def test_month_of_no_year_shows_the_one_that_runs(secretaire, time_machine, mois):
    time_machine.move_to(date(2026, 12, 3))
    AnneeFactory()
    response = secretaire.get(PAGE, {"mois": mois})
    assert "Décembre 2026, par classe" in response.text


def test_page_without_year_says_so(secretaire):
    assert "Aucune année scolaire n’est encore préparée." in secretaire.get(PAGE).text


def test_page_asks_the_right_to_see_inscriptions(client):
    client.force_login(StaffFactory(is_superuser=False))
    assert client.get(PAGE).status_code == 403
