"""The figures of money on their page: pictures and tables say the same, each table is a file."""

import pytest

from tests.facturation.chiffres import make_annee
from tests.reading import html_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/facturation/chiffres/"


@pytest.fixture
def annee(db):
    return make_annee()


def test_page_shows_pictures_and_tables(mairie, annee):
    page = html_of(mairie.get(PAGE))

    assert page.count('<svg class="graphe') == 3
    assert '<th scope="row">Octobre 2026</th><td><span class="m">1,20 €</span></td>' in page
    assert '<th scope="row">De 600 à 859</th>' in page
    assert "Partagée entre deux payeurs, elle compte une fois" in page


def test_figures_of_bookings_lead_to_those_of_money(mairie, annee):
    assert f'<a class="btn btn--3" href="{PAGE}">Les factures en chiffres</a>' in html_of(
        mairie.get("/admin/enfance/inscription/chiffres/")
    )


def test_year_without_a_closed_month_says_so(mairie):
    assert "Aucun mois n’est encore arrêté cette année." in html_of(mairie.get(PAGE))


@pytest.mark.parametrize(
    ("tableau", "premiere"),
    [
        ("mois", "Octobre 2026;1,20;1,95;0,00;-0,20;2,95"),
        ("paye", "Octobre 2026;3,15;3,15;0,00;0,00"),
        ("tranches", "De 600 à 859;1;1;1,95"),
    ],
)
def test_each_table_is_a_file(mairie, annee, tableau, premiere):
    response = mairie.get(f"{PAGE}tableau/?tableau={tableau}&format=csv")

    assert response.content.decode().splitlines()[1] == premiere
    assert mairie.get(f"{PAGE}tableau/?tableau={tableau}&format=xlsx").status_code == 200


@pytest.mark.parametrize("query", ["?tableau=autre", "?format=pdf"])
def test_table_that_does_not_exist_is_not_found(mairie, annee, query):
    assert mairie.get(f"{PAGE}tableau/{query}").status_code == 404
