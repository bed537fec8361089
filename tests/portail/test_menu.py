"""The town hall's menu: one entry stands for the page that is open, whatever the addresses under it."""

import pytest

from tests.clients import Client
from tests.factories import AnneeFactory, StaffFactory


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("adresse", "nom"),
    [
        ("/admin/", "Accueil"),
        ("/admin/facturation/mois/2026-11/", "Factures"),
        ("/admin/facturation/tarif/", "Factures"),
        ("/admin/enfance/inscription/attente/", "Liste d’attente"),
        ("/admin/enfance/ecole/", "Accueil"),
    ],
)
def test_one_entry_is_that_of_the_page(adresse, nom):
    AnneeFactory()
    client = Client()
    client.force_login(StaffFactory())

    menu = client.get(adresse).context["menu_mairie"]

    assert [lien.nom for lien in menu if lien.courant] == [nom]
