"""The town hall's menu: one entry stands for the page that is open, whatever the addresses under it."""

import pytest
from django.test import RequestFactory

from portail.menu import menu_of
from tests.factories import StaffFactory


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("adresse", "nom"),
    [
        ("/admin/", "Accueil"),
        ("/admin/facturation/mois/2026-11/", "Factures"),
        ("/admin/facturation/tarif/", "Factures"),
        ("/admin/enfance/inscription/attente/", "Attente"),
        ("/admin/enfance/ecole/", "Accueil"),
    ],
)
def test_one_entry_is_that_of_the_page(adresse, nom):
    request = RequestFactory().get(adresse)
    request.user = StaffFactory()
    assert [lien.nom for lien in menu_of(request) if lien.courant] == [nom]
